#!/usr/bin/env python3
"""Kills everything between a request and Splunk, in random order, and looks whether anything was lost.

  chaos.py --hostfence BINARY --seconds 30 [--seed N]

A PostgreSQL, two servers that share it and deliver to a strict collector (Tests/Collector), and clients that send
reviews without a pause. Every second or so one of them is killed with SIGKILL and started again. At the end:

- every review that was answered has its risk event in the ledger, exactly once;
- every event of the ledger was received by the collector, at least once, and duplicates are equal;
- the collector found nothing wrong with any request.
"""

import argparse
import collections
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOKEN = "11111111-2222-3333-4444-555555555555"
CLIENTS = 4


def wait_until(what, seconds, holds):
    """Waits until something holds, and gives up loudly."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return
        time.sleep(0.1)
    raise SystemExit(f"chaos.py: after {seconds} s still not: {what}")


class Program:
    """A process that is started again after it was killed."""

    def __init__(self, name, command, log, announces=None, **options):
        self.name, self.command, self.log, self.announces, self.options = name, command, log, announces, options
        self.process = None
        self.kills = 0

    def start(self):
        output = open(self.log, "ab")
        begin = output.tell()
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                        **self.options)
        output.close()
        if self.announces:
            wait_until(f"{self.name} says {self.announces}", 30,
                       lambda: self.announces in self.log.read_bytes()[begin:].decode(errors="replace"))

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.kills += 1

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class PostgreSQL(Program):
    """Debian's PostgreSQL on a socket of its own, which does not run as root."""

    def __init__(self, folder):
        programs = max(pathlib.Path("/usr/lib/postgresql").iterdir(), key=lambda path: int(path.name)) / "bin"
        self.folder = folder / "postgres"
        self.folder.mkdir()
        self.user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        if self.user:
            shutil.chown(folder, "postgres")
            shutil.chown(self.folder, "postgres")
        data = self.folder / "data"
        subprocess.run([*self.user, programs / "initdb", f"--pgdata={data}", "--username=hostfence", "--auth=trust",
                        "--encoding=UTF8"], check=True, stdout=subprocess.DEVNULL)
        super().__init__("PostgreSQL",
                         [*self.user, programs / "postgres", "-D", data, "-c", "listen_addresses=", "-c",
                          f"unix_socket_directories={self.folder}"], folder / "postgres.log")
        self.psql = [*self.user, programs / "psql", "--no-psqlrc", "-qtA", f"--dbname={self.url}"]

    @property
    def url(self):
        return f"postgres://hostfence@{str(self.folder).replace('/', '%2F')}/postgres"

    def start(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            super().start()
            while self.process.poll() is None and time.monotonic() < deadline:
                if self.answers():
                    return
                time.sleep(0.1)
            # It does not start while processes of the one that was killed still hold its memory.
            time.sleep(0.3)
        raise SystemExit(f"chaos.py: PostgreSQL does not start: {self.log.read_text()[-2000:]}")

    def answers(self):
        return subprocess.run([*self.psql, "-c", "SELECT 1"], capture_output=True, check=False).returncode == 0

    def kill(self):
        # All at once, as when a machine dies; what is left of its shared memory is cleared by the next start.
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        for process in [self.process.pid, *map(int, children.stdout.split())]:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.kills += 1


def free_port():
    import socket
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Load(threading.Thread):
    """One client: reviews without a pause, to whichever server answers."""

    def __init__(self, number, ports, context, ending):
        super().__init__(daemon=True)
        self.number, self.ports, self.context, self.ending = number, ports, context, ending
        self.answered = []
        self.sent = 0

    def run(self):
        connection = None
        while not self.ending.is_set():
            uid = f"review-{self.number}-{self.sent}"
            self.sent += 1
            body = json.dumps(self.review(uid))
            try:
                if connection is None:
                    connection = http.client.HTTPSConnection("localhost", random.choice(self.ports), timeout=15,
                                                             context=self.context)
                connection.request("POST", "/validate/warn", body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                text = answer.read()
                if answer.status == 200 and json.loads(text)["response"]["uid"] == uid:
                    self.answered.append(uid)
                else:
                    time.sleep(0.05)
            except (OSError, http.client.HTTPException, ValueError):
                connection = None
                time.sleep(0.05)

    def review(self, uid):
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": uid, "namespace": "load", "uid": uid},
               "spec": {"hostNetwork": True, "containers": [{"name": "c", "image": "registry.example.com/a:1"}]}}
        return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
                "request": {"uid": uid, "kind": {"group": "", "version": "v1", "kind": "Pod"}, "name": uid,
                            "namespace": "load", "operation": "CREATE", "object": pod,
                            "userInfo": {"username": f"user-{self.number}", "groups": ["system:authenticated"]}}}


