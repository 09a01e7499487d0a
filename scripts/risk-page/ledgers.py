#!/usr/bin/env python3
"""Writes risk events of several kinds of cluster, as JSON lines for `hostfence risk import`.

    ledgers.py KIND > events.jsonl

typical   5 users, incidents of 2 of them, what controllers derived, and a pod whose author nobody knows; a day
single    one event, so that everything is there once
empty     nothing
quiet     events that an exemption let through: nothing is charged
many      60 users, 12 of them with incidents, more events than are shown at first; 20 hours
hostile   names that try to break out of the page, or to break its layout
"""

import json
import random
import sys
import time

CONTROLLERS = "system:serviceaccount:kube-system:"
POINTERS = {"Pod": "/spec/hostNetwork", "CronJob": "/spec/jobTemplate/spec/template/spec/hostNetwork"}
AGGRAVATIONS = ["NET_RAW", "NET_ADMIN", "privileged", "hostPID", "hostIPC"]
NASTY = [
    "<script>window.hacked = true</script>", "</script><img src=x onerror='window.hacked=true'>",
    "eve\u202egnp.exe\u202c", "\u0645\u0647\u0627\u062c\u0645", "zero\u200bwidth", "👩‍🚀🔥" * 12, "x" * 253,
    "\"><b onclick=alert(1)>", "${window.hacked = true}", "line\nbreak\ttab", "<!-- --><!--", "a/b" * 60,
]


class Cluster:
    """Prints the events of users who ask for pods on the node's network."""

    def __init__(self, hours, namespaces, images):
        self.random = random.Random(4)
        self.end = time.time()
        self.hours = hours
        self.namespaces = namespaces
        self.images = images
        self.count = 0

    def deploy(self, user, name, pods=3):
        """A Deployment, and what controllers make of it."""
        moment = self.end - self.random.random() * (self.hours * 3600 - 600) - 300
        namespace = self.random.choice(self.namespaces)
        worse = self.random.sample(AGGRAVATIONS, self.random.choice([0, 0, 1, 2]))
        decision = "deny" if "privileged" in worse else "warn"
        place = (moment, namespace, decision, worse)
        top = self.event(place, user, "Deployment", name, None)
        if decision == "warn":
            replicas = self.event(place, CONTROLLERS + "deployment-controller", "ReplicaSet", f"{name}-5d", top)
            for pod in range(pods):
                self.event(place, CONTROLLERS + "replicaset-controller", "Pod", f"{name}-5d-{pod}", replicas)

    def event(self, place, user, kind, name, owner, exemption=None):
        """Prints one event, and returns its object as an owner."""
        moment, namespace, decision, worse = place
        self.count += 1
        moment += self.count % 1000 / 1000
        uid = f"uid-{self.count}"
        pointer = POINTERS.get(kind, "/spec/template/spec/hostNetwork")
        version = {"Pod": "v1", "CronJob": "batch/v1"}.get(kind, "apps/v1")
        print(json.dumps({
            "id": f"{self.count}:{pointer}", "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + "Z",
            "riskObject": user, "riskObjectType": "user", "riskScore": 0 if exemption else 49 + 10 * len(worse),
            "riskMessage": f"Kubernetes pod with host network attachment from user {user}.",
            "threatObject": "192.0.2.7", "decision": "allow" if exemption else decision, "mode": decision,
            "rule": "exemption" if exemption else "mode", "exemption": exemption, "policyRevision": "0123456789ab",
            "deduplicationSeconds": 86_400, "introduced": True, "requestUID": str(self.count), "operation": "CREATE",
            "subresource": "", "apiVersion": version, "kind": kind, "namespace": namespace, "name": name,
            "objectUID": uid, "requester": user, "userGroups": ["system:authenticated"], "owner": owner,
            "pointer": pointer, "field": pointer[1:].replace("/", "."), "certainty": "certain",
            "containers": [{"name": "c", "image": image} for image in self.images], "hostPorts": ["8080/TCP"],
            "aggravations": worse,
        }))
        return {"apiVersion": version, "kind": kind, "name": name, "uid": uid}


def typical():
    cluster = Cluster(24, ["payments", "observability", "ci"], ["registry.example.com/api:1.2.3"])
    for user, count in [("alice", 8), ("system:serviceaccount:ci:deployer", 4), ("bob@example.com", 2), ("carol", 1)]:
        for number in range(count):
            cluster.deploy(user, f"{user[0]}-app-{number}")
    lost = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "lost-5d", "uid": "uid-lost"}
    place = (cluster.end - 7200, "payments", "warn", [])
    cluster.event(place, CONTROLLERS + "replicaset-controller", "Pod", "lost-5d-0", lost)


def single():
    cluster = Cluster(24, ["payments"], ["registry.example.com/api:1.2.3"])
    cluster.event((cluster.end - 60, "payments", "deny", []), "alice", "Pod", "sniffer", None)


def empty():
    pass


def quiet():
    cluster = Cluster(24, ["observability"], ["registry.example.com/exporter:1"])
    for number in range(9):
        place = (cluster.end - 3600 * (number + 1), "observability", "warn", [])
        cluster.event(place, "erin", "DaemonSet", f"exporter-{number}", None, exemption="node-exporter")


def many():
    cluster = Cluster(20, [*(f"team-{number:02}" for number in range(40)), "kube-system"], ["registry.example.com/a:1"])
    for number in range(60):
        for app in range(8 if number < 12 else 1):
            cluster.deploy(f"user-{number:03}@example.com", f"service-{number}-{app}", pods=2)


def hostile():
    images = ["registry.example.com/" + "y" * 200 + "@sha256:" + "0" * 64, "<i>image</i>"]
    cluster = Cluster(24, ["<b>bold</b>", "n" * 63, ""], images)
    for user in NASTY:
        for name in NASTY[:4]:
            cluster.deploy(user, name)


if __name__ == "__main__":
    kinds = {kind.__name__: kind for kind in (typical, single, empty, quiet, many, hostile)}
    if len(sys.argv) != 2 or sys.argv[1] not in kinds:
        sys.exit(__doc__)
    kinds[sys.argv[1]]()
