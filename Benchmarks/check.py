#!/usr/bin/env python3
"""Measures `hostfence check` beside its floor: the same files, parsed to events by libyaml and nothing else.

Usage: check.py HOSTFENCE FLOOR [--files N] [--rounds N]

Both are run in turn, so that whatever else the machine does hits both; medians and their ratio are printed, and the
findings are counted against what was generated, so that a fast wrong answer does not pass for a result.
"""
import argparse, json, os, random, resource, shutil, statistics, subprocess, sys, tempfile, time

POD = """      labels:
        app: {name}
        team: team-{team}
    spec:
      serviceAccountName: {name}
{host}      containers:
        - name: main
          image: registry.example.com/team-{team}/{name}:1.{minor}.0
          args: ["--config=/etc/{name}/config.yaml", "--level=info", "--shard={team}"]
          env:
            - {{name: REGION, value: eu-central-1}}
            - name: TOKEN
              valueFrom:
                secretKeyRef: {{name: {name}-token, key: token}}
          ports:
            - containerPort: {port}
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
            limits: {{memory: 256Mi}}
          readinessProbe:
            httpGet:
              path: /readyz
              port: {port}
          volumeMounts:
            - {{name: config, mountPath: /etc/{name}}}
      volumes:
        - name: config
          configMap: {{name: {name}}}
"""

WORKLOAD = """apiVersion: apps/v1
kind: {kind}
metadata:
  name: {name}
  namespace: team-{team}
  annotations:
    description: "{description}"
spec:
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
"""


def generate(folder, files, seed=7):
    """Writes manifests of about 1.5 kB, every tenth on the node's network; returns how many are."""
    rng = random.Random(seed)
    attached = 0
    for number in range(files):
        is_attached = number % 10 == 0
        attached += is_attached
        values = {
            "kind": rng.choice(["Deployment", "DaemonSet", "StatefulSet"]),
            "name": f"app-{number}",
            "team": rng.randrange(40),
            "minor": rng.randrange(30),
            "port": rng.randrange(1024, 65536),
            "description": "what it is for " * rng.randrange(2, 12),
            "host": "      hostNetwork: true\n" if is_attached else "",
        }
        with open(os.path.join(folder, f"{number:05}.yaml"), "w") as file:
            file.write((WORKLOAD + POD).format(**values))
    return attached


def run(command):
    """Runs a command; returns seconds of wall time, seconds of CPU, and standard output."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode not in (0, 1):
        sys.exit(f"{command[0]} ended with {done.returncode}")
    return wall, cpu, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("hostfence")
    parser.add_argument("floor")
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="hostfence-bench-")
    try:
        attached = generate(folder, options.files)
        check = [options.hostfence, "check", "--mode", "deny", "--output", "json", folder]
        size = sum(entry.stat().st_size for entry in os.scandir(folder))
        rows = {"hostfence check": [], "libyaml events (floor)": []}
        for _ in range(options.rounds):
            wall, cpu, output = run(check)
            found = json.loads(output)["summary"]["denied"]
            if found != attached:
                sys.exit(f"found {found} attachments of {attached}")
            rows["hostfence check"].append((wall, cpu))
            rows["libyaml events (floor)"].append(run([options.floor, folder])[:2])
        print(f"{options.files} manifests, {size / 1e6:.1f} MB, {attached} attached, medians of {options.rounds} runs")
        medians = {name: [statistics.median(column) for column in zip(*runs)] for name, runs in rows.items()}
        for name, (wall, cpu) in medians.items():
            print(f"  {name:24} wall {wall:6.3f} s   cpu {cpu:6.3f} s")
        ours, floor = medians.values()
        print(f"  ratio                    wall {ours[0] / floor[0]:6.2f}     cpu {ours[1] / floor[1]:6.2f}")
    finally:
        shutil.rmtree(folder)


main()
