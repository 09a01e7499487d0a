"""Plays every conversation against a running server and prints one line for each.

Usage: conversations.py PORT PID CA_FILE REVIEW_FILE [WORD]: WORD chooses those whose sentence contains it.
After each the process must be the same one, serve a well-behaved client and hold no more memory than it may.
Exit code 0 when all passed, 1 when one failed.
"""

import sys
import time

import floods
import handshakes
import refusals
import records
import renegotiation
import unread
from server import Server
from wire import Broken, expect

# What all of it together may add to the process; allocators keep a part of what an attack made them take.
MEMORY_KIB = 48 * 1024


def main():
    port, pid, authority, review, *word = sys.argv[1:]
    server = Server(int(port), int(pid), authority, review)
    for _ in range(20):
        server.expect_serving()
    start = server.resident_kib()
    failed = 0
    # Those that may show a growth come first: later ones may find room that earlier ones have left in the process.
    for module in (unread, handshakes, refusals, renegotiation, records, floods):
        for sentence, play in module.CONVERSATIONS:
            if not word or word[0] in sentence:
                failed += not passes(server, start, sentence, play)
    print(f"        memory of the server: {start} KiB before, {server.resident_kib()} KiB after")
    return 1 if failed else 0


def passes(server, start, sentence, play):
    begin = time.monotonic()
    try:
        seen = play(server)
        server.expect_alive()
        server.expect_serving()
        grown = server.resident_kib() - start
        expect(grown <= MEMORY_KIB, f"the server has grown by {grown} KiB since the beginning")
    except Exception as problem:  # One that breaks in an unforeseen way has failed, and the others still run.
        words = str(problem) if isinstance(problem, Broken) else f"unforeseen {problem!r}"
        print(f"NOT OK  {sentence}: {words}", flush=True)
        return False
    print(f"ok      {sentence}: {seen} ({time.monotonic() - begin:.1f} s)", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
