#!/usr/bin/env python3
"""What escalation adds to a request that violates the policy: the lookup of the user's counted risk, and the charge.

  escalation.py HOSTFENCE [--events 60000] [--rounds 7]

`hostfence replay` judges a log of creates of pods on the node's network, each another pod, with and without
`risk.escalation`, in turn. The difference by event is what escalation adds; medians over the rounds. One log has one user,
who has as many charges within the window as a server remembers; the other has 1,000 users.
"""

import argparse
import json
import pathlib
import resource
import statistics
import subprocess
import tempfile
import time

POLICY = "apiVersion: hostfence.dev/v1\nkind: Policy\nmode: warn\n"
ESCALATION = "risk:\n  escalation: {above: 1000, window: 720h}\n"
# Denials too are findings, and not what is measured.
OPTIONS = ["--fail-on", "never", "--threads", "1", "--output", "json=/dev/null"]


def event(number, users):
    name = f"pod-{number}"
    second, microsecond = divmod(number * 1_000, 1_000_000)
    stamp = time.strftime(f"2026-10-01T%H:%M:%S.{microsecond:06d}Z", time.gmtime(second))
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "ns", "uid": f"uid-{number}"},
           "spec": {"hostNetwork": True, "containers": [{"name": "c", "image": "registry.example.com/api:1"}]}}
    return {"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse", "auditID": f"id-{number}",
            "stage": "ResponseComplete", "verb": "create", "requestURI": "/api/v1/namespaces/ns/pods",
            "user": {"username": f"user-{number % users}"}, "sourceIPs": ["192.0.2.1"],
            "objectRef": {"resource": "pods", "namespace": "ns", "name": name, "apiVersion": "v1"},
            "responseStatus": {"code": 201}, "requestObject": pod, "responseObject": pod,
            "requestReceivedTimestamp": stamp, "stageTimestamp": stamp}


def microseconds(hostfence, policy, log):
    """CPU that one replay takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([hostfence, "replay", "--policy", policy, *OPTIONS, log], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e6


def require_escalation(hostfence, policy, log, users, count):
    """Fails unless all requests but the first of each user are denied: a fast wrong answer is no result."""
    report = subprocess.run([hostfence, "replay", "--policy", policy, *OPTIONS[:-1], "csv", log], check=True,
                            capture_output=True, text=True).stdout
    # 21 charges of 49 are above 1,000, with the request after them as the first to be denied.
    wanted = sum(max(0, count // users + (user < count % users) - 21) for user in range(users))
    found = report.count(",escalation,")
    if found != wanted:
        raise SystemExit(f"escalation.py: {found} denials by escalation, should be {wanted}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hostfence")
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    print("| users | a request without, µs of CPU | escalation adds, µs | ratio |")
    print("|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory(prefix="hostfence-escalation-") as name:
        folder = pathlib.Path(name)
        (folder / "without.yaml").write_text(POLICY)
        (folder / "with.yaml").write_text(POLICY + ESCALATION)
        for users in (1, 1_000):
            log = folder / f"audit-{users}.jsonl"
            with open(log, "w") as output:
                for number in range(options.events):
                    output.write(json.dumps(event(number, users), separators=(",", ":")) + "\n")
            require_escalation(options.hostfence, folder / "with.yaml", log, users, options.events)
            differences, bases = [], []
            for _ in range(options.rounds):
                base = microseconds(options.hostfence, folder / "without.yaml", log)
                differences.append((microseconds(options.hostfence, folder / "with.yaml", log) - base) / options.events)
                bases.append(base / options.events)
            base, added = statistics.median(bases), statistics.median(differences)
            print(f"| {users:,} | {base:.1f} | {added:.2f} | {added / base:.2f} |", flush=True)


if __name__ == "__main__":
    main()
