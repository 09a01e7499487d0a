"""The analytic's table by DuckDB. Usage: peer_duckdb.py LOG (plain or .gz); prints the rows as JSON arrays."""
import json
import sys

import duckdb

COLUMNS = {
    "kind": "VARCHAR",
    "stage": "VARCHAR",
    "verb": "VARCHAR",
    "userAgent": "VARCHAR",
    "sourceIPs": "VARCHAR[]",
    "user": "STRUCT(username VARCHAR, groups VARCHAR[])",
    "objectRef": "STRUCT(resource VARCHAR, namespace VARCHAR, name VARCHAR)",
    "responseStatus": "STRUCT(code INTEGER)",
    "requestObject": "JSON",
}

# Only the columns named are built; what is unnamed is skipped while parsing. A missing value is 0 (fillnull).
QUERY = """
WITH events AS (
  SELECT *, json_extract_string(
    requestObject, '$.metadata.annotations."kubectl.kubernetes.io/last-applied-configuration"') AS applied
  FROM read_ndjson(?, maximum_object_size = 67108864, columns = ?)
  WHERE objectRef.resource = 'pods' AND verb IN ('create', 'update') AND contains(applied, '"hostNetwork":true')
), addressed AS (SELECT *, unnest(coalesce(sourceIPs, ['0'])) AS address FROM events)
SELECT
  count(*), coalesce(kind, '0'), coalesce(objectRef.name, '0'), coalesce(objectRef.namespace, '0'), objectRef.resource,
  coalesce(requestObject->>'kind', '0'), coalesce(responseStatus.code, 0), address, coalesce(stage, '0'),
  coalesce("user".username, '0'), coalesce(userAgent, '0'), verb, applied,
  list_sort(list_distinct(flatten(list(coalesce("user".groups, ['0'])))))
FROM addressed
GROUP BY ALL
"""

for row in duckdb.execute(QUERY, [sys.argv[1], COLUMNS]).fetchall():
    print(json.dumps(row))
