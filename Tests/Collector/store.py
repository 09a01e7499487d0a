"""What the receiver keeps: the received events, the acknowledgements, and its logs."""

import json
import os
import threading
import time
from collections import defaultdict, deque
from itertools import count


class Log:
    """A file of JSON lines for a test to read; flushed, but not synced."""

    def __init__(self, path):
        self._lock = threading.Lock()
        self._file = open(path, "a", encoding="utf-8")

    def add(self, record):
        with self._lock:
            self._file.write(json.dumps(record) + "\n")
            self._file.flush()


class Journal:
    """The indexed events: appended as JSON lines and synced before `append` returns.

    The line number of an event is its `sequence`, also over restarts. A last line torn by a kill
    is cut off at the start: nothing of it was acknowledged."""

    def __init__(self, path):
        self._lock = threading.Lock()
        self._file = open(path, "ab", buffering=0)
        self._sequence = self._recover(path)

    def append(self, channel, events):
        """Indexes events; they are on the disk when this returns."""
        if not events:
            return
        with self._lock:
            lines = (json.dumps({"channel": channel, "sequence": number, **event}) + "\n"
                     for number, event in enumerate(events, self._sequence))
            self._write("".join(lines).encode())
            os.fsync(self._file.fileno())
            self._sequence += len(events)

    def _write(self, data):
        view = memoryview(data)
        while view:
            view = view[self._file.write(view):]

    def _recover(self, path):
        """Cuts off a torn last line and counts the whole ones."""
        lines, whole = 0, 0
        with open(path, "rb") as written:
            for line in written:
                if line.endswith(b"\n"):
                    lines, whole = lines + 1, whole + len(line)
        self._file.truncate(whole)
        return lines


class Acks:
    """Indexer acknowledgement: an accepted batch is indexed only when its delay has passed.

    Until then it is in memory alone, and a kill loses it, as with an indexer. A restart forgets all
    ids: polls of old ones answer false, and new ones start at 0 again."""

    def __init__(self, journal, delay):
        self._journal = journal
        self._delay = delay
        self._changed = threading.Condition()
        self._ids = defaultdict(count)
        self._waiting = deque()
        self._indexed = defaultdict(set)
        self._closing = False
        self._indexer = threading.Thread(target=self._index, daemon=True)
        self._indexer.start()

    def take(self, channel, events):
        """Accepts a batch and returns its ackId."""
        with self._changed:
            ack = next(self._ids[channel])
            self._waiting.append((time.monotonic() + self._delay, channel, ack, events))
            self._changed.notify()
        return ack

    def query(self, channel, ids):
        """Which batches are indexed; true is told once and then forgotten."""
        with self._changed:
            indexed = self._indexed[channel]
            answer = {str(ack): ack in indexed for ack in ids}
            indexed.difference_update(ids)
        return answer

    def close(self):
        """Indexes what still waits, without its delay, as an orderly shutdown does."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._indexer.join()

    def _index(self):
        while (batch := self._next_batch()) is not None:
            channel, ack, events = batch
            self._journal.append(channel, events)
            with self._changed:
                self._indexed[channel].add(ack)

    def _next_batch(self):
        """Waits for the next batch whose delay has passed; None when closed and empty."""
        with self._changed:
            while True:
                if not self._waiting and self._closing:
                    return None
                left = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if self._waiting and (left <= 0 or self._closing):
                    return self._waiting.popleft()[1:]
                self._changed.wait(left)
