"""Records of a Data Catalog table that a crawler made of JSON files on S3.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html

Of an export of DynamoDB, a line is one record with one field `Item`, whose values are structs of type tag and text:
`{"Item": {"id": {"N": "1"}}}`. So a number is a text, a set an array of texts, binary its base64 text, and NULL the
boolean true (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html). Inferred: the
records keep the spelling of the names in the files, though the crawler writes them in lower case.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

from .dynamicframe import Record


def read(database: str, table_name: str) -> Iterator[Record]:
    """Read all files below the table's location.

    Args:
        database: of the Data Catalog.
        table_name: the table.

    Raises:
        ValueError: it is no table of JSON files.
    """
    import boto3

    table = boto3.Session().client("glue").get_table(DatabaseName=database, Name=table_name)["Table"]
    classification = table.get("Parameters", {}).get("classification")
    if classification != "json":
        raise ValueError(f"table {database}.{table_name} has the classification {classification}, not json")
    bucket, _, prefix = str(table["StorageDescriptor"]["Location"]).removeprefix("s3://").partition("/")
    s3 = boto3.Session().client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for found in page.get("Contents", ()):
            yield from _records(s3, bucket, str(found["Key"]))


def _records(s3: Any, bucket: str, key: str) -> Iterator[Record]:
    content = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    text = gzip.decompress(content) if key.endswith(".gz") else content
    for line in text.splitlines():
        if line.strip():
            yield json.loads(line)
