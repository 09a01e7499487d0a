#!/usr/bin/env python3
"""How many risk events a ledger keeps durably in a second, and how long its reports take, beside the bare engine.

  ledger.py HOSTFENCE [--events 1000000]

Events are imported (`hostfence risk import`) into an SQLite file and into a PostgreSQL database on this machine, both with
every commit on the disk, 1,000 events in each. The floor is a loop of the engine's own shell that INSERTs as many rows of
the same bytes, with the same commits, into a table with a primary key and nothing else. Of the events 2 % count; the
rest are what controllers derived. Medians of the reports' times; the search for incidents is one that finds none, so that nothing is listed.
Reports of PostgreSQL are measured after a VACUUM, which its autovacuum makes by itself within minutes of so many INSERTs.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

BATCH = 1_000
PODS = 48
REPEATS = 5


def events(count):
    """Deployments of 300 users over 30 days, each with its ReplicaSet and pods, as `risk export` writes them."""
    number = 0
    deployment = 0
    while number < count:
        user, namespace = f"user-{deployment % 300}", f"ns-{deployment % 50}"
        second = deployment * 30 * 86_400 // max(1, count // (PODS + 2))
        for kind, name, owner in [("Deployment", f"d{deployment}", None),
                                  ("ReplicaSet", f"r{deployment}", ("Deployment", f"d{deployment}")),
                                  *(("Pod", f"p{deployment}-{pod}", ("ReplicaSet", f"r{deployment}"))
                                    for pod in range(PODS))]:
            if number == count:
                return
            yield event(number, user, namespace, kind, name, owner, second)
            number += 1
        deployment += 1


def event(number, user, namespace, kind, name, owner, second):
    controller = "system:serviceaccount:kube-system:replicaset-controller"
    requester = user if owner is None else controller
    moment = time.strftime("2026-10-%dT%H:%M:%S", time.gmtime(second))
    pointer = "/spec/hostNetwork" if kind == "Pod" else "/spec/template/spec/hostNetwork"
    return {
        "id": f"{number}:{pointer}", "time": f"{moment}.{number % 1_000_000:06d}Z", "riskObject": requester,
        "riskObjectType": "user", "riskScore": 49,
        "riskMessage": f"Kubernetes pod with host network attachment from user {requester}.",
        "threatObject": "10.0.0.5", "decision": "warn", "mode": "warn", "rule": "mode",
        "policyRevision": "0123456789ab", "deduplicationSeconds": 86_400, "introduced": True, "requestUID": str(number),
        "operation": "CREATE", "subresource": "", "apiVersion": "v1" if kind == "Pod" else "apps/v1", "kind": kind,
        "namespace": namespace, "name": name, "objectUID": f"uid-{name}", "requester": requester,
        "userGroups": ["system:authenticated"],
        "owner": owner and {"apiVersion": "apps/v1", "kind": owner[0], "name": owner[1], "uid": f"uid-{owner[1]}"},
        "pointer": pointer, "field": pointer[1:].replace("/", "."), "certainty": "certain",
        "containers": [{"name": "c", "image": "registry.example.com/team/api:1.2.3"}], "hostPorts": ["8080/TCP"],
        "aggravations": [],
    }


def timed(command, **options):
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    return time.perf_counter() - begin


def write_inserts(lines, target, count):
    """The floor's statements: as many rows, of the same bytes, with the same commits."""
    with open(lines) as source, open(target, "w") as output:
        for number, line in zip(range(count), source):
            if number % BATCH == 0:
                output.write("COMMIT;\nBEGIN;\n" if number else "BEGIN;\n")
            text = line.rstrip("\n").replace("'", "''")
            output.write(f"INSERT INTO floor VALUES ('{number}', '{text}');\n")
        output.write("COMMIT;\n")


