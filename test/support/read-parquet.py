"""Reads the Parquet files named on the command line by pyarrow: one JSON object a file, its types and its rows."""

import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq

for path in sys.argv[1:]:
    table = pq.ParquetFile(path).read()
    types = {field.name: f"{field.type}{'' if field.nullable else ' not null'}" for field in table.schema}
    columns = {}
    for field in table.schema:
        column = table.column(field.name)
        if pa.types.is_timestamp(field.type):
            column = column.cast(pa.int64())
        elif pa.types.is_date(field.type):
            column = column.cast(pa.string())
        columns[field.name] = column.to_pylist()
    rows = [dict(zip(columns, values)) for values in zip(*columns.values())]
    print(json.dumps({"path": path, "types": types, "rows": rows}))
