#!/usr/bin/env python3
"""Measures what the exemptions of a policy add to an object that violates it.

Usage: policy.py HOSTFENCE [--objects N] [--rounds N]

`hostfence check` judges one List of pods on the node's network, in the mode audit and as a controller of Kubernetes, so
that ownerReferences are believed, under policies that differ in their exemptions only. Every policy also judges a List
of one pod: that is what starting and loading the policy take, and is subtracted. What remains, by object and less the
same without exemptions, is what the exemptions add: parsing and reporting are the same in both, but for the shorter
words about what an exemption frees.

Beside them, in the same rounds: a single exemption, the exemptions that match without those that do not, and as many
whose patterns all begin with *, which no index can find: all of them are tried, which is what the index saves.

All are run in turn, in another order every round, so that whatever else the machine does hits all; differences are
taken within a round, and their medians are printed. Before that, every finding of every policy is held against what
was generated: a fast wrong answer is no result. Ends with 1 when a policy with a goal misses it.
"""
import argparse, collections, json, os, random, resource, shutil, statistics, subprocess, sys, tempfile, time

GOAL_MICROSECONDS = 20
NAMESPACES = 200
APPS = 20
CONTROLLER = "system:serviceaccount:kube-system:daemon-set-controller"
REGISTRY = "registry.example.com"
WORDS = ["exporter", "ingress-proxy", "cni", "dns-cache", "log-agent", "csi-node", "probe", "vpn", "mesh", "lb"]

# Objects


def team(number):
    return f"team-{number % NAMESPACES:03}"


def pod(number, namespace, rng):
    """A pod as `kubectl get -o json` shows it, about 1.5 kB; `matching` goes by which workload owns it."""
    app = f"{WORDS[number % NAMESPACES % len(WORDS)]}-{number // NAMESPACES % APPS}"
    suffix = "".join(rng.choices("bcdfghjklmnpqrstvwxz2456789", k=5))
    labels = {"app": app, "team": namespace, "controller-revision-hash": f"{rng.getrandbits(32):08x}"}
    owner = {"apiVersion": "apps/v1", "kind": rng.choice(["DaemonSet", "StatefulSet"]), "name": app, "controller": True}
    main = {
        "name": "main",
        "image": f"{REGISTRY}/{namespace}/{app}:1.{rng.randrange(30)}.0",
        "args": [f"--config=/etc/{app}/config.yaml", "--level=info", f"--shard={rng.randrange(40)}"],
        "env": [
            {"name": "NODE", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "spec.nodeName"}}},
            {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": f"{app}-token", "key": "token"}}},
        ],
        "ports": [{"containerPort": rng.randrange(1024, 65536), "protocol": "TCP"}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": 8080}, "periodSeconds": 10},
        "volumeMounts": [{"name": "config", "mountPath": f"/etc/{app}", "readOnly": True}],
    }
    sidecar = {"name": "sidecar", "image": f"{REGISTRY}/{namespace}/sidecar:2.{rng.randrange(9)}"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{app}-{suffix}",
            "generateName": f"{app}-",
            "namespace": namespace,
            "labels": labels,
            "annotations": {"description": "what it is for " * rng.randrange(2, 12)},
            "ownerReferences": [{**owner, "uid": f"{rng.getrandbits(128):032x}", "blockOwnerDeletion": True}],
        },
        "spec": {
            "serviceAccountName": app,
            "hostNetwork": True,
            "nodeName": f"node-{rng.randrange(500)}",
            "containers": [main, sidecar],
            "tolerations": [{"operator": "Exists", "effect": "NoSchedule"}],
            "volumes": [{"name": "config", "configMap": {"name": app, "defaultMode": 420}}],
        },
    }


def write(folder, name, document):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        json.dump(document, file, separators=(",", ":"))
    return path


# Exemptions: each is its conditions, which is all that differs


