"""What a cluster with hostNetwork DaemonSets logs about their pods at level RequestResponse, as event templates.

Nobody types these requests: the kubelet of each node reads the pod and patches its status, the daemon-set controller
creates and deletes pods and updates the status of its DaemonSet, and other controllers get and list pods. All of them
carry a whole object with `hostNetwork: true`, none is a pod created or updated with the annotation of
`kubectl apply`, so none belongs into the analytic's table. Keys stand in the order in which kube-apiserver writes them.

A template is an event whose texts hold `%(name)s` for what differs from line to line; generate.py fills them in.
"""
from __future__ import annotations

import dataclasses
import random

from cluster_objects import Object, running_status, stored_daemon_set, stored_pod
from cluster_objects import pod_labels_and_owner, pod_spec, type_of

VERSION = "v1.32.4 (linux/amd64) kubernetes/4cb5f07"
KUBELET_AGENT = f"kubelet/{VERSION}"
DAEMON_SET_CONTROLLER = "system:serviceaccount:kube-system:daemon-set-controller"
CONTROLLER_MANAGER_AGENT = f"kube-controller-manager/{VERSION}/{DAEMON_SET_CONTROLLER}"


@dataclasses.dataclass(frozen=True)
class WeightedEvent:
    """An event template and its share, in percent, of all lines made from this file."""

    percent: float
    event: Object


def events() -> list[WeightedEvent]:
    """All templates; the shares add up to 100."""
    return [
        WeightedEvent(50, kubelet_patches_status()),
        WeightedEvent(28, kubelet_gets_pod()),
        WeightedEvent(10, controller_updates_daemon_set_status()),
        WeightedEvent(4, operator_gets_pod()),
        WeightedEvent(1, agent_lists_pods(8)),
        WeightedEvent(1, agent_lists_pods(24)),
        WeightedEvent(3, controller_creates_pod()),
        WeightedEvent(3, controller_deletes_pod()),
    ]


# Requests


def kubelet_patches_status() -> Object:
    status = running_status()
    patch = {
        "metadata": {"uid": "%(uid)s"},
        "status": {
            "$setElementOrder/conditions": [{"type": condition["type"]} for condition in status["conditions"]],
            "conditions": [{"lastTransitionTime": "%(staged_second)s", "status": "True", "type": "Ready"}],
            "containerStatuses": status["containerStatuses"],
        },
    }
    return event(
        uri="/api/v1/namespaces/%(namespace)s/pods/%(object)s/status",
        verb="patch",
        user=node_user(),
        agent=KUBELET_AGENT,
        reference=pod_reference(subresource="status"),
        request=patch,
        response={**type_of("Pod"), **stored_pod(status)},
    )


def kubelet_gets_pod() -> Object:
    return event(
        uri="/api/v1/namespaces/%(namespace)s/pods/%(object)s",
        verb="get",
        user=node_user(),
        agent=KUBELET_AGENT,
        reference=pod_reference(),
        response={**type_of("Pod"), **stored_pod(running_status())},
    )


def operator_gets_pod() -> Object:
    return event(
        uri="/api/v1/namespaces/%(namespace)s/pods/%(object)s",
        verb="get",
        user=service_account("monitoring", "prometheus-operator"),
        agent="PrometheusOperator/0.79.2",
        reference=pod_reference(),
        response={**type_of("Pod"), **stored_pod(running_status())},
    )


def agent_lists_pods(count: int) -> Object:
    """A list of the pods of one DaemonSet; a list names no object, and its items name no kind."""
    suffixes = random.Random(count)
    items = []
    for _ in range(count):
        pod = stored_pod(running_status())
        pod["metadata"]["name"] = "%(daemon_set)s-" + "".join(suffixes.choices("bcdfghjklmnpqrstvwxz2456789", k=5))
        pod["metadata"]["uid"] = "%08x" % suffixes.getrandbits(32) + "-4a4f-4c2d-9d32-1b6fbc1d2f01"
        items.append(pod)
    return event(
        uri="/api/v1/namespaces/%(namespace)s/pods?labelSelector=app.kubernetes.io%%2Fname%%3D%(daemon_set)s&limit=500",
        verb="list",
        user=service_account("kube-system", "cilium-operator"),
        agent="cilium-operator/1.16.5",
        reference={"resource": "pods", "namespace": "%(namespace)s", "apiVersion": "v1"},
        response={**type_of("PodList"), "metadata": {"resourceVersion": "%(revision)s"}, "items": items},
    )


