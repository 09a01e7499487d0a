"""The servers that are measured: child processes, and what the kernel says of them."""
from __future__ import annotations

import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import time
from typing import NoReturn

from reviews import WORK, Answer, Review, ask, compact, is_verdict

CERTIFICATES = WORK / "certs"
SECONDS_TO_START_MAX = 10
SECONDS_TO_STOP_MAX = 5
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

# The same answer to everything: TLS, HTTP and the kernel's work, and nothing behind them.
NGINX_ANSWER = compact(
    {
        "kind": "AdmissionReview",
        "apiVersion": "admission.k8s.io/v1",
        "response": {"uid": "7376d727-f691-444c-8947-2c10b15e0eb2", "allowed": True},
    }
).decode()
NGINX_CONFIGURATION = """daemon off;
worker_processes {workers};
pid nginx.pid;
error_log stderr error;
events {{
  worker_connections 1024;
}}
http {{
  access_log off;
  default_type application/json;
  client_max_body_size 8m;
  keepalive_requests 1000000000;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {{
    listen 127.0.0.1:{port} ssl reuseport;
    ssl_certificate {certificates}/tls.crt;
    ssl_certificate_key {certificates}/tls.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    location / {{
      return 200 '{answer}';
    }}
  }}
}}
"""


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def make_certificates(binary: str) -> ssl.SSLContext:
    """Makes them anew, and a client's context that trusts them."""
    names = ["--dns", "localhost", "--ip", "127.0.0.1"]
    command = [binary, "certs", "create", "--force", "--out", str(CERTIFICATES), *names]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"there are no certificates: {done.stderr}")
    return ssl.create_default_context(cafile=str(CERTIFICATES / "ca.crt"))


class Server:
    """A program that answers reviews on `port` from `start` to `stop`; it may be started again."""

    def __init__(self, name: str, context: ssl.SSLContext, pin: list[str]) -> None:
        self.name = name
        self.port = self.other_port = 0
        self.context = context
        self.pin = pin
        self.process: subprocess.Popen[bytes] | None = None
        self.log = WORK / f"{name.replace(', ', '-').replace(' ', '-')}.log"
        # Version and cipher of TLS.
        self.protection = ""

    def command(self) -> list[str]:
        """What starts it, once its ports are known."""
        raise NotImplementedError

    def is_right(self, answer: Answer, uid: str, allowed: bool) -> bool:
        """Whether a review with that uid and that verdict is to be answered so."""
        raise NotImplementedError

    def start(self, review: Review) -> float:
        """Starts it; returns the seconds from there to the first right answer."""
        uid, body = review.with_new_uid()
        self.port, self.other_port = free_ports()
        command = [*self.pin, *self.command()]
        with open(self.log, "wb") as log:
            started = time.monotonic()
            # Risk events go to standard output too.
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        while time.monotonic() < started + SECONDS_TO_START_MAX and self.process.poll() is None:
            try:
                answer = ask(self.port, self.context, body)
            except ConnectionError:
                time.sleep(0.0005)
                continue
            took = time.monotonic() - started
            if not self.is_right(answer, uid, review.allowed):
                self.fail(f"answers {answer.status} {answer.body[:500]!r} to {review.title}")
            self.protection = answer.protection
            return took
        self.fail("does not start")

    def check(self, review: Review) -> None:
        """Fails unless it answers as it should."""
        uid, body = review.with_new_uid()
        try:
            answer = ask(self.port, self.context, body)
        except OSError as error:
            self.fail(f"does not answer to {review.title}: {error}")
        if not self.is_right(answer, uid, review.allowed):
            self.fail(f"answers {answer.status} {answer.body[:500]!r} to {review.title}")

    def fail(self, why: str) -> NoReturn:
        complaints = self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
        sys.exit(f"{self.name} {why}\n{complaints}".rstrip())

    def stop(self) -> None:
        """Ends it: politely, and after a while not."""
        if self.process is None:
            return
        processes = self.processes()
        self.process.terminate()
        try:
            self.process.wait(SECONDS_TO_STOP_MAX)
        except subprocess.TimeoutExpired:
            # Children first, as nobody would end them without their parent.
            for process in reversed(processes[1:]):
                os.kill(process, signal.SIGKILL)
            self.process.kill()
            self.process.wait()
        self.process = None

    # Processes

    def processes(self) -> list[int]:
        """Itself and its descendants, parents first."""
        if self.process is None or self.process.poll() is not None:
            return []
        found = [self.process.pid]
        for process in found:
            for children in pathlib.Path(f"/proc/{process}/task").glob("*/children"):
                found += map(int, children.read_text().split())
        return found

    def cpu_seconds(self) -> float:
        """Taken so far, by all threads of all its processes."""
        ticks = 0
        for process in self.processes():
            # The name in parentheses may hold anything; user and system time are the 14th and the 15th field.
            fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS_PER_SECOND

    def forget_peak(self) -> None:
        """Makes the kernel count the largest resident set from here on."""
        for process in self.processes():
            pathlib.Path(f"/proc/{process}/clear_refs").write_text("5")

    def peak_bytes(self) -> int:
        """The largest resident sets of its processes, added up."""
        total = 0
        for process in self.processes():
            status = pathlib.Path(f"/proc/{process}/status").read_text()
            total += int(status.partition("VmHWM:")[2].split()[0]) * 1024
        return total


class Nginx(Server):
    """Debian's nginx with a constant answer: the floor."""

    def __init__(self, workers: int, context: ssl.SSLContext, pin: list[str]) -> None:
        super().__init__(f"nginx, {workers} worker{'s' if workers > 1 else ''}", context, pin)
        self.workers = workers
        self.prefix = WORK / f"nginx-{workers}"

    def command(self) -> list[str]:
        self.prefix.mkdir(exist_ok=True)
        values = {"workers": self.workers, "port": self.port, "certificates": CERTIFICATES, "answer": NGINX_ANSWER}
        (self.prefix / "nginx.conf").write_text(NGINX_CONFIGURATION.format(**values))
        return ["nginx", "-p", str(self.prefix), "-e", "stderr", "-c", str(self.prefix / "nginx.conf")]

    def is_right(self, answer: Answer, uid: str, allowed: bool) -> bool:
        return answer.status == 200 and answer.body.decode() == NGINX_ANSWER


class Hostfence(Server):
    """Hostfence, with the ledger of a URL or without one."""

    def __init__(self, binary: str, ledger: str | None, context: ssl.SSLContext, pin: list[str]) -> None:
        super().__init__("hostfence" if ledger is not None else "hostfence, no ledger", context, pin)
        self.binary = binary
        self.ledger = ledger

    def command(self) -> list[str]:
        certificates = ["--tls-cert", str(CERTIFICATES / "tls.crt"), "--tls-key", str(CERTIFICATES / "tls.key")]
        listeners = ["--listen", f"127.0.0.1:{self.port}", "--admin-listen", f"127.0.0.1:{self.other_port}"]
        return [self.binary, "serve", *listeners, *certificates, "--ledger", self.ledger or "none"]

    def is_right(self, answer: Answer, uid: str, allowed: bool) -> bool:
        return is_verdict(answer, uid, allowed)
