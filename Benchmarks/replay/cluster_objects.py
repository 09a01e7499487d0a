"""The pods and the DaemonSets of cluster_events.py: whole objects as the API server answers with them.

Texts hold `%(name)s` for what differs from pod to pod. Keys stand in the order in which kube-apiserver writes them.
"""
from __future__ import annotations

from typing import Any

Object = dict[str, Any]

STARTED = "2026-11-22T08:15:42Z"

# The DaemonSets of the cluster: name, namespace and image. All are on the host's network.
DAEMON_SETS = [
    ("kube-proxy", "kube-system", "registry.k8s.io/kube-proxy:v1.32.4"),
    ("cilium", "kube-system", "quay.io/cilium/cilium:v1.16.5"),
    ("node-local-dns", "kube-system", "registry.k8s.io/dns/k8s-dns-node-cache:1.24.0"),
    ("ebs-csi-node", "kube-system", "registry.k8s.io/provider-aws/aws-ebs-csi-driver:v1.38.1"),
    ("node-exporter", "monitoring", "quay.io/prometheus/node-exporter:v1.8.2"),
    ("fluent-bit", "logging", "cr.fluentbit.io/fluent/fluent-bit:3.2.2"),
    ("ingress-nginx-controller", "ingress-nginx", "registry.k8s.io/ingress-nginx/controller:v1.12.0"),
    ("speaker", "metallb-system", "quay.io/metallb/speaker:v0.14.9"),
]


def type_of(kind: str) -> Object:
    return {"kind": kind, "apiVersion": "v1"}


def stored_pod(status: Object) -> Object:
    """A pod as the server answers with it, without kind and version."""
    metadata = {
        "name": "%(object)s",
        "generateName": "%(daemon_set)s-",
        "namespace": "%(namespace)s",
        "uid": "%(uid)s",
        "resourceVersion": "%(revision)s",
        "generation": 1,
        "creationTimestamp": STARTED,
        **pod_labels_and_owner(),
        "managedFields": [
            managed_fields("kube-controller-manager", None, managed_pod_fields()),
            managed_fields("kubelet", "status", managed_status_fields()),
        ],
    }
    return {"metadata": metadata, "spec": pod_spec(is_admitted=True), "status": status}


def pod_labels_and_owner() -> Object:
    return {
        "labels": {
            "app.kubernetes.io/name": "%(daemon_set)s",
            "controller-revision-hash": "79c5c6f87d",
            "pod-template-generation": "3",
        },
        "ownerReferences": [
            {
                "apiVersion": "apps/v1",
                "kind": "DaemonSet",
                "name": "%(daemon_set)s",
                "uid": "%(owner_uid)s",
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ],
    }


def pod_spec(is_admitted: bool) -> Object:
    """What the controller sends; admission adds the service account's token, the scheduler the node."""
    token_name = "kube-api-access-x7k2p"
    token_volume = {
        "name": token_name,
        "projected": {
            "sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            ],
            "defaultMode": 420,
        },
    }
    token_mount = {
        "name": token_name,
        "readOnly": True,
        "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
    }
    spec = template_spec()
    if is_admitted:
        spec["volumes"].append(token_volume)
        spec["containers"][0]["volumeMounts"].append(token_mount)
    on_this_node = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["%(node)s"]}]}
    node_affinity = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [on_this_node]}}
    return {
        **{key: spec[key] for key in ("volumes", "containers", "restartPolicy", "terminationGracePeriodSeconds")},
        **{key: spec[key] for key in ("dnsPolicy", "nodeSelector", "serviceAccountName", "serviceAccount")},
        **({"nodeName": "%(node)s"} if is_admitted else {}),
        "hostNetwork": True,
        "securityContext": {},
        "affinity": {"nodeAffinity": node_affinity},
        "schedulerName": "default-scheduler",
        "tolerations": daemon_tolerations(),
        "priorityClassName": "system-node-critical",
        **({"priority": 2000001000, "enableServiceLinks": True, "preemptionPolicy": "PreemptLowerPriority"}
           if is_admitted else {"enableServiceLinks": True}),
    }