def controller_creates_pod() -> Object:
    """The controller leaves the name to the server, so that neither objectRef nor requestObject has it."""
    metadata = {"generateName": "%(daemon_set)s-", "namespace": "%(namespace)s", **pod_labels_and_owner()}
    requested = {**type_of("Pod"), "metadata": metadata, "spec": pod_spec(is_admitted=False), "status": {}}
    return event(
        uri="/api/v1/namespaces/%(namespace)s/pods",
        verb="create",
        user=service_account("kube-system", "daemon-set-controller"),
        agent=CONTROLLER_MANAGER_AGENT,
        reference={"resource": "pods", "namespace": "%(namespace)s", "apiVersion": "v1"},
        request=requested,
        response={**type_of("Pod"), **stored_pod({"phase": "Pending", "qosClass": "Burstable"})},
        code=201,
        annotations={"pod-security.kubernetes.io/enforce-policy": "privileged:latest"},
    )


def controller_deletes_pod() -> Object:
    return event(
        uri="/api/v1/namespaces/%(namespace)s/pods/%(object)s",
        verb="delete",
        user=service_account("kube-system", "daemon-set-controller"),
        agent=CONTROLLER_MANAGER_AGENT,
        reference=pod_reference(),
        request={
            "kind": "DeleteOptions",
            "apiVersion": "meta.k8s.io/__internal",
            "preconditions": {"uid": "%(uid)s"},
        },
        response={**type_of("Pod"), **stored_pod(running_status())},
    )


def controller_updates_daemon_set_status() -> Object:
    daemon_set = stored_daemon_set()
    return event(
        uri="/apis/apps/v1/namespaces/%(namespace)s/daemonsets/%(daemon_set)s/status",
        verb="update",
        user=service_account("kube-system", "daemon-set-controller"),
        agent=CONTROLLER_MANAGER_AGENT,
        reference={
            "resource": "daemonsets",
            "namespace": "%(namespace)s",
            "name": "%(daemon_set)s",
            "uid": "%(owner_uid)s",
            "apiGroup": "apps",
            "apiVersion": "v1",
            "resourceVersion": "%(revision)s",
            "subresource": "status",
        },
        request=daemon_set,
        response=daemon_set,
    )


# Parts of an event


def event(
    uri: str,
    verb: str,
    user: Object,
    agent: str,
    reference: Object,
    response: Object,
    request: Object | None = None,
    code: int = 200,
    annotations: Object | None = None,
) -> Object:
    """An event at stage ResponseComplete."""
    return {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "RequestResponse",
        "auditID": "%(audit_id)s",
        "stage": "ResponseComplete",
        "requestURI": uri,
        "verb": verb,
        "user": user,
        "sourceIPs": ["%(address)s"],
        "userAgent": agent,
        "objectRef": reference,
        "responseStatus": {"metadata": {}, "code": code},
        **({} if request is None else {"requestObject": request}),
        "responseObject": response,
        "requestReceivedTimestamp": "%(received)s",
        "stageTimestamp": "%(staged)s",
        "annotations": {
            "authorization.k8s.io/decision": "allow",
            "authorization.k8s.io/reason": "",
            **(annotations or {}),
        },
    }


def node_user() -> Object:
    return {"username": "system:node:%(node)s", "groups": ["system:nodes", "system:authenticated"]}


def service_account(namespace: str, name: str) -> Object:
    return {
        "username": f"system:serviceaccount:{namespace}:{name}",
        "uid": "6c0f3a1e-5d0b-4f5e-8a57-2c1a1a9b7e10",
        "groups": ["system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"],
    }


def pod_reference(subresource: str | None = None) -> Object:
    reference = {"resource": "pods", "namespace": "%(namespace)s", "name": "%(object)s", "apiVersion": "v1"}
    return reference if subresource is None else {**reference, "subresource": subresource}
