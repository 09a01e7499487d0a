#!/usr/bin/env python3
"""Makes an audit log of any size from a recorded one: JSON lines as kube-apiserver writes them, the same for a seed.

Usage: generate.py OUTPUT [--bytes N] [--hit-percent P] [--seed N] [--recorded FILE]

P is the share of lines that mention hostNetwork anywhere. The mix of lines:
  people's hits, 1 % of all lines or P if that is less, made from recorded requests of kubectl:
    a tenth are pods created (three of four) or updated with `hostNetwork: true` both in the spec and in the annotation
      of `kubectl apply`: these, and no others, are the analytic's table;
    the others are near misses: the annotation without a true value, creates without annotation, gets, patches,
      deletes, and DaemonSets, Deployments and Jobs whose own annotation says true.
  the cluster's hits, what P leaves above that: what kubelets and controllers do to the pods of hostNetwork DaemonSets
    (cluster_events.py has the shares: mostly patches of pods/status and gets, 2 % lists of 8 or 24 pods).
  all other lines, none of which mentions hostNetwork:
    69 % events of level Metadata, in the recorded proportions of verbs, resources and stages;
     9 % RequestReceived of level RequestResponse, which has no bodies;
    22 % ResponseComplete of level RequestResponse with its bodies.

What is generated is counted, and the counts are printed as JSON: a reader of the log can be held to them.
"""
from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import pathlib
import random
import re
import sys
from typing import Any, Iterator

import cluster_events
import cluster_objects

RECORDED = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/audit-log/audit.jsonl"
ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
PEOPLE_PERCENT = 1.0
MATCHES_OF_PEOPLE = 0.1
METADATA_SHARE = 0.69
RECEIVED_SHARE = 0.09
FIRST_TIME = datetime.datetime(2026, 11, 23)
LINES_PER_WRITE = 4096

PEOPLE = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy"]
USERS = PEOPLE + [f"ci-{number:02}" for number in range(18)]
NAMESPACES = ["payments", "checkout", "search", "ingest", "billing", "monitoring", "logging", "default"]
NAMESPACES += [f"team-{number:02}" for number in range(24)]
NAMES = ["sniffer", "web", "api", "worker", "node-agent", "netshoot", "dns-debug", "proxy", "collector", "cache"]
NODE_COUNT = 60

Values = dict[str, Any]


@dataclasses.dataclass
class Templates:
    """Lines with `%(name)s` for what differs, by what the mix calls them."""

    metadata: list[str] = dataclasses.field(default_factory=list)
    received: list[str] = dataclasses.field(default_factory=list)
    complete: list[str] = dataclasses.field(default_factory=list)
    misses: list[str] = dataclasses.field(default_factory=list)
    matches: list[str] = dataclasses.field(default_factory=list)


# Recorded lines become templates


def as_template(line: str, name: str | None = None) -> str:
    """The line with placeholders for its times, ids, user, namespace and, where given, the name of the object."""
    text = line.replace("%", "%%")
    text = re.sub(r'"auditID":"[^"]+"', '"auditID":"%(audit_id)s"', text)
    text = re.sub(r'"requestReceivedTimestamp":"[^"]+"', '"requestReceivedTimestamp":"%(received)s"', text)
    text = re.sub(r'"stageTimestamp":"[^"]+"', '"stageTimestamp":"%(staged)s"', text)
    text = text.replace('"sourceIPs":["127.0.0.1"]', '"sourceIPs":["%(address)s"]')
    text = re.sub(r"\balice\b", "%(user)s", text)
    text = re.sub(r"\bpayments\b", "%(namespace)s", text)
    text = re.sub(r'"uid":"[0-9a-f-]{36}"', '"uid":"%(uid)s"', text)
    text = re.sub(r'"resourceVersion":"\d+"', '"resourceVersion":"%(revision)s"', text)
    # A name of one or two letters is part of too many other words; the groups' `/api/` is not the object called api.
    if name is not None and len(name) > 2:
        text = re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", "%(object)s", text)
        text = text.replace('"/%(object)s/v1', '"/api/v1')
    return text


def member(value: Any, *keys: str) -> Any:
    """The member at the path, or None where a step is absent or no object."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def is_match(event: Values) -> bool:
    """A pod of the analytic's table whose spec says the same as its annotation."""
    applied = member(event, "requestObject", "metadata", "annotations", ANNOTATION) or ""
    return (
        member(event, "objectRef", "resource") == "pods"
        and event["verb"] in ("create", "update")
        and '"hostNetwork":true' in applied
        and member(event, "requestObject", "spec", "hostNetwork") is True
    )


def as_update(line: str, name: str) -> str:
    """The same request as `kubectl replace` makes it."""
    line = line.replace('"verb":"create"', '"verb":"update"', 1).replace('"code":201', '"code":200', 1)
    return line.replace("/pods?fieldManager=kubectl-client-side-apply", f"/pods/{name}?fieldManager=kubectl-replace", 1)


def near_misses(line: str) -> list[str]:
    """A match with the annotation changed to false, in the annotation alone and everywhere."""
    only_spec = line.replace('\\"hostNetwork\\":true', '\\"hostNetwork\\":false')
    return [only_spec, only_spec.replace('"hostNetwork":true', '"hostNetwork":false')]


def read_templates(recorded: pathlib.Path) -> Templates:
    templates = Templates()
    for line in recorded.read_text(encoding="utf-8").splitlines(keepends=True):
        event = json.loads(line)
        name = member(event, "objectRef", "name")
        if event["level"] == "Metadata":
            templates.metadata.append(as_template(line))
        elif event["stage"] == "RequestReceived":
            templates.received.append(as_template(line, name))
        elif is_match(event):
            templates.matches += 3 * [as_template(line, name)] + [as_template(as_update(line, name), name)]
            templates.misses += [as_template(miss, name) for miss in near_misses(line)]
        elif "hostNetwork" in line:
            templates.misses.append(as_template(line, name))
        else:
            templates.complete.append(as_template(line, name))
    return templates


