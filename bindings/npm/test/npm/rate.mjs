/** What an entry with every operation is asked beside the receipts, and what that of a shop's page is asked. */
const EVERY = ["rate.parse", { text: "3.5%" }];
export const PAGE = ["split.allocate", { amount: 4, weights: [1, 3, 3] }];

/** A thousand receipts, rated one by one and as a batch, and a request; what every host must answer alike. */
export function rate({ Program, call }, request = EVERY) {
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
  const line = program.award(receipts[7]).explain("id").line;
  return JSON.stringify({ differs, awards, counters, line, called: call(...request) });
}