def mixed(number):
    """One of five usual kinds, in a namespace that has pods; the workloads are other ones, so none matches."""
    namespace, app = team(number // 5), f"{WORDS[number % len(WORDS)]}-{APPS + number}"
    image, sidecar = f"{REGISTRY}/{namespace}/{app}:*", f"{REGISTRY}/{namespace}/sidecar-{number}"
    return [
        {"namespaces": [namespace], "ownerWorkloads": [{"kind": "DaemonSet", "name": app}], "images": [image]},
        {"namespaces": [namespace], "users": [f"oidc:person-{number}@example.com"]},
        {"kinds": ["core/Pod", "apps/DaemonSet"], "serviceAccounts": [f"{namespace}/{app}"]},
        {"namespaces": [namespace], "names": [f"{app}-*"]},
        {"serviceAccounts": ["kube-system/*-controller"], "images": [image, sidecar]},
    ][number % 5]


def matching(number):
    """Frees the pods of every tenth namespace: as many as there are namespaces of WORDS[0]."""
    namespace = team(number * len(WORDS))
    owner = {"namespaces": [namespace], "ownerWorkloads": [{"kind": "*Set", "name": f"{WORDS[0]}-*"}]}
    return {**owner, "images": [f"{REGISTRY}/{namespace}/*"]} if number % 2 else owner


def crowded(number):
    """All in one namespace; names differ, half of them with a wildcard."""
    name = f"{WORDS[number % len(WORDS)]}-{APPS + number}-"
    return {"namespaces": [team(0)], "names": [name + ("*" if number // len(WORDS) % 2 else "x7k2p")]}


def wild(part):
    """The same conditions, with * before every pattern."""
    if isinstance(part, dict):
        return {key: wild(value) for key, value in part.items()}
    return [wild(each) for each in part] if isinstance(part, list) else f"*{part}"


MATCHING = [matching(number) for number in range(NAMESPACES // len(WORDS))]
MIX = [mixed(number) for number in range(10_000)]


def policies():
    """What is measured: name, conditions of the exemptions, which objects, and whether the goal is for it."""
    some = list(MIX[:1000])
    some[49 :: 1000 // len(MATCHING)] = MATCHING
    names = [crowded(number) for number in range(1000)]
    return [
        ("none", [], "spread", False),
        ("1, which never matches", MIX[:1], "spread", False),
        ("1,000 mixed, none matches", MIX[:1000], "spread", True),
        (f"{len(MATCHING)} which match some", MATCHING, "spread", False),
        ("1,000 mixed, those among them", some, "spread", True),
        ("1,000 mixed, all patterns with * before", wild(MIX[:1000]), "spread", False),
        ("10,000 mixed, none matches", MIX, "spread", False),
        ("none, objects in one namespace", [], "crowded", False),
        ("1,000 in that namespace, other names", names, "crowded", True),
    ]


def policy(conditions):
    head = {"apiVersion": "hostfence.dev/v1", "kind": "Policy", "mode": "audit"}
    why = {"reason": "Reads the node's own counters.", "owner": "team-observability"}
    exemptions = [{"id": f"exemption-{number}", **why, "match": match} for number, match in enumerate(conditions)]
    return {**head, "exemptions": exemptions} if exemptions else head


# Measuring

Time = collections.namedtuple("Time", "user wall")


class Measured:
    """A policy, the objects it judges, and what that took in every round, with all objects and with one."""

    def __init__(self, hostfence, folder, number, objects, name, conditions, kind, has_goal):
        self.name, self.conditions, self.kind, self.has_goal = name, conditions, kind, has_goal
        path = write(folder, f"policy-{number}.json", policy(conditions))
        self.command = [hostfence, "check", "--policy", path, "--as", CONTROLLER, "--output"]
        self.objects, self.one = objects[kind], objects["one"]
        self.all_times, self.one_times = [], []

    def verify(self, report):
        """Every pod must be found, and freed by the exemption that was made for it and no other."""
        self.summary = run([*self.command, f"json={report}", self.objects])[1]
        with open(self.objects) as objects, open(report) as found:
            pods, findings = json.load(objects)["items"], json.load(found)["findings"]
        ids = {match["namespaces"][0]: f"exemption-{n}" for n, match in enumerate(self.conditions) if match in MATCHING}
        expected = [(pod["metadata"]["name"], ids.get(pod["metadata"]["namespace"])) for pod in pods]
        if [(finding["name"], finding.get("exemption")) for finding in findings] != expected:
            sys.exit(f"{self.name}: other findings or exemptions than were generated")
        self.freed = sum(exemption is not None for _, exemption in expected)

    def measure(self):
        taken, summary = run([*self.command, "json=/dev/null", self.objects])
        if summary != self.summary:
            sys.exit(f"{self.name}: said {summary!r}, and before {self.summary!r}")
        self.all_times.append(taken)
        self.one_times.append(run([*self.command, "json=/dev/null", self.one])[0])

    def by_object(self, clock, count):
        """Microseconds by object in every round, without start and policy."""
        pairs = zip(self.all_times, self.one_times)
        return [(getattr(every, clock) - getattr(one, clock)) / (count - 1) * 1e6 for every, one in pairs]


def run(command):
    """Runs a command; returns its times and what it says at the end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    start = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wall = time.monotonic() - start
    user = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with {done.returncode}: {done.stderr[:1000]}")
    return Time(user, wall), done.stderr


def differences(these, those):
    return [this - that for this, that in zip(these, those)]


def report(measured, count):
    """Prints the table; returns whether all goals are met."""
    print("| exemptions | freed | loading, user | by object, user | added, user | in the rounds | added, wall | goal |")
    print("|---|---:|---:|---:|---:|---:|---:|---|")
    are_met = True
    for row in measured:
        user = row.by_object("user", count)
        cells = [row.name, f"{row.freed:,}", "", f"{statistics.median(user):.2f} µs", "", "", "", ""]
        if row.conditions:
            none = next(each for each in measured if each.kind == row.kind and not each.conditions)
            loading = differences([one.user for one in row.one_times], [one.user for one in none.one_times])
            added = differences(user, none.by_object("user", count))
            wall = differences(row.by_object("wall", count), none.by_object("wall", count))
            cells[2] = f"{statistics.median(loading) * 1e3:.1f} ms"
            cells[4] = f"{statistics.median(added):.2f} µs"
            cells[5] = f"{min(added):.2f} to {max(added):.2f}"
            cells[6] = f"{statistics.median(wall):.2f} µs"
            if row.has_goal:
                is_met = statistics.median(added) < GOAL_MICROSECONDS
                are_met = are_met and is_met
                cells[7] = f"under {GOAL_MICROSECONDS} µs: {'met' if is_met else 'MISSED'}"
        print(f"| {' | '.join(cells)} |")
    return are_met


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("hostfence")
    parser.add_argument("--objects", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    if options.objects < 2 or options.rounds < 1:
        parser.error("there must be 2 objects and 1 round at least")
    folder = tempfile.mkdtemp(prefix="hostfence-bench-")
    try:
        rng = random.Random(7)
        spread = [pod(number, team(number), rng) for number in range(options.objects)]
        lists = {"spread": spread, "crowded": [pod(n, team(0), rng) for n in range(options.objects)], "one": spread[:1]}
        objects = {}
        for name, pods in lists.items():
            objects[name] = write(folder, f"{name}.json", {"apiVersion": "v1", "kind": "List", "items": pods})
        measured = [Measured(options.hostfence, folder, n, objects, *each) for n, each in enumerate(policies())]
        for row in measured:
            row.verify(os.path.join(folder, "report.json"))
        for _ in range(options.rounds):
            for row in rng.sample(measured, len(measured)):
                row.measure()
        size = os.path.getsize(objects["spread"]) / 1e6
        print(f"{options.objects:,} pods on the node's network, {size:.1f} MB, medians of {options.rounds} rounds\n")
        sys.exit(0 if report(measured, options.objects) else 1)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
