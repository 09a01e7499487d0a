"""Tests policy files and their documentation. Usage: run.py ROOT HOSTFENCE FOLDER [--update]

FOLDER is empty and may be filled. With --update, outputs in docs/policy.md that are not as printed are replaced.
Exit code 0 when all is as it must be, 1 when something is not.
"""

import json
import pathlib
import sys

from binary import Binary
from examples import Examples
from random_policies import RandomPolicies
from schema import Schema

FAILURES_SHOWN = 20


def main(root, hostfence, folder, update=""):
    work = pathlib.Path(folder)
    binary = Binary(hostfence, work)
    schema = Schema(json.loads(binary.output("policy", "schema")))
    examples = Examples(pathlib.Path(root).resolve(), binary, schema, work)
    examples.run()
    if update == "--update":
        print(f"{examples.update()} outputs of docs/policy.md replaced")
        return 0
    policies = RandomPolicies(binary, schema, work)
    policies.run()
    failures = examples.failures + policies.failures
    for failure in failures[:FAILURES_SHOWN]:
        print(f"NOT OK  {failure}")
    if len(failures) > FAILURES_SHOWN:
        print(f"NOT OK  and {len(failures) - FAILURES_SHOWN} more")
    told, made = examples.counts, policies.counts
    print(f"{told['accepted']} examples accepted, {told['broken']} refused, {told['beyond']} refused beyond the schema, "
          f"{told['commands']} commands as printed; {made['policies']} random policies, {made['accepted']} good and "
          f"{made['refused']} bad: {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
