"""The requests that are sent, and what must be answered to each."""
from __future__ import annotations

import dataclasses
import json
import pathlib
from typing import Any

RECORDED = pathlib.Path(__file__).resolve().parents[2] / "Tests/Fixtures/admission-reviews"
LARGE_BYTES = 64 << 10
HUGE_BYTES = 3 << 20


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of request to a server in deny mode; the uid of each goes between `before` and `after`."""

    name: str
    # How often it is sent, relative to the others.
    weight: float
    path: str
    before: bytes
    after: bytes
    status: int = 200
    allowed: bool = True
    warns: bool = False
    # Whether it leaves a risk event, which must be found at the end.
    leaves_event: bool = False
    method: str = "POST"
    content_type: str = "application/json"

    def request(self, uid: str) -> bytes:
        body = self.before + uid.encode() + self.after
        head = (
            f"{self.method} {self.path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {self.content_type}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def problem(self, uid: str, status: int, body: bytes) -> str:
        """What is wrong with an answer; empty when nothing is. 5xx are left to whoever knows of the faults."""
        if status >= 500:
            return ""
        if status != self.status:
            return f"status {status} instead of {self.status}"
        try:
            answer = json.loads(body)
            if status != 200:
                return "" if answer["kind"] == "Status" and answer["code"] == status else "no Status"
            response = answer["response"]
            if response["uid"] != uid:
                return f"the uid {response['uid']}"
            if response["allowed"] is not self.allowed:
                return f"allowed is {response['allowed']}"
            if bool(response.get("warnings")) is not self.warns:
                return f"warnings are {response.get('warnings')}"
        except (ValueError, KeyError, TypeError) as error:
            return f"an unreadable answer: {error!r}"
        return ""


def kinds() -> list[Kind]:
    """All of them; those that leave events make up a good third."""
    denied = {"allowed": False, "leaves_event": True}
    warned = {"warns": True, "leaves_event": True}
    sniffer = "017-create-pods-sniffer"
    return [
        recorded("allowed pod", 28, "018-create-pods-web"),
        recorded("denied pod", 9, sniffer, **denied),
        recorded("warned pod", 7, sniffer, "/validate/warn", **warned),
        recorded("audited pod", 5, sniffer, "/validate/audit", leaves_event=True),
        recorded("update of an attached pod", 5, "037-update-pods-sniffer", **warned),
        recorded("denied update", 2, "024-update-deployments-api", **denied),
        recorded("denied daemon set", 2, "022-create-daemonsets-node-exporter", **denied),
        recorded("denied cron job", 2, "028-create-cronjobs-scan", **denied),
        recorded("denied rollout", 2, "034-create-rollouts-canary", **denied),
        recorded("dry run", 4, "043-create-pods-dry", allowed=False),
        recorded("config map", 4, "036-create-configmaps-decoy"),
        recorded("ephemeral containers", 4, "044-update-pods-ephemeralcontainers-web"),
        recorded("deletion", 6, "045-delete-pods-sniffer"),
        made("deployment of 64 KiB", 6, deployment(LARGE_BYTES)),
        made("deployment of 3 MiB", 0.1, deployment(HUGE_BYTES)),
        made("denied pod of 3 MiB", 0.1, attached_pod(HUGE_BYTES), **denied),
        Kind("cut body", 2, "/validate", b'{"kind":"AdmissionReview","request":{"uid":"', b'"', 400),
        Kind("body without a review", 1, "/validate", b'["', b'"]', 400),
        Kind("wrong path", 1, "/validate/nothing", b'{"uid":"', b'"}', 404),
        Kind("wrong method", 1, "/validate", b'{"uid":"', b'"}', 405, method="PUT"),
        Kind("wrong content", 1, "/validate", b"uid: ", b"\n", 415, content_type="application/yaml"),
    ]


def recorded(name: str, weight: float, file: str, path: str = "/validate", **expected: Any) -> Kind:
    """A review as a real API server sent it."""
    return split(name, weight, path, (RECORDED / f"{file}.json").read_bytes(), expected)


def made(name: str, weight: float, document: dict[str, Any], **expected: Any) -> Kind:
    return split(name, weight, "/validate", json.dumps(document, separators=(",", ":")).encode(), expected)


def split(name: str, weight: float, path: str, review: bytes, expected: dict[str, Any]) -> Kind:
    uid = json.loads(review)["request"]["uid"].encode()
    before, _, after = review.partition(uid)
    return Kind(name, weight, path, before, after, **expected)


def deployment(size: int) -> dict[str, Any]:
    """A recorded update of a Deployment made its creation, with environment variables until it has about `size` bytes."""
    review = json.loads((RECORDED / "024-update-deployments-api.json").read_bytes())
    request = review["request"]
    request.update(operation="CREATE", object=request["oldObject"], oldObject=None)
    container = request["object"]["spec"]["template"]["spec"]["containers"][0]
    # About 70 bytes each.
    names = (f"UPSTREAM_{number}" for number in range(size // 70))
    container["env"] = [{"name": name, "value": "https://api.payments.svc:8443/v1"} for name in names]
    return review


def attached_pod(size: int) -> dict[str, Any]:
    review = json.loads((RECORDED / "017-create-pods-sniffer.json").read_bytes())
    review["request"]["object"]["metadata"]["annotations"]["example.com/filler"] = "x" * size
    return review