def as_line(event: Values) -> str:
    """JSON as Go writes it: compact, and with escapes for what would be markup in a web page."""
    text = json.dumps(event, separators=(",", ":"), ensure_ascii=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e") + "\n"


# Templates become lines


@dataclasses.dataclass
class Counts:
    """What was written."""

    lines: int = 0
    bytes: int = 0
    hits: int = 0
    matches: int = 0


class LogMaker:
    """Draws one line after the other. Time and the store's revision only go up, as they do in a cluster."""

    def __init__(self, templates: Templates, hit_percent: float, seed: int) -> None:
        self.templates = templates
        self.random = random.Random(seed)
        self.people_rate = min(hit_percent, PEOPLE_PERCENT) / 100
        self.hit_rate = hit_percent / 100
        self.counts = Counts()
        self.time = FIRST_TIME
        self.revision = 1000
        self.addresses = {user: f"10.0.{self.random.randrange(8)}.{self.random.randrange(1, 255)}" for user in USERS}
        weighted = cluster_events.events()
        self.cluster_lines = [as_line(entry.event) for entry in weighted]
        self.cluster_weights = [entry.percent for entry in weighted]
        self.daemon_pods = list(self.make_daemon_pods())

    def make_daemon_pods(self) -> Iterator[Values]:
        """One pod of each DaemonSet on each node; what is said of a pod is the same on every line."""
        for daemon_set, namespace, image in cluster_objects.DAEMON_SETS:
            owner_uid = self.make_uid()
            for node in range(NODE_COUNT):
                address = f"10.1.{node // 250}.{node % 250 + 4}"
                yield {
                    "daemon_set": daemon_set,
                    "namespace": namespace,
                    "image": image,
                    "object": daemon_set + "-" + "".join(self.random.choices("bcdfghjklmnpqrstvwxz2456789", k=5)),
                    "uid": self.make_uid(),
                    "owner_uid": owner_uid,
                    "container_id": f"{self.random.getrandbits(256):064x}",
                    "node": f"worker-{node:02}",
                    "node_address": address,
                    "address": address,
                }

    def make_uid(self) -> str:
        digits = f"{self.random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def next_line(self) -> str:
        draw = self.random.random()
        if draw < self.people_rate:
            line = self.people_line(is_match=draw < self.people_rate * MATCHES_OF_PEOPLE)
        elif draw < self.hit_rate:
            line = self.cluster_line()
        else:
            line = self.other_line()
        self.counts.lines += 1
        return line

    def people_line(self, is_match: bool) -> str:
        self.counts.hits += 1
        self.counts.matches += is_match
        return self.fill(self.templates.matches if is_match else self.templates.misses, self.random.choice(NAMES))

    def cluster_line(self) -> str:
        self.counts.hits += 1
        template = self.random.choices(self.cluster_lines, self.cluster_weights)[0]
        return template % {**self.next_stamps(), **self.random.choice(self.daemon_pods)}

    def other_line(self) -> str:
        draw = self.random.random()
        if draw < METADATA_SHARE:
            templates = self.templates.metadata
        elif draw < METADATA_SHARE + RECEIVED_SHARE:
            templates = self.templates.received
        else:
            templates = self.templates.complete
        return self.fill(templates, f"{self.random.choice(NAMES)}-{self.random.getrandbits(20):05x}")

    def fill(self, templates: list[str], name: str) -> str:
        user = self.random.choice(USERS)
        return self.random.choice(templates) % {
            **self.next_stamps(),
            "address": self.addresses[user],
            "user": user,
            "namespace": self.random.choice(NAMESPACES),
            "object": name,
            "uid": self.make_uid(),
        }

    def next_stamps(self) -> Values:
        """An id, times and a revision for the next event."""
        self.time += datetime.timedelta(microseconds=self.random.randrange(1000, 200_000))
        self.revision += self.random.randrange(3)
        staged = self.time + datetime.timedelta(microseconds=self.random.randrange(200, 20_000))
        staged_text = staged.isoformat(timespec="microseconds")
        return {
            "audit_id": self.make_uid(),
            "received": self.time.isoformat(timespec="microseconds") + "Z",
            "staged": staged_text + "Z",
            "staged_second": staged_text[:19] + "Z",
            "revision": self.revision,
        }


def write_log(output: pathlib.Path, maker: LogMaker, target_bytes: int) -> Counts:
    """Writes whole lines until there are at least so many bytes."""
    counts = maker.counts
    with open(output, "wb", buffering=0) as file:
        while counts.bytes < target_bytes:
            mean = counts.bytes / counts.lines if counts.lines else 1000
            lines = min(LINES_PER_WRITE, int((target_bytes - counts.bytes) / mean) + 1)
            counts.bytes += file.write("".join(maker.next_line() for _ in range(lines)).encode())
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--bytes", type=lambda text: int(float(text)), default=1_000_000_000)
    parser.add_argument("--hit-percent", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--recorded", type=pathlib.Path, default=RECORDED)
    options = parser.parse_args()
    if not 0 <= options.hit_percent <= 100:
        sys.exit("--hit-percent wants a number from 0 to 100")
    maker = LogMaker(read_templates(options.recorded), options.hit_percent, options.seed)
    print(json.dumps(dataclasses.asdict(write_log(options.output, maker, options.bytes))))


if __name__ == "__main__":
    main()
