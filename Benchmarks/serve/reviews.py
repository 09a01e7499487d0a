"""The reviews that are sent, and what must be answered."""
from __future__ import annotations

import dataclasses
import http.client
import json
import pathlib
import ssl
import uuid
from typing import Any

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = ROOT / ".build/bench/serve"
RECORDED = ROOT / "Tests/Fixtures/admission-reviews"
PATH = "/validate/deny"
HEADERS = {
    "User-Agent": "kube-apiserver-admission",
    "Accept": "application/json, */*",
    "Content-Type": "application/json",
}
LARGE_BYTES = 64 << 10
SECONDS_MAX = 10

Object = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Review:
    """A review in a file, the uid that stands in it, and its verdict in deny mode."""

    title: str
    path: pathlib.Path
    uid: str
    allowed: bool

    def with_new_uid(self) -> tuple[str, bytes]:
        uid = str(uuid.uuid4())
        return uid, self.path.read_bytes().replace(self.uid.encode(), uid.encode(), 1)


def review(title: str, path: pathlib.Path, allowed: bool) -> Review:
    return Review(title, path, json.loads(path.read_bytes())["request"]["uid"], allowed)


def allowed_pod() -> Review:
    return review("a pod that is allowed", RECORDED / "018-create-pods-web.json", True)


def denied_pod() -> Review:
    return review("a pod that is denied", RECORDED / "017-create-pods-sniffer.json", False)


def large_deployment() -> Review:
    """A recorded update of a Deployment made its creation, with containers until the review is of 64 KiB exactly."""
    document = json.loads((RECORDED / "024-update-deployments-api.json").read_bytes())
    request = document["request"]
    created = request["oldObject"]
    request.update(operation="CREATE", object=created, oldObject=None)
    request["options"]["kind"] = "CreateOptions"
    containers = created["spec"]["template"]["spec"]["containers"]
    while True:
        more = container(len(containers))
        if len(compact(document)) + len(compact(more)) > LARGE_BYTES - 100:
            break
        containers.append(more)
    filler = {"name": "FILLER", "value": ""}
    containers[-1]["env"].append(filler)
    filler["value"] = "x" * (LARGE_BYTES - len(compact(document)))
    path = WORK / "large-deployment.json"
    path.write_bytes(compact(document))
    assert path.stat().st_size == LARGE_BYTES and b"hostNetwork" not in path.read_bytes()
    return review("a Deployment of 64 KiB that is allowed", path, True)


def container(number: int) -> Object:
    variables: list[Object] = [
        {"name": f"UPSTREAM_{index:02}_URL", "value": f"https://api-{index}.payments.svc.cluster.local:8443/v1"}
        for index in range(16)
    ]
    variables.append({"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": f"worker-{number}", "key": "token"}}})
    return {
        "name": f"worker-{number}",
        "image": f"registry.example.com/worker:1.{number}.0",
        "args": ["--config=/etc/worker/config.yaml", "--log-level=info", f"--shard={number}"],
        "ports": [{"name": "metrics", "containerPort": 9000 + number, "protocol": "TCP"}],
        "env": variables,
        "resources": {"limits": {"memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
        "volumeMounts": [{"name": "config", "readOnly": True, "mountPath": "/etc/worker"}],
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }


def compact(document: Object) -> bytes:
    """As the API server writes it."""
    return json.dumps(document, separators=(",", ":")).encode()


# One question over a connection of its own


@dataclasses.dataclass(frozen=True)
class Answer:
    """What was answered, and how the connection was protected."""

    status: int
    body: bytes
    protection: str


def ask(port: int, context: ssl.SSLContext, body: bytes) -> Answer:
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=SECONDS_MAX, context=context)
    try:
        connection.connect()
        protection = f"{connection.sock.version()}, {connection.sock.cipher()[0]}"
        connection.request("POST", PATH, body, HEADERS)
        response = connection.getresponse()
        return Answer(response.status, response.read(), protection)
    finally:
        connection.close()


def is_verdict(answer: Answer, uid: str, allowed: bool) -> bool:
    if answer.status != 200:
        return False
    response = json.loads(answer.body)["response"]
    return response["uid"] == uid and response["allowed"] is allowed
