#!/usr/bin/env python3
"""How many risk events a ledger keeps durably in a second, and how long its reports take, beside the bare engine.

  ledger.py HOSTFENCE [--events 1000000] [--seconds 5]

Into an SQLite file and into a PostgreSQL database on this machine, every commit on the disk:

- *imported*: `hostfence risk import`, 1,000 events in a transaction. The floor is a loop of the engine's own shell that
  INSERTs as many rows of the same bytes, with the same commits, into a table with a primary key and nothing else.
- *served*: denied reviews over TLS from 64 connections of wrk, each answered when its risk event is durable; those who wait
  share a transaction (group commit).

Reports are of two ledgers: in one 2 % of the events count and the rest are what controllers derived, as in a cluster; in the
other every event counts. Medians of their times; the search for incidents is one that finds none, so that nothing is listed.
Reports of PostgreSQL are measured after a VACUUM, which its autovacuum makes by itself within minutes of so many INSERTs.
Fails where a goal is missed: GOALS below.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "serve"))
from reviews import WORK, denied_pod
from serve import Load
from servers import Hostfence, make_certificates

BATCH = 1_000
PODS = 48
REPEATS = 5
CONNECTIONS = 64
AS_IN_A_CLUSTER, ALL_COUNT = "2 % count", "all count"
SEARCH = "search for incidents, all"
# Events a second at least, by engine; milliseconds of a search for incidents among a million events at most, as a cluster
# has them. Where all of them count, the search has to add up a million scores, and takes what it takes.
GOALS = {"SQLite": 5_000, "PostgreSQL": 2_000}
SEARCH_MILLISECONDS = 100


def counting_events(count):
    """Pods of 300 users over 30 days, as `risk export` writes them; each counts."""
    for number in range(count):
        second = number * 30 * 86_400 // count
        yield event(number, f"user-{number % 300}", f"ns-{number % 50}", "Pod", f"p{number}", None, second)


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
        self.place = f"postgres://hostfence@{str(folder).replace('/', '%2F')}"
        self.program = programs / "psql"
        for _ in range(300):
            if subprocess.run([*self.psql("postgres"), "-c", "SELECT 1"], capture_output=True, check=False).returncode == 0:
                return
            time.sleep(0.1)
        raise SystemExit("ledger.py: PostgreSQL does not start")

    def psql(self, database):
        return [self.program, "--no-psqlrc", "-q", f"--dbname={self.place}/{database}"]

    def make_database(self, name):
        """Makes a database, and gives the URL of the ledger in it."""
        subprocess.run([*self.psql("postgres"), "-c", f"CREATE DATABASE {name}"], check=True)
        return f"{self.place}/{name}"

    def vacuum(self, *databases):
        for database in databases:
            subprocess.run([*self.psql(database), "-c", "VACUUM ANALYZE risk_event"], check=True)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def write_events(path, all_events):
    with open(path, "w") as output:
        for one in all_events:
            output.write(json.dumps(one, separators=(",", ":")) + "\n")
    return path


def import_rate(hostfence, ledger, lines, count):
    """Events that are imported in a second."""
    return count / timed([hostfence, "risk", "import", "--ledger", ledger, lines])


def report_times(hostfence, ledger):
    """The times of reports in milliseconds."""
    reports = {
        SEARCH: ["incidents", "--threshold", "1000000000", "--output", "csv"],
        "incidents, all": ["incidents", "--output", "csv"],
        "incidents, last day": ["incidents", "--since", "2026-10-29", "--output", "csv"],
        "objects, all": ["objects", "--output", "csv"],
        "page, last week": ["incidents", "--since", "2026-10-23", "--output", "html"],
    }
    return {name: statistics.median(timed([hostfence, "risk", *arguments, "--ledger", ledger])
                                    for _ in range(REPEATS)) * 1_000
            for name, arguments in reports.items()}


def served_rate(hostfence, ledger, context, seconds):
    """Denied reviews that are answered in a second; fails unless each is an event of the ledger."""
    server, load, review = Hostfence(hostfence, ledger, context, []), Load(seconds, []), denied_pod()
    server.start(review)
    try:
        rate = load.put_on(server, review, CONNECTIONS).rate
    finally:
        server.stop()
    listed = subprocess.run([hostfence, "risk", "events", "--output", "csv", "--ledger", ledger], check=True,
                            stdout=subprocess.PIPE).stdout
    if (recorded := listed.count(b"\n") - 1) < (answered := load.denied[server.name]):
        raise SystemExit(f"ledger.py: {answered} reviews were answered, the ledger has {recorded} events")
    return rate


def floor_rate(command, source, count):
    """Rows a second that the engine's own shell INSERTs."""
    with open(source) as statements:
        return count / timed(command, stdin=statements)


