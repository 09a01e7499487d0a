#!/usr/bin/env python3
"""Writes sample risk pages: page.html with invented data of several kinds.

    sample.py [FOLDER]

FOLDER (by default samples/ beside this file) gets KIND.html and KIND.json for each kind:

typical   5 users, 2 incidents, a day
empty     nothing happened
quiet     events, but nothing charged
huge      200 users, 50 incidents of 60 events, 200 events, a week
hostile   names that try to break out of the page or to break its layout
"""

import base64
import hashlib
import json
import pathlib
import random
import re
import sys
from datetime import datetime, timedelta, timezone

HERE = pathlib.Path(__file__).parent
UNTIL = datetime(2026, 6, 30, 10, 0, tzinfo=timezone.utc)
THRESHOLD = 100
EVIDENCE_MAX = 60
EVENTS_MAX = 200
CONTROLLERS = "system:serviceaccount:kube-system:"
# What a controller makes of an object, and which one.
DERIVED = {
    "Deployment": [("ReplicaSet", "deployment-controller", 1), ("Pod", "replicaset-controller", 3)],
    "DaemonSet": [("Pod", "daemon-set-controller", 4)],
    "Job": [("Pod", "job-controller", 1)],
    "Pod": [],
}
FIELDS = {"Pod": "spec.hostNetwork"}
AGGRAVATIONS = ["NET_RAW", "NET_ADMIN", "privileged", "hostPID", "hostIPC"]


