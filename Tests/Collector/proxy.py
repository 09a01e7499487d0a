#!/usr/bin/env python3
"""A strict HTTP proxy for the tests of a sender: it opens tunnels to 127.0.0.1 and does nothing else.

  proxy.py --log tunnels.jsonl [--credentials USER:PASSWORD] [--answer "502 Bad Gateway"] [--silent]

Prints `listening on 127.0.0.1:PORT` when it is ready. Each request is a line in --log: the target, and the status it was
answered with. A tunnel goes to the target's port on 127.0.0.1, whatever its host. Ends by itself after --lifetime seconds.
"""

import argparse
import base64
import json
import os
import re
import socket
import socketserver
import threading
import time

HEAD_MAX = 8192


class Proxy(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """The server, with its options."""

    allow_reuse_address = True
    daemon_threads = True


class Handler(socketserver.StreamRequestHandler):
    """One connection: a request for a tunnel, then the tunnel."""

    def handle(self):
        options = self.server.options
        head = self.read_head()
        match = re.fullmatch(r"CONNECT ([A-Za-z0-9.\-\[\]:]+):(\d+) HTTP/1\.1", head[0])
        status = self.status(head, match, options)
        with open(options.log, "a", encoding="utf-8") as log:
            log.write(json.dumps({"target": match and f"{match[1]}:{match[2]}", "status": status}) + "\n")
        if options.silent:
            time.sleep(options.lifetime)
            return
        self.wfile.write(f"HTTP/1.1 {status}\r\nVia: 1.1 test\r\n\r\n".encode())
        if status.startswith("200"):
            self.tunnel(int(match[2]))

    def read_head(self):
        lines = []
        while (line := self.rfile.readline(HEAD_MAX).decode("ascii")) not in ("", "\r\n"):
            lines.append(line.removesuffix("\r\n"))
        return lines or [""]

    @staticmethod
    def status(head, match, options):
        """The answer, by what is right in a request for a tunnel (RFC 9112, 3.2.3 and RFC 7617)."""
        fields = dict(line.lower().split(": ", 1)[:1] + line.split(": ", 1)[1:] for line in head[1:])
        if match is None or fields.get("host") != f"{match[1]}:{match[2]}":
            return "400 Bad Request"
        if "authorization" in fields:
            return "400 The token is not for the proxy"
        if options.credentials:
            wanted = "Basic " + base64.b64encode(options.credentials.encode()).decode()
            if fields.get("proxy-authorization") != wanted:
                return "407 Proxy Authentication Required"
        return options.answer

    def tunnel(self, port):
        with socket.create_connection(("127.0.0.1", port)) as target:
            back = threading.Thread(target=pump, args=(target, self.connection), daemon=True)
            back.start()
            pump(self.connection, target)
            back.join()


def pump(source, target):
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--log", required=True)
    parser.add_argument("--credentials")
    parser.add_argument("--answer", default="200 Connection established")
    parser.add_argument("--silent", action="store_true")
    parser.add_argument("--lifetime", type=float, default=300)
    options = parser.parse_args()
    timer = threading.Timer(options.lifetime, os._exit, [0])
    timer.daemon = True
    timer.start()
    with Proxy(("127.0.0.1", 0), Handler) as server:
        server.options = options
        print(f"listening on 127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
