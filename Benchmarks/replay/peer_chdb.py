"""The analytic's table by ClickHouse in this process (chdb). Usage: peer_chdb.py LOG (plain or .gz); prints the rows
as JSON arrays."""
import os
import sys

import chdb

APPLIED = "line, 'requestObject', 'metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'"


def text(*path: str) -> str:
    """The text at a path of the line; a missing value is 0 (fillnull)."""
    steps = ", ".join(f"'{step}'" for step in path)
    return f"if(JSONHas(line, {steps}), JSONExtractString(line, {steps}), '0')"


def texts(*path: str) -> str:
    steps = ", ".join(f"'{step}'" for step in path)
    return f"if(JSONLength(line, {steps}) > 0, JSONExtract(line, {steps}, 'Array(String)'), ['0'])"


# The lines that do not mention hostNetwork are not parsed.
QUERY = f"""
SELECT
  count(), {text("kind")}, {text("objectRef", "name")}, {text("objectRef", "namespace")},
  JSONExtractString(line, 'objectRef', 'resource') AS resource, {text("requestObject", "kind")},
  JSONExtractInt(line, 'responseStatus', 'code'), arrayJoin({texts("sourceIPs")}), {text("stage")},
  {text("user", "username")}, {text("userAgent")}, JSONExtractString(line, 'verb') AS verb,
  JSONExtractString({APPLIED}) AS applied, arraySort(groupUniqArrayArray({texts("user", "groups")}))
FROM file('{os.path.abspath(sys.argv[1])}', LineAsString, 'line String')
WHERE position(line, 'hostNetwork') > 0 AND verb IN ('create', 'update') AND resource = 'pods'
  AND position(applied, '"hostNetwork":true') > 0
GROUP BY 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
"""

print(chdb.query(QUERY, "JSONCompactEachRow"), end="")
