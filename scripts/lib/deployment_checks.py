"""Rules that the manifests and the Dockerfile keep. Run by scripts/test-deployment.sh."""

import os
import re
import shutil
import unittest

from rendering import NAMESPACE, OVERLAYS, PROJECT, by_identity, kubectl_rendering, one, read

# The nine built-in kinds that hold a pod spec, and the two pod subresources that can change one.
REVIEWED = {
    "": {"pods", "pods/ephemeralcontainers", "pods/resize", "podtemplates", "replicationcontrollers"},
    "apps": {"daemonsets", "deployments", "replicasets", "statefulsets"},
    "batch": {"cronjobs", "jobs"},
}
# Tried on a real API server for each of REVIEWED except pods/resize, where `object` is the same Pod.
CONDITION = """
(object.kind == 'CronJob' ? object.spec.jobTemplate.spec.template.spec.?hostNetwork.orValue(false) :
 object.kind == 'PodTemplate' ? object.template.spec.?hostNetwork.orValue(false) :
 object.kind == 'Pod' ? object.spec.?hostNetwork.orValue(false) :
 object.spec.template.spec.?hostNetwork.orValue(false)) == true
"""


def without_spaces(text):
    return re.sub(r"\s+", "", text)


class EveryRendering(unittest.TestCase):
    """Rules for the base and both overlays."""

    def each(self):
        return [(read(folder), mode) for folder, mode in OVERLAYS.items()]

    def test_kubectl_renders_what_these_checks_read(self):
        if not shutil.which("kubectl"):
            self.skipTest("no kubectl here: the checks read the files themselves")
        for folder in [*OVERLAYS, "components/custom-resources"]:
            with self.subTest(folder):
                self.assertEqual(by_identity(kubectl_rendering(folder)), by_identity(read(folder)))

    def test_every_object_is_complete_and_in_the_namespace(self):
        for objects, _ in self.each():
            by_identity(objects)
            for o in objects:
                self.assertTrue(o["apiVersion"] and o["kind"] and o["metadata"]["name"])
                self.assertEqual(o["metadata"]["labels"]["app.kubernetes.io/name"], "hostfence", o["kind"])
                if o["kind"] not in ("Namespace", "ValidatingWebhookConfiguration"):
                    self.assertEqual(o["metadata"]["namespace"], NAMESPACE, o["kind"])

    def test_no_object_grants_a_right_or_holds_a_secret(self):
        for objects, _ in self.each():
            kinds = {o["kind"] for o in objects}
            self.assertFalse(kinds & {"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "Secret"})
            self.assertIs(one(objects, "ServiceAccount")["automountServiceAccountToken"], False)

    def test_the_namespace_is_held_to_restricted_pod_security(self):
        for objects, _ in self.each():
            namespace = one(objects, "Namespace")["metadata"]
            self.assertEqual(namespace["name"], NAMESPACE)
            for label in ("enforce", "audit", "warn"):
                self.assertEqual(namespace["labels"][f"pod-security.kubernetes.io/{label}"], "restricted")

    def test_selectors_choose_the_pods_of_the_deployment(self):
        for objects, _ in self.each():
            deployment = one(objects, "Deployment")["spec"]
            pod_labels = deployment["template"]["metadata"]["labels"].items()
            selectors = [
                deployment["selector"]["matchLabels"],
                one(objects, "Service")["spec"]["selector"],
                one(objects, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
                one(objects, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
            ]
            spread = deployment["template"]["spec"]["topologySpreadConstraints"]
            selectors += [constraint["labelSelector"]["matchLabels"] for constraint in spread]
            for selector in selectors:
                self.assertTrue(selector)
                self.assertLessEqual(selector.items(), pod_labels)

    def test_ports_lead_from_the_webhook_to_the_flag(self):
        for objects, _ in self.each():
            container = self.container(objects)
            ports = {port["name"]: port["containerPort"] for port in container["ports"]}
            self.assertEqual(ports, {"https": 8443, "admin": 8081})
            self.assertEqual(self.flag(container, "--listen"), "0.0.0.0:8443")
            self.assertEqual(self.flag(container, "--admin-listen"), "0.0.0.0:8081")
            service = one(objects, "Service")
            (port,) = service["spec"]["ports"]
            self.assertEqual((port["port"], port["targetPort"]), (443, "https"))
            for probe, path in (("readinessProbe", "/readyz"), ("livenessProbe", "/livez")):
                self.assertEqual(container[probe]["httpGet"], {"path": path, "port": "admin"})
            for webhook in one(objects, "ValidatingWebhookConfiguration")["webhooks"]:
                target = webhook["clientConfig"]["service"]
                self.assertEqual((target["name"], target["namespace"]), (service["metadata"]["name"], NAMESPACE))
                self.assertEqual((target["port"], target["path"]), (443, "/validate"))
            policy = one(objects, "NetworkPolicy")["spec"]
            opened = {port["port"] for rule in policy["ingress"] for port in rule["ports"]}
            self.assertEqual(opened, set(ports))
            self.assertEqual((policy["egress"], set(policy["policyTypes"])), ([], {"Ingress", "Egress"}))

    def test_the_configmap_sets_mode_and_ledger_of_the_server(self):
        for objects, mode in self.each():
            container = self.container(objects)
            configuration = one(objects, "ConfigMap")
            self.assertEqual(container["envFrom"], [{"configMapRef": {"name": configuration["metadata"]["name"]}}])
            self.assertEqual(configuration["data"]["HOSTFENCE_MODE"], mode)
            used = set()
            for argument in container["args"]:
                used |= set(re.findall(r"\$\((\w+)\)", argument))
            self.assertEqual(used, set(configuration["data"]))
            self.assertEqual(self.flag(container, "--mode"), "$(HOSTFENCE_MODE)")
            self.assertEqual(self.flag(container, "--ledger"), "$(HOSTFENCE_LEDGER)")

    def test_files_named_by_flags_and_settings_lie_on_mounted_volumes(self):
        for objects, _ in self.each():
            container = self.container(objects)
            pod = one(objects, "Deployment")["spec"]["template"]["spec"]
            volumes = {volume["name"]: volume for volume in pod["volumes"]}
            mounts = {mount["mountPath"]: volumes[mount["name"]] for mount in container["volumeMounts"]}
            for flag, file in (("--tls-cert", "tls.crt"), ("--tls-key", "tls.key")):
                folder, name = os.path.split(self.flag(container, flag))
                self.assertEqual((name, mounts[folder]["secret"]["secretName"]), (file, "hostfence-tls"))
            ledger = one(objects, "ConfigMap")["data"]["HOSTFENCE_LEDGER"].removeprefix("sqlite:")
            self.assertIn("sizeLimit", mounts[os.path.dirname(ledger)]["emptyDir"])

    def test_pods_run_without_any_privilege(self):
        for objects, _ in self.each():
            pod = one(objects, "Deployment")["spec"]["template"]["spec"]
            self.assertIs(pod["automountServiceAccountToken"], False)
            self.assertFalse({"hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(pod))
            context = pod["securityContext"]
            self.assertIs(context["runAsNonRoot"], True)
            self.assertEqual((context["runAsUser"], context["runAsGroup"]), (65532, 65532))
            self.assertEqual(context["seccompProfile"], {"type": "RuntimeDefault"})
            container = self.container(objects)
            context = container["securityContext"]
            self.assertIs(context["allowPrivilegeEscalation"], False)
            self.assertIs(context["readOnlyRootFilesystem"], True)
            self.assertEqual(context["capabilities"], {"drop": ["ALL"]})
            self.assertTrue(container["resources"]["requests"] and container["resources"]["limits"]["memory"])
            self.assertFalse(any("hostPath" in volume for volume in pod["volumes"]))

    def test_one_replica_answers_through_rollouts_and_drains(self):
        for objects, _ in self.each():
            deployment = one(objects, "Deployment")["spec"]
            self.assertGreaterEqual(deployment["replicas"], 2)
            self.assertEqual(deployment["strategy"]["rollingUpdate"]["maxUnavailable"], 0)
            self.assertEqual(one(objects, "PodDisruptionBudget")["spec"]["minAvailable"], 1)
            quota = one(objects, "ResourceQuota")["spec"]
            (scope,) = quota["scopeSelector"]["matchExpressions"]
            self.assertEqual(scope["values"], [deployment["template"]["spec"]["priorityClassName"]])
            self.assertGreater(int(quota["hard"]["pods"]), deployment["replicas"])

    def test_the_webhook_reviews_every_way_to_create_or_change_a_pod_spec(self):
        for objects, _ in self.each():
            (webhook,) = one(objects, "ValidatingWebhookConfiguration")["webhooks"]
            reviewed = {}
            for rule in webhook["rules"]:
                self.assertEqual(set(rule["operations"]), {"CREATE", "UPDATE"})
                self.assertEqual((rule["apiVersions"], rule["scope"]), (["v1"], "Namespaced"))
                for group in rule["apiGroups"]:
                    reviewed.setdefault(group, set()).update(rule["resources"])
            self.assertEqual(reviewed, REVIEWED)

    def test_the_webhook_fails_closed_but_only_for_objects_that_ask_for_the_node_network(self):
        for objects, _ in self.each():
            (webhook,) = one(objects, "ValidatingWebhookConfiguration")["webhooks"]
            self.assertEqual(webhook["failurePolicy"], "Fail")
            (condition,) = webhook["matchConditions"]
            self.assertEqual(without_spaces(condition["expression"]), without_spaces(CONDITION))
            self.check_contract(webhook)

    def test_custom_resources_fail_open(self):
        (configuration,) = read("components/custom-resources")
        for webhook in configuration["webhooks"]:
            self.assertEqual(webhook["failurePolicy"], "Ignore")
            self.check_contract(webhook)
            for rule in webhook["rules"]:
                self.assertNotIn("*", rule["apiGroups"])
                self.assertNotIn("*", rule["resources"])

    def check_contract(self, webhook):
        self.assertEqual(webhook["admissionReviewVersions"], ["v1"])
        self.assertEqual(webhook["sideEffects"], "NoneOnDryRun")
        self.assertEqual(webhook["matchPolicy"], "Equivalent")
        self.assertLessEqual(webhook["timeoutSeconds"], 5)
        # Labels that a requester writes must not decide who is reviewed.
        self.assertNotIn("objectSelector", webhook)
        (expression,) = webhook["namespaceSelector"]["matchExpressions"]
        self.assertEqual((expression["key"], expression["operator"]), ("kubernetes.io/metadata.name", "NotIn"))
        self.assertEqual(set(expression["values"]), {"kube-system", NAMESPACE})

    def container(self, objects):
        (container,) = one(objects, "Deployment")["spec"]["template"]["spec"]["containers"]
        return container

    def flag(self, container, name):
        return container["args"][container["args"].index(name) + 1]


class TheImage(unittest.TestCase):
    """Rules for the Dockerfile's final stage."""

    def test_the_final_stage_runs_the_user_and_ports_of_the_deployment(self):
        final = re.split(r"(?m)^FROM ", (PROJECT / "Dockerfile").read_text())[-1]
        pod = one(read("base"), "Deployment")["spec"]["template"]["spec"]
        context = pod["securityContext"]
        self.assertIn(f"\nUSER {context['runAsUser']}:{context['runAsGroup']}\n", final)
        ports = " ".join(str(port["containerPort"]) for port in pod["containers"][0]["ports"])
        self.assertIn(f"\nEXPOSE {ports}\n", final)
        self.assertIn('\nENTRYPOINT ["/usr/local/bin/hostfence"]\n', final)