class PostgreSQL:
    """A server of its own, which does not run as root."""

    def __init__(self, folder):
        programs = max(pathlib.Path("/usr/lib/postgresql").iterdir(), key=lambda path: int(path.name)) / "bin"
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        if user:
            shutil.chown(folder, "postgres")
        subprocess.run([*user, programs / "initdb", f"--pgdata={folder}/data", "--username=hostfence", "--auth=trust",
                        "--encoding=UTF8"], check=True, stdout=subprocess.DEVNULL)
        self.process = subprocess.Popen(
            [*user, programs / "postgres", "-D", folder / "data", "-c", "listen_addresses=", "-c",
             f"unix_socket_directories={folder}"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.url = f"postgres://hostfence@{str(folder).replace('/', '%2F')}/postgres"
        self.psql = [programs / "psql", "--no-psqlrc", "-q", f"--dbname={self.url}"]
        for _ in range(300):
            if subprocess.run([*self.psql, "-c", "SELECT 1"], capture_output=True, check=False).returncode == 0:
                return
            time.sleep(0.1)
        raise SystemExit("ledger.py: PostgreSQL does not start")

    def vacuum(self):
        subprocess.run([*self.psql, "-c", "VACUUM ANALYZE risk_event"], check=True)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def measure(hostfence, ledger, lines, count, settle):
    """Events per second of an import, and the times of reports in milliseconds; `settle` is run in between."""
    seconds = timed([hostfence, "risk", "import", "--ledger", ledger, lines])
    settle()
    reports = {
        "search for incidents, all": ["incidents", "--threshold", "1000000000", "--output", "csv"],
        "incidents, all": ["incidents", "--output", "csv"],
        "incidents, last day": ["incidents", "--since", "2026-10-29", "--output", "csv"],
        "objects, all": ["objects", "--output", "csv"],
        "page, last week": ["incidents", "--since", "2026-10-23", "--output", "html"],
    }
    times = {name: statistics.median(timed([hostfence, "risk", *arguments, "--ledger", ledger])
                                     for _ in range(REPEATS)) * 1_000
             for name, arguments in reports.items()}
    return count / seconds, times


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hostfence")
    parser.add_argument("--events", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hostfence-ledger-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        lines = folder / "events.jsonl"
        with open(lines, "w") as output:
            for one in events(options.events):
                output.write(json.dumps(one, separators=(",", ":")) + "\n")
        floor_count = min(options.events, 100_000)
        write_inserts(lines, folder / "floor.sql", floor_count)
        database = folder / "postgres"
        database.mkdir()
        postgres = PostgreSQL(database)
        try:
            rows = []
            for engine, ledger, floor in [
                ("SQLite", f"sqlite:{folder}/ledger.sqlite",
                 ["sqlite3", "-cmd", "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                  "CREATE TABLE floor (id TEXT PRIMARY KEY, event TEXT)", folder / "floor.sqlite"]),
                ("PostgreSQL", postgres.url,
                 [*postgres.psql, "-c", "CREATE TABLE floor (id TEXT PRIMARY KEY, event TEXT)", "-f",
                  folder / "floor.sql"]),
            ]:
                if engine == "SQLite":
                    with open(folder / "floor.sql") as source:
                        floor_rate = floor_count / timed(floor, stdin=source)
                else:
                    floor_rate = floor_count / timed(floor)
                settle = postgres.vacuum if engine == "PostgreSQL" else lambda: None
                rate, times = measure(options.hostfence, ledger, lines, options.events, settle)
                rows.append((engine, rate, floor_rate, times))
        finally:
            postgres.stop()
    print(f"{options.events:,} events, {BATCH:,} in a transaction, every commit durable")
    print("| engine | events/s | bare INSERTs/s | ratio |")
    print("|---|---:|---:|---:|")
    for engine, rate, floor_rate, _ in rows:
        print(f"| {engine} | {rate:,.0f} | {floor_rate:,.0f} | {rate / floor_rate:.2f} |")
    print()
    print(f"| report, the program's start included | {' | '.join(row[0] for row in rows)} |")
    print(f"|---|{'---:|' * len(rows)}")
    for report in rows[0][3]:
        print(f"| {report} | {' | '.join(f'{row[3][report]:,.0f} ms' for row in rows)} |")


if __name__ == "__main__":
    main()
