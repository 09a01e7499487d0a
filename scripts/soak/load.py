"""A process that loads a server from many connections until its standard input ends; a line for each request to a file.

A line is: when it began, when its last byte was sent, when its answer was there (seconds, CLOCK_MONOTONIC), kind, uid,
status (0 without an answer), and what was wrong.
"""
from __future__ import annotations

import argparse
import random
import ssl
import sys
import threading
import time
import uuid

import client
import reviews
import rude

# After so many requests a connection is made anew, so that new certificates are verified.
REQUESTS_OF_A_CONNECTION = 150


class Journal:
    def __init__(self, path: str) -> None:
        self.file = open(path, "w", buffering=1 << 16)
        self.lock = threading.Lock()

    def write(self, begin: float, sent: float, kind: str, uid: str, status: int, problem: str) -> None:
        line = f"{begin:.6f}\t{sent:.6f}\t{time.monotonic():.6f}\t{kind}\t{uid}\t{status}\t{' '.join(problem.split())}\n"
        with self.lock:
            self.file.write(line)


class Load:
    def __init__(self, port: int, context: ssl.SSLContext, journal: Journal) -> None:
        self.port = port
        self.context = context
        self.journal = journal
        self.kinds = reviews.kinds()
        self.stop = threading.Event()

    def connect(self) -> client.Connection | None:
        begin = time.monotonic()
        try:
            return client.Connection(self.port, self.context)
        except OSError as error:
            self.journal.write(begin, 0, "connection", "-", 0, repr(error))
            self.stop.wait(0.05)
            return None

    def ask_all_the_time(self, interval: float, seed: int) -> None:
        """One connection's requests, `interval` seconds apart at least."""
        generator = random.Random(seed)
        weights = [kind.weight for kind in self.kinds]
        connection: client.Connection | None = None
        count = 0
        due = time.monotonic() + generator.random() * interval
        while not self.stop.wait(max(0.0, due - time.monotonic())):
            # Whoever was held up does not catch up with a burst.
            due = max(due + interval, time.monotonic() - interval)
            if connection is None:
                connection = self.connect()
                if connection is None:
                    continue
            kind = generator.choices(self.kinds, weights)[0]
            is_last = self.ask(connection, kind)
            count += 1
            if is_last or count % REQUESTS_OF_A_CONNECTION == 0:
                connection.close()
                connection = None
        if connection is not None:
            connection.close()

    def ask(self, connection: client.Connection, kind: reviews.Kind) -> bool:
        """Asks, has the answer checked and written down; returns whether the connection is to be given up."""
        uid = str(uuid.uuid4())
        request = kind.request(uid)
        begin = time.monotonic()
        try:
            answer = connection.ask(request)
        except client.Unanswered as error:
            self.journal.write(begin, error.sent, kind.name, uid, 0, str(error))
            return True
        problem = kind.problem(uid, answer.status, answer.body)
        self.journal.write(begin, answer.sent, kind.name, uid, answer.status, problem)
        return answer.is_last

    def be_rude(self, seed: int) -> None:
        """One after the other, what clients do that break, hang or attack; what they are answered is of no interest."""
        generator = random.Random(seed)
        denied = next(kind for kind in self.kinds if kind.name == "denied pod")
        while not self.stop.wait(generator.uniform(0.1, 0.5)):
            if generator.random() < 0.15:
                self.ask_slowly(denied)
                continue
            act = generator.choice(rude.ACTS)
            begin = time.monotonic()
            try:
                act(self.port, self.context, denied.request("never-sent-whole"), generator)
            except OSError:
                # The server may hang up on such a client whenever it likes.
                pass
            self.journal.write(begin, 0, f"rude: {act.__name__.replace('_', ' ')}", "-", 0, "")

    def ask_slowly(self, kind: reviews.Kind) -> None:
        """A request in pieces, some seconds long; it has its answer like any other."""
        connection = self.connect()
        if connection is None:
            return
        uid = str(uuid.uuid4())
        request = kind.request(uid)
        begin = time.monotonic()
        sent = 0.0
        try:
            for offset in range(0, len(request), 700):
                connection.tls.sendall(request[offset : offset + 700])
                time.sleep(0.2)
            sent = time.monotonic()
            answer = connection.read(sent)
        except (client.Unanswered, OSError) as error:
            self.journal.write(begin, sent, kind.name, uid, 0, f"slow client: {error!r}")
        else:
            self.journal.write(begin, sent, kind.name, uid, answer.status, kind.problem(uid, answer.status, answer.body))
        finally:
            connection.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--authority", required=True)
    parser.add_argument("--journal", required=True)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True, help="requests a second, of all connections")
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    load = Load(options.port, client.trusting(options.authority), Journal(options.journal))
    interval = options.connections / options.rate
    seeds = range(options.seed * 1_000, options.seed * 1_000 + options.connections)
    threads = [threading.Thread(target=load.ask_all_the_time, args=(interval, seed)) for seed in seeds]
    threads.append(threading.Thread(target=load.be_rude, args=(options.seed,)))
    for thread in threads:
        thread.start()
    sys.stdin.read()
    load.stop.set()
    for thread in threads:
        thread.join()
    load.journal.file.close()


main()