def stamp(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


class Cluster:
    """Makes events of users who ask for pods on the node's network."""

    def __init__(self, seed, hours, namespaces, workloads):
        self.random = random.Random(seed)
        self.hours = hours
        self.namespaces = namespaces
        self.workloads = workloads
        self.events = []
        self.charged = set()

    def request(self, user, kind=None, repeats=0):
        """One request of a user, what controllers make of it, and the same again."""
        kind = kind or self.random.choice(["Deployment", "Deployment", "DaemonSet", "Job", "Pod"])
        # Towards the end of the period more happens.
        share = self.random.random() ** 0.7
        time = UNTIL - timedelta(hours=self.hours) + timedelta(seconds=int(share * self.hours * 3600 * 0.98))
        workload = self.random.choice(self.workloads)
        namespace = self.random.choice(self.namespaces)
        aggravations = self.random.sample(AGGRAVATIONS, self.random.choice([0, 0, 0, 1, 1, 2]))
        decision = self.random.choices(["allow", "warn", "deny"], [1, 12, 3 if aggravations else 1])[0]
        for repeat in range(repeats + 1):
            root = self.add(time + timedelta(minutes=7 * repeat), user, user, None, decision, kind, namespace,
                            workload, aggravations)
            if decision != "deny":
                self.derive(root, time + timedelta(minutes=7 * repeat), user, aggravations)

    def derive(self, root, time, user, aggravations):
        for kind, controller, copies in DERIVED[root["kind"]]:
            for _ in range(copies):
                time += timedelta(seconds=self.random.randint(1, 4))
                name = f"{root['name']}-{self.random.randrange(16 ** 5):05x}"
                self.add(time, user, CONTROLLERS + controller, root["id"], root["decision"], kind, root["namespace"],
                         name, aggravations)

    def orphan(self):
        """An object of a controller of which nobody knows whose it is."""
        time = UNTIL - timedelta(hours=self.random.uniform(0, self.hours * 0.9))
        controller = CONTROLLERS + "replicaset-controller"
        event = self.add(time, controller, controller, None, "warn", "Pod", self.random.choice(self.namespaces),
                         f"{self.random.choice(self.workloads)}-{self.random.randrange(16 ** 5):05x}", [])
        event["rootActor"] = "unknown"

    def add(self, time, user, requester, root, decision, kind, namespace, name, aggravations):
        score = {"allow": 7, "warn": 28, "deny": 42}[decision] + 7 * len(aggravations)
        charge = (user, namespace, name)
        counted = root is None and decision != "allow" and charge not in self.charged
        if counted:
            self.charged.add(charge)
        event = {
            "id": f"{len(self.events) + 1:08x}", "time": stamp(time), "riskObject": user, "requester": requester,
            "rootActor": "requester" if root is None else "known", "rootEvent": root, "riskScore": score,
            "counted": counted, "decision": decision, "rule": "exemption" if decision == "allow" else "mode",
            "exemption": "node-exporter" if decision == "allow" else None,
            "operation": self.random.choice(["CREATE", "CREATE", "UPDATE"]) if root is None else "CREATE",
            "kind": kind, "namespace": namespace, "name": name,
            "field": FIELDS.get(kind, "spec.template.spec.hostNetwork"),
            "images": [f"registry.example.com/{name.split('-')[0]}:{self.random.randint(1, 9)}."
                       f"{self.random.randint(0, 20)}"],
            "aggravations": aggravations,
            "threatObject": None if root else f"10.{self.random.randint(0, 9)}.{self.random.randint(0, 255)}.7",
        }
        self.events.append(event)
        return event


def summed(events):
    totals = {decision: sum(event["decision"] == decision for event in events) for decision in ("allow", "warn", "deny")}
    return {"score": sum(event["riskScore"] for event in events if event["counted"]), "events": len(events), **totals}


def techniques(events):
    return ["T1204", "T1611"] if any(event["aggravations"] for event in events) else ["T1611"]


def grouped(events, key):
    groups = {}
    for event in events:
        groups.setdefault(event[key], []).append(event)
    return groups


def risk_object(user, events):
    return {
        "riskObject": user, "riskObjectType": "user", "score": summed(events)["score"],
        "counted": sum(event["counted"] for event in events), "events": len(events),
        "firstSeen": min(event["time"] for event in events), "lastSeen": max(event["time"] for event in events),
        "namespaces": sorted({event["namespace"] for event in events}), "techniques": techniques(events),
    }


def incident(user, events):
    score = summed(events)["score"]
    severity = "critical" if score >= 3 * THRESHOLD else "high" if score >= 1.5 * THRESHOLD else "medium"
    return {
        "id": hashlib.sha256(user.encode()).hexdigest()[:16], "riskObject": user, "riskObjectType": "user",
        "rule": "24 Hour Risk Threshold Exceeded", "severity": severity, "score": score, "threshold": THRESHOLD,
        "since": min(event["time"] for event in events), "until": max(event["time"] for event in events),
        "counted": sum(event["counted"] for event in events), "events": len(events),
        "namespaces": sorted({event["namespace"] for event in events}), "techniques": techniques(events),
        "evidence": events[:EVIDENCE_MAX], "evidenceLeftOut": max(0, len(events) - EVIDENCE_MAX),
    }


def timeline(events, hours):
    seconds = 900 if hours <= 24 else 3600
    start = UNTIL - timedelta(hours=hours)
    buckets = []
    for index in range(hours * 3600 // seconds):
        first, last = (stamp(start + timedelta(seconds=seconds * step)) for step in (index, index + 1))
        inside = summed([event for event in events if first <= event["time"] < last])
        buckets.append({"time": first, **{key: inside[key] for key in ("allow", "warn", "deny", "score")}})
    return {"bucketSeconds": seconds, "buckets": buckets}


def report(events, hours, incidents_max=None):
    """The data of the page for these events."""
    events = sorted(events, key=lambda event: event["time"])
    users = sorted((risk_object(user, own) for user, own in grouped(events, "riskObject").items()),
                   key=lambda user: -user["score"])
    over = [user["riskObject"] for user in users if user["score"] >= THRESHOLD][:incidents_max]
    by_user = grouped(events, "riskObject")
    spaces = [{"namespace": name, **summed(own)} for name, own in grouped(events, "namespace").items()]
    return {
        "generatedAt": stamp(UNTIL + timedelta(seconds=12)),
        "period": {"since": stamp(UNTIL - timedelta(hours=hours)), "until": stamp(UNTIL)},
        "threshold": {"score": THRESHOLD, "windowSeconds": 86400},
        "totals": {**summed(events), "counted": sum(event["counted"] for event in events), "riskObjects": len(users),
                   "namespaces": len(spaces)},
        "timeline": timeline(events, hours),
        "riskObjects": users,
        "namespaces": sorted(spaces, key=lambda space: (-space["score"], space["namespace"])),
        "incidents": [incident(user, by_user[user]) for user in over],
        "events": events[::-1][:EVENTS_MAX],
    }


def typical():
    cluster = Cluster(4, 24, ["payments", "observability", "ci"], ["api", "node-probe", "cache", "ingress", "agent"])
    for user, requests in [("alice", 8), ("system:serviceaccount:ci:deployer", 4), ("bob@example.com", 2),
                           ("carol", 2), ("dmitri", 1)]:
        for _ in range(requests):
            cluster.request(user, repeats=cluster.random.choice([0, 0, 1, 4]))
    cluster.orphan()
    return report(cluster.events, 24)


def empty():
    return report([], 24)


def quiet():
    cluster = Cluster(9, 24, ["observability"], ["node-exporter"])
    for _ in range(9):
        cluster.request("erin", "DaemonSet")
    for event in cluster.events:
        event.update(counted=False, decision="allow", rule="exemption", exemption="node-exporter", riskScore=7)
    return report(cluster.events, 24)


def huge():
    namespaces = [f"team-{number:02}" for number in range(40)] + ["kube-system", ""]
    cluster = Cluster(11, 168, namespaces, [f"service-{number}" for number in range(60)])
    for number in range(200):
        for _ in range(14 if number < 50 else 3):
            cluster.request(f"user-{number:03}@example.com", repeats=1)
    return report(cluster.events, 168, incidents_max=50)


def hostile():
    nasty = [
        "<script>window.hacked = true</script>", "</script><img src=x onerror='window.hacked=true'>",
        "eve\u202egnp.exe\u202c", "\u0645\u0647\u0627\u062c\u0645", "zero\u200bwidth", "👩‍🚀🔥" * 12, "x" * 253,
        "\"><b onclick=alert(1)>", "${window.hacked = true}", "line\nbreak\ttab", "<!-- --><!--", "a/b" * 60,
    ]
    cluster = Cluster(5, 24, ["<b>bold</b>", "n" * 63, ""], nasty)
    for user in nasty:
        for _ in range(4):
            cluster.request(user)
    for event in cluster.events:
        event["images"] = ["registry.example.com/" + "y" * 200 + "@sha256:" + "0" * 64, "<i>image</i>"]
        event["rule"] = "rule </td></tr></table>"
        event["requester"] = event["requester"].replace("kube-system", "<u>kube</u>")
    data = report(cluster.events, 24)
    for user in data["riskObjects"]:
        user["techniques"] = ["T1611", "<s>T0</s>"]
    return data


def embedded(data):
    """The data as it may stand in a script block: nothing in it ends the block."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def policy(page):
    """The Content-Security-Policy for the page's one style and one script."""
    def digest(tag):
        text = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)[1]
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return (f"default-src 'none'; style-src 'sha256-{digest('style')}'; script-src 'sha256-{digest('script')}'; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'")


def render(page, data):
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(page)}">\n<title>'
    before, after = page.replace("<title>", meta, 1).split('id="data">', 1)
    return f'{before}id="data">{embedded(data)}{after}'


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "samples"
    folder.mkdir(parents=True, exist_ok=True)
    page = (HERE / "page.html").read_text(encoding="utf-8")
    for build in (typical, empty, quiet, huge, hostile):
        data = build()
        (folder / f"{build.__name__}.json").write_text(json.dumps(data, indent=1), encoding="utf-8")
        (folder / f"{build.__name__}.html").write_text(render(page, data), encoding="utf-8")
        totals = data["totals"]
        print(f"{build.__name__}: score {totals['score']}, {totals['events']} events, {totals['riskObjects']} users, "
              f"{len(data['incidents'])} incidents")


if __name__ == "__main__":
    main()