def json_lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def run(options, folder):
    """Starts everything, kills for a while, and compares; the number of problems."""
    chance = random.Random(options.seed)
    hostfence = str(pathlib.Path(options.hostfence).resolve())
    certificates = folder / "certs"
    subprocess.run([hostfence, "certs", "create", "--out", certificates, "--dns", "localhost", "--ip", "127.0.0.1"],
                   check=True, stderr=subprocess.DEVNULL)
    (folder / "token").write_text(TOKEN)
    postgres = PostgreSQL(folder)
    collector_port = free_port()
    collector = Program(
        "the collector",
        [sys.executable, ROOT / "Tests/Collector/receiver.py", "--token", TOKEN, "--cert", certificates / "tls.crt",
         "--key", certificates / "tls.key", "--port", str(collector_port), "--received", folder / "received",
         "--violations", folder / "violations", "--lifetime", str(options.seconds + 600)],
        folder / "collector.log", announces="listening")
    ports = [free_port(), free_port()]
    servers = [
        Program(f"server {number}",
                [hostfence, "serve", "--listen", f"127.0.0.1:{port}", "--admin-listen", "127.0.0.1:0", "--tls-cert",
                 certificates / "tls.crt", "--tls-key", certificates / "tls.key", "--ledger", postgres.url,
                 "--on-ledger-failure", "refuse", "--hec", f"https://localhost:{collector_port}", "--hec-token-file",
                 folder / "token", "--hec-ca", certificates / "ca.crt", "--hec-shape", "event"],
                folder / f"server-{number}.log", announces="serving")
        for number, port in enumerate(ports)]
    programs = [postgres, collector, *servers]
    ending = threading.Event()
    loads = [Load(number, ports, ssl.create_default_context(cafile=certificates / "ca.crt"), ending)
             for number in range(CLIENTS)]
    try:
        for program in programs:
            program.start()
        for load in loads:
            load.start()
        deadline = time.monotonic() + options.seconds
        while time.monotonic() < deadline:
            time.sleep(chance.uniform(0.5, 2))
            victim = chance.choice(programs)
            victim.kill()
            if chance.random() < 0.3:
                time.sleep(chance.uniform(0, 3))
            victim.start()
        ending.set()
        for load in loads:
            load.join(30)
        answered = [uid for load in loads for uid in load.answered]
        return compare(postgres, folder, answered, programs, sum(load.sent for load in loads))
    finally:
        ending.set()
        for program in reversed(programs):
            program.stop()


def compare(postgres, folder, answered, programs, sent):
    """What was answered, what the ledger has, and what the collector received."""
    def recorded():
        rows = subprocess.run([*postgres.psql, "-c", "SELECT id FROM risk_event"], capture_output=True, text=True,
                              check=True).stdout
        return collections.Counter(rows.split())

    def received():
        # The last line may be on its way.
        lines = (folder / "received").read_text().splitlines()
        return [json.loads(line) for line in lines if line.endswith("}")]

    ledger = recorded()
    wait_until("all events are delivered", 300,
               lambda: set(ledger) <= {line["fields"]["hostfence_id"] for line in received()})
    deliveries = collections.defaultdict(list)
    for line in received():
        deliveries[line["fields"]["hostfence_id"]].append(json.dumps(line["event"], sort_keys=True))
    problems = []
    ids = {f"{uid}:/spec/hostNetwork" for uid in answered}
    problems += [f"answered and not in the ledger: {uid}" for uid in sorted(ids - set(ledger))]
    problems += [f"in the ledger {count} times: {uid}" for uid, count in ledger.items() if count != 1]
    problems += [f"delivered and not in the ledger: {uid}" for uid in sorted(set(deliveries) - set(ledger))]
    problems += [f"delivered in two versions: {uid}" for uid, events in deliveries.items() if len(set(events)) > 1]
    problems += [f"the collector: {violation}" for violation in json_lines(folder / "violations")]
    duplicates = sum(len(events) - 1 for events in deliveries.values())
    kills = ", ".join(f"{program.name} {program.kills} times" for program in programs)
    print(f"killed: {kills}")
    print(f"{sent} reviews sent, {len(answered)} answered, {len(ledger)} events in the ledger, "
          f"{len(deliveries)} delivered, {duplicates} of them twice or more")
    for problem in problems[:20]:
        print(f"NOT OK  {problem}")
    print(f"{len(problems)} problems")
    return len(problems) + (0 if answered else 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hostfence", required=True)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hostfence-chaos-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        sys.exit(1 if run(options, folder) else 0)


if __name__ == "__main__":
    main()
