"""A certificate in a folder laid out as the kubelet mounts a Secret, replaced again and again."""
from __future__ import annotations

import contextlib
import pathlib
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator

import client
from server import CouldNotRun, Server

SECONDS_TO_TAKE_MAX = 15


class Rotation:
    def __init__(self, binary: str, state: pathlib.Path) -> None:
        self.work = state / "certificates"
        self.mount = self.work / "mount"
        shutil.rmtree(self.work, ignore_errors=True)
        self.mount.mkdir(parents=True)
        command = [binary, "certs", "create", "--out", str(self.work / "ca"), "--dns", "localhost"]
        run(*command)
        self.authority = self.work / "ca/ca.crt"
        self.number = 0
        self.taken = 0
        self.problems: list[str] = []
        self.issue()
        for name in ("tls.crt", "tls.key"):
            (self.mount / name).symlink_to(f"..data/{name}")

    def issue(self) -> None:
        """names -> ..data/name, ..data -> ..N, which is swapped by a rename."""
        folder = self.mount / f"..{self.number}"
        folder.mkdir()
        request, extensions = self.work / "request.pem", self.work / "extensions"
        extensions.write_text("subjectAltName=DNS:localhost")
        run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
            f"/CN=rotation-{self.number}", "-keyout", str(folder / "tls.key"), "-out", str(request))  # fmt: skip
        run("openssl", "x509", "-req", "-in", str(request), "-CA", str(self.authority),
            "-CAkey", str(self.work / "ca/ca.key"), "-days", "30", "-extfile", str(extensions),
            "-out", str(folder / "tls.crt"))  # fmt: skip
        link = self.mount / "..data_tmp"
        link.symlink_to(f"..{self.number}")
        link.rename(self.mount / "..data")

    @contextlib.contextmanager
    def going_on(self, server: Server, seconds: float) -> Iterator[None]:
        """Replaces it every so many seconds; each must be on the wire before the next."""
        stop = threading.Event()

        def go_on() -> None:
            try:
                self._go_on(server, seconds, stop)
            except (OSError, CouldNotRun) as error:
                self.problems.append(f"certificate {self.number} could not be seen: {error!r}")

        thread = threading.Thread(target=go_on)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _go_on(self, server: Server, seconds: float, stop: threading.Event) -> None:
        context = client.trusting(str(self.authority))
        while not stop.wait(seconds):
            self.number += 1
            self.issue()
            deadline = time.monotonic() + SECONDS_TO_TAKE_MAX
            while (served := subject(server.port, context)) != f"rotation-{self.number}":
                if time.monotonic() > deadline:
                    self.problems.append(f"certificate {self.number} was not taken; {served} is still served")
                    return
                if stop.wait(0.1):
                    return
            self.taken += 1
            shutil.rmtree(self.mount / f"..{self.number - 1}")


def subject(port: int, context: ssl.SSLContext) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS_TO_TAKE_MAX) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as tls:
            certificate = tls.getpeercert() or {}
    return str(dict(part[0] for part in certificate["subject"])["commonName"])


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise CouldNotRun(f"{' '.join(command[:2])} failed: {done.stderr[-500:]}")
