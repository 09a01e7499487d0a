"""A running `hostfence serve`: its process, its two output streams, its admin listener, and the load on it."""
from __future__ import annotations

import contextlib
import http.client
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO

HERE = pathlib.Path(__file__).resolve().parent
SECONDS_TO_START_MAX = 15
# What Kubernetes gives a pod to end.
SECONDS_TO_STOP_MAX = 30


class CouldNotRun(Exception):
    """The test itself cannot be carried out here."""


class Drain:
    """Reads a pipe to the end into a file; while `is_held`, nothing is read, as with a stuck collector of logs."""

    def __init__(self, pipe: IO[bytes], path: pathlib.Path) -> None:
        self.may_read = threading.Event()
        self.may_read.set()
        self.thread = threading.Thread(target=self._run, args=(pipe, path), daemon=True)
        self.thread.start()

    def _run(self, pipe: IO[bytes], path: pathlib.Path) -> None:
        with open(path, "wb", buffering=0) as file:
            while self.may_read.wait() and (data := os.read(pipe.fileno(), 1 << 16)):
                file.write(data)


class Server:
    def __init__(self, binary: str, folder: pathlib.Path, ledger: pathlib.Path, certificates: pathlib.Path) -> None:
        self.binary = binary
        self.folder = folder
        self.ledger = ledger
        self.certificates = certificates
        self.output = folder / "stdout"
        self.errors = folder / "stderr"
        self.pid = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.exit_code = -1

    def start(self, *options: str, environment: dict[str, str] | None = None) -> None:
        """Starts it on free ports, with `environment` beside what this process has."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [
            self.binary, "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
            "--tls-cert", str(self.certificates / "tls.crt"), "--tls-key", str(self.certificates / "tls.key"),
            "--mode", "deny", "--ledger", f"sqlite:{self.ledger}", "--log-format", "json", *options,
        ]  # fmt: skip
        # Python ignores SIGXFSZ, and so must the server: a limit on the size of files stands in for a full disk.
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, restore_signals=False,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
        self.pid = self.process.pid
        assert self.process.stdout and self.process.stderr
        self.drains = {
            "standard output": Drain(self.process.stdout, self.output),
            "standard error": Drain(self.process.stderr, self.errors),
        }
        pattern = re.compile(rb'"admin":"http://127.0.0.1:(\d+)".*"webhook":"https://127.0.0.1:(\d+)"')
        deadline = time.monotonic() + SECONDS_TO_START_MAX
        while not (found := pattern.search(self.errors.read_bytes() if self.errors.exists() else b"")):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise CouldNotRun(f"the server does not start: {self.errors.read_text(errors='replace')[-2000:]}")
            time.sleep(0.01)
        self.admin_port, self.port = int(found[1]), int(found[2])

    def terminate(self) -> float:
        """Asks it to end; returns the seconds that it took, or raises TimeoutExpired and kills it."""
        assert self.process
        begin = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)
        try:
            self.exit_code = self.process.wait(SECONDS_TO_STOP_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        took = time.monotonic() - begin
        for drain in self.drains.values():
            drain.thread.join(10)
        return took

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=15)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def wait(self, what: str, is_so: Callable[[int, str], bool], seconds: float) -> str:
        """Waits until /readyz is so; returns what is wrong when it does not come to that."""
        deadline = time.monotonic() + seconds
        while True:
            status, text = self.get("/readyz")
            if is_so(status, text):
                return ""
            if time.monotonic() > deadline:
                return f"/readyz does not {what} within {seconds:g} s, but says {status} {text.strip()!r}"
            time.sleep(0.02)

    def resident_kib(self) -> int:
        return self._status("VmRSS:")

    def threads(self) -> int:
        return self._status("Threads:")

    def open_files(self) -> int:
        return len(self.open_names())

    def open_names(self) -> list[str]:
        """Of all that it has open."""
        names = []
        for descriptor in pathlib.Path(f"/proc/{self.pid}/fd").iterdir():
            # It may be closed at any moment.
            with contextlib.suppress(FileNotFoundError):
                names.append(os.readlink(descriptor))
        return names

    def _status(self, name: str) -> int:
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(text.partition(name)[2].split()[0])


class Loads:
    """Processes that load a server; more than one, as one Python has one core at most."""

    def __init__(self, server: Server, authority: pathlib.Path, rate: float, connections: int, processes: int) -> None:
        self.journals: list[pathlib.Path] = []
        self.processes: list[subprocess.Popen[bytes]] = []
        for _ in range(processes):
            number = len(list(server.folder.glob("journal-*")))
            journal = server.folder / f"journal-{number}"
            journal.touch()
            options = {
                "port": server.port, "authority": authority, "journal": journal, "seed": number,
                "connections": connections // processes, "rate": rate / processes,
            }  # fmt: skip
            arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
            command = [sys.executable, str(HERE / "load.py"), *arguments]
            self.processes.append(subprocess.Popen(command, stdin=subprocess.PIPE))
            self.journals.append(journal)

    def stop(self) -> None:
        for process in self.processes:
            assert process.stdin
            process.stdin.close()
        for process in self.processes:
            try:
                code = process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise CouldNotRun("a load does not end") from None
            if code != 0:
                raise CouldNotRun(f"a load ended with {code}")

    def kill(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