def template_spec() -> Object:
    """The pod template of a DaemonSet."""
    container = {
        "name": "%(daemon_set)s",
        "image": "%(image)s",
        "args": ["--config=/etc/%(daemon_set)s/config.yaml", "--node=$(NODE_NAME)", "--log-level=info"],
        "ports": [{"name": "metrics", "hostPort": 9100, "containerPort": 9100, "protocol": "TCP"}],
        "env": [{"name": "NODE_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "spec.nodeName"}}}],
        "resources": {"limits": {"memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
        "volumeMounts": [
            {"name": "config", "mountPath": "/etc/%(daemon_set)s"},
            {"name": "run", "mountPath": "/run/%(daemon_set)s"},
        ],
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
        "securityContext": {"capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]}},
    }
    return {
        "volumes": [
            {"name": "config", "configMap": {"name": "%(daemon_set)s", "defaultMode": 420}},
            {"name": "run", "hostPath": {"path": "/run/%(daemon_set)s", "type": "DirectoryOrCreate"}},
        ],
        "containers": [container],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirstWithHostNet",
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "serviceAccountName": "%(daemon_set)s",
        "serviceAccount": "%(daemon_set)s",
        "hostNetwork": True,
        "securityContext": {},
        "schedulerName": "default-scheduler",
        "priorityClassName": "system-node-critical",
    }


def daemon_tolerations() -> list[Object]:
    """What the controller lets every pod of a DaemonSet tolerate."""
    node_conditions = [
        ("not-ready", "NoExecute"),
        ("unreachable", "NoExecute"),
        ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"),
        ("pid-pressure", "NoSchedule"),
        ("unschedulable", "NoSchedule"),
        ("network-unavailable", "NoSchedule"),
    ]
    return [{"operator": "Exists"}] + [
        {"key": f"node.kubernetes.io/{condition}", "operator": "Exists", "effect": effect}
        for condition, effect in node_conditions
    ]


def running_status() -> Object:
    types = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]
    return {
        "phase": "Running",
        "conditions": [
            {"type": name, "status": "True", "lastProbeTime": None, "lastTransitionTime": STARTED} for name in types
        ],
        "hostIP": "%(node_address)s",
        "hostIPs": [{"ip": "%(node_address)s"}],
        "podIP": "%(node_address)s",
        "podIPs": [{"ip": "%(node_address)s"}],
        "startTime": STARTED,
        "containerStatuses": [
            {
                "name": "%(daemon_set)s",
                "state": {"running": {"startedAt": "%(staged_second)s"}},
                "lastState": {},
                "ready": True,
                "restartCount": 1,
                "image": "%(image)s",
                "imageID": "%(image)s@sha256:3f2c1d0e9b8a7f6e5d4c3b2a190807161514131211100f0e0d0c0b0a09080706",
                "containerID": "containerd://%(container_id)s",
                "started": True,
            }
        ],
        "qosClass": "Burstable",
    }


def stored_daemon_set() -> Object:
    counts = ["currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"]
    status = {name: 0 if name == "numberMisscheduled" else 60 for name in counts}
    return {
        "kind": "DaemonSet",
        "apiVersion": "apps/v1",
        "metadata": {
            "name": "%(daemon_set)s",
            "namespace": "%(namespace)s",
            "uid": "%(owner_uid)s",
            "resourceVersion": "%(revision)s",
            "generation": 3,
            "creationTimestamp": STARTED,
            "labels": {"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/name": "%(daemon_set)s"},
            "annotations": {
                "deprecated.daemonset.template.generation": "3",
                "meta.helm.sh/release-name": "%(daemon_set)s",
                "meta.helm.sh/release-namespace": "%(namespace)s",
            },
            "managedFields": [
                managed_fields("helm", None, {"f:spec": {"f:template": managed_pod_fields()}}, "apps/v1"),
            ],
        },
        "spec": {
            "selector": {"matchLabels": {"app.kubernetes.io/name": "%(daemon_set)s"}},
            "template": {
                "metadata": {"labels": {"app.kubernetes.io/name": "%(daemon_set)s"}},
                "spec": {**template_spec(), "tolerations": [{"operator": "Exists"}]},
            },
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}},
            "revisionHistoryLimit": 10,
        },
        "status": {**status, "observedGeneration": 3, "updatedNumberScheduled": 60, "numberAvailable": 60},
    }


def managed_fields(manager: str, subresource: str | None, fields: Object, version: str = "v1") -> Object:
    entry = {
        "manager": manager,
        "operation": "Update",
        "apiVersion": version,
        "time": STARTED,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
    return entry if subresource is None else {**entry, "subresource": subresource}


def named(*names: str) -> Object:
    return {f"f:{name}": {} for name in names}


def managed_pod_fields() -> Object:
    mounts = {
        f'k:{{"mountPath":"{folder}/%(daemon_set)s"}}': {".": {}, **named("mountPath", "name")}
        for folder in ("/etc", "/run")
    }
    environment: Object = {".": {}, "f:name": {}, "f:valueFrom": {".": {}, "f:fieldRef": {}}}
    node_affinity: Object = {".": {}, "f:requiredDuringSchedulingIgnoredDuringExecution": {}}
    container = {
        ".": {},
        **named("args", "image", "imagePullPolicy", "name"),
        "f:env": {".": {}, 'k:{"name":"NODE_NAME"}': environment},
        "f:resources": {".": {}, "f:limits": {".": {}, "f:memory": {}}, "f:requests": {".": {}, "f:cpu": {}}},
        **named("securityContext", "terminationMessagePath", "terminationMessagePolicy"),
        "f:volumeMounts": {".": {}, **mounts},
    }
    return {
        "f:metadata": {
            "f:generateName": {},
            "f:labels": {".": {}, **named("app.kubernetes.io/name", "controller-revision-hash")},
            "f:ownerReferences": {".": {}, 'k:{"uid":"%(owner_uid)s"}': {}},
        },
        "f:spec": {
            "f:affinity": {".": {}, "f:nodeAffinity": node_affinity},
            "f:containers": {'k:{"name":"%(daemon_set)s"}': container},
            **named("dnsPolicy", "enableServiceLinks", "hostNetwork", "nodeSelector", "priorityClassName"),
            **named("restartPolicy", "schedulerName", "securityContext", "serviceAccount", "serviceAccountName"),
            **named("terminationGracePeriodSeconds", "tolerations"),
            "f:volumes": {".": {}, 'k:{"name":"config"}': {".": {}, "f:configMap": {}, "f:name": {}}},
        },
    }


def managed_status_fields() -> Object:
    types = ["ContainersReady", "Initialized", "PodReadyToStartContainers", "Ready"]
    details = named("lastProbeTime", "lastTransitionTime", "status", "type")
    return {
        "f:status": {
            "f:conditions": {f'k:{{"type":"{name}"}}': {".": {}, **details} for name in types},
            **named("containerStatuses", "hostIP", "hostIPs", "phase", "podIP"),
            "f:podIPs": {".": {}, 'k:{"ip":"%(node_address)s"}': {".": {}, "f:ip": {}}},
            "f:startTime": {},
        }
    }
