/** A thousand receipts, rated one by one and as a batch, and a request if the entry takes any; what every host must answer alike. */
export function rate({ Program, call }) {
  const program = Program.parse({ mechanism: "stopwatch", margin_class: "below_15", tier: "plus", quota: 200_000, funding: { preset: "BN-2" } });
  const receipts = Array.from({ length: 1_000 }, (_, row) => ({ total: (row * 7_919 * 131) % 1_000_000, digit: (row * 7) % 10, priorPointsMilli: (row * 104_729) % 1_200_000 }));
  const columns = program.columns(receipts.length);
  const awards = receipts.map((receipt, row) => {
    columns.total[row] = receipt.total;
    columns.column[row] = receipt.digit;
    columns.priorPointsMilli[row] = receipt.priorPointsMilli;
    const { reason, value, pointsMilli, parts } = program.award(receipt);
    return [reason, value, pointsMilli, ...parts];
  });
  const { counters } = program.awardColumns(columns);
  const differs = awards.findIndex(([reason, value], row) => value !== columns.value[row] || reason !== columns.reasonOf(row));
  const award = program.award(receipts[7]);
  const told = [award.explain("id"), program.quote(receipts[7]), program.reverse(award, [1_000, 2_000])];
  return JSON.stringify({ differs, awards, counters, told, called: call?.("rate.parse", { text: "3.5%" }) });
}