def print_table(head, rows):
    print(f"| {' | '.join(head)} |")
    print(f"|---|{'---:|' * (len(head) - 1)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print()


def missed_goals(rates, times):
    """What is not as GOALS want it, in words."""
    missed = [f"{engine}: {rate:,.0f} events/s {way}, not {GOALS[engine]:,}"
              for engine, by_way in rates.items() for way, rate in by_way.items() if rate < GOALS[engine]]
    return missed + [f"{ledger}: {found[SEARCH]:.0f} ms to search for incidents, not {SEARCH_MILLISECONDS}"
                     for ledger, found in times.items()
                     if ledger.endswith(AS_IN_A_CLUSTER) and found[SEARCH] > SEARCH_MILLISECONDS]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hostfence")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=5, help="of the load of a server")
    options = parser.parse_args()
    hostfence = str(pathlib.Path(options.hostfence).resolve())
    WORK.mkdir(parents=True, exist_ok=True)
    context = make_certificates(hostfence)
    with tempfile.TemporaryDirectory(prefix="hostfence-ledger-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        derived = write_events(folder / "derived.jsonl", events(options.events))
        counting = write_events(folder / "counting.jsonl", counting_events(options.events))
        floor_count = min(options.events, 100_000)
        write_inserts(derived, folder / "floor.sql", floor_count)
        database = folder / "postgres"
        database.mkdir()
        postgres = PostgreSQL(database)
        make_floor = "CREATE TABLE floor (id TEXT PRIMARY KEY, event TEXT)"
        floors, rates, times = {}, {}, {}
        try:
            for engine, ledger, floor in [
                ("SQLite", lambda name: f"sqlite:{folder}/{name}.sqlite",
                 ["sqlite3", "-cmd", f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {make_floor}",
                  folder / "floor.sqlite"]),
                ("PostgreSQL", postgres.make_database, [*postgres.psql("postgres"), "-c", make_floor, "-f", "-"]),
            ]:
                floors[engine] = floor_rate(floor, folder / "floor.sql", floor_count)
                ledgers = {f"{engine}, {AS_IN_A_CLUSTER}": (ledger("derived"), derived),
                           f"{engine}, {ALL_COUNT}": (ledger("counting"), counting)}
                by_ledger = {title: import_rate(hostfence, url, lines, options.events)
                             for title, (url, lines) in ledgers.items()}
                rates[engine] = {"imported": min(by_ledger.values()),
                                 "served": served_rate(hostfence, ledger("served"), context, options.seconds)}
                if engine == "PostgreSQL":
                    postgres.vacuum("derived", "counting")
                times |= {title: report_times(hostfence, url) for title, (url, _) in ledgers.items()}
        finally:
            postgres.stop()
    print(f"{options.events:,} events, every commit durable; {BATCH:,} in a transaction, or what {CONNECTIONS} connections "
          "wait for")
    print_table(["engine", "imported events/s", "bare INSERTs/s", "ratio", "served events/s"],
                [[engine, f"{found['imported']:,.0f}", f"{floors[engine]:,.0f}",
                  f"{found['imported'] / floors[engine]:.2f}", f"{found['served']:,.0f}"]
                 for engine, found in rates.items()])
    print_table(["report, the program's start included", *times],
                [[report, *(f"{found[report]:,.0f} ms" for found in times.values())]
                 for report in next(iter(times.values()))])
    if missed := missed_goals(rates, times):
        raise SystemExit("ledger.py: missed: " + "; ".join(missed))
    print("Every goal is reached.")


if __name__ == "__main__":
    main()
