"""Rules that the manifests and the Dockerfile keep. Run by scripts/test-deployment.sh."""

import contextlib
import copy
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from rendering import (
    MANIFESTS, NAMESPACE, OVERLAYS, PROJECT, by_identity, documents, json_patch, kubectl_rendering, named, one, read,
)

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


class TheRiskComponents(unittest.TestCase):
    """Rules for components/postgresql and components/splunk, together and with the policy."""

    combinations = (["postgresql"], ["splunk"], ["postgresql", "splunk"], ["splunk", "policy", "postgresql"])
    ports = {"postgresql": 5432, "splunk": 8088}

    @contextlib.contextmanager
    def overlay(self, names):
        """The folder of an overlay with the components, outside the project."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder).resolve()
            components = [os.path.relpath(MANIFESTS / "components" / name, path) for name in names]
            (path / "kustomization.yaml").write_text(
                f"resources: [{os.path.relpath(MANIFESTS / 'base', path)}]\ncomponents: [{', '.join(components)}]\n")
            yield path

    def rendered(self, names):
        with self.overlay(names) as path:
            return read(path)

    def container(self, objects):
        (container,) = one(objects, "Deployment")["spec"]["template"]["spec"]["containers"]
        return container

    def test_kubectl_renders_what_these_checks_read(self):
        if not shutil.which("kubectl"):
            self.skipTest("no kubectl here: the checks read the files themselves")
        for names in self.combinations:
            with self.subTest(names), self.overlay(names) as path:
                self.assertEqual(by_identity(kubectl_rendering(path)), by_identity(read(path)))

    def test_nothing_leaves_but_to_what_was_asked_for(self):
        before = one(read("base"), "NetworkPolicy")["spec"]
        for names in self.combinations:
            policy = one(self.rendered(names), "NetworkPolicy")["spec"]
            self.assertEqual(policy["ingress"], before["ingress"])
            found = [(port["protocol"], port["port"]) for rule in policy["egress"] for port in rule["ports"]]
            wanted = {("TCP", self.ports[name]) for name in names if name in self.ports}
            self.assertEqual(set(found), wanted | {("UDP", 53), ("TCP", 53)})
            for rule in policy["egress"]:
                # DNS is the cluster's alone.
                self.assertEqual("to" in rule, any(port["port"] == 53 for port in rule["ports"]))

    def test_secrets_are_named_and_never_held(self):
        for names in self.combinations:
            objects = self.rendered(names)
            self.assertNotIn("Secret", {o["kind"] for o in objects})
            pod = one(objects, "Deployment")["spec"]["template"]["spec"]
            container = self.container(objects)
            for name in set(names) & set(self.ports):
                (volume,) = [volume for volume in pod["volumes"] if volume["name"] == name]
                self.assertEqual(volume["secret"]["secretName"], f"hostfence-{name}")
                self.assertEqual(volume["secret"]["defaultMode"], 0o440)
                (mount,) = [mount for mount in container["volumeMounts"] if mount["name"] == name]
                self.assertEqual((mount["mountPath"], mount["readOnly"]), (f"/etc/hostfence/{name}", True))
                self.assertNotIn("subPath", mount)
            settings = named(objects, "ConfigMap", "hostfence-config")["data"]
            self.assertNotRegex(settings["HOSTFENCE_LEDGER"], r"password|://[^@/]*:")

    def test_the_database_is_told_to_the_server_and_verified(self):
        objects = self.rendered(["postgresql"])
        container = self.container(objects)
        (variable,) = container["env"]
        self.assertEqual(variable["name"], "PGPASSWORD")
        self.assertEqual(variable["valueFrom"]["secretKeyRef"], {"name": "hostfence-postgresql", "key": "password"})
        ledger = named(objects, "ConfigMap", "hostfence-config")["data"]["HOSTFENCE_LEDGER"]
        self.assertTrue(ledger.startswith("postgres://"))
        self.assertIn("sslrootcert=/etc/hostfence/postgresql/ca.crt", ledger)
        self.assertNotIn("sslmode", ledger, "verify-full is what the program takes by itself")
        self.assertEqual(container["args"][container["args"].index("--ledger") + 1], "$(HOSTFENCE_LEDGER)")

    def test_the_collector_is_told_to_the_server(self):
        objects = self.rendered(["splunk"])
        arguments = self.container(objects)["args"]
        added = arguments[len(self.container(read("base"))["args"]):]
        flags = dict(zip(added[::2], added[1::2]))
        self.assertEqual(flags, {
            "--hec": "$(HOSTFENCE_HEC)", "--hec-host": "$(HOSTFENCE_HEC_HOST)",
            "--hec-token-file": "/etc/hostfence/splunk/token", "--hec-ca": "/etc/hostfence/splunk/ca.crt",
        })
        settings = named(objects, "ConfigMap", "hostfence-config")["data"]
        self.assertTrue(settings["HOSTFENCE_HEC"].startswith("https://"))
        options = (PROJECT / "Sources" / "hostfence" / "CollectorOptions.swift").read_text()
        for flag in flags:
            self.assertIn(f'.customLong("{flag[2:]}")', options)

    def test_nothing_else_changes(self):
        for names in (["postgresql"], ["splunk"]):
            objects = self.rendered(names)
            container, plain = self.container(objects), self.container(read("base"))
            container["args"] = container["args"][: len(plain["args"])]
            container.pop("env", None)
            container["volumeMounts"] = [m for m in container["volumeMounts"] if m["name"] not in names]
            pod = one(objects, "Deployment")["spec"]["template"]["spec"]
            pod["volumes"] = [volume for volume in pod["volumes"] if volume["name"] not in names]
            one(objects, "NetworkPolicy")["spec"]["egress"] = []
            named(objects, "ConfigMap", "hostfence-config")["data"] = named(
                read("base"), "ConfigMap", "hostfence-config")["data"]
            self.assertEqual(by_identity(objects), by_identity(read("base")))


class ThePolicyComponent(unittest.TestCase):
    """Rules for components/policy, as an overlay uses it."""

    folder = MANIFESTS / "components" / "policy"
    mounted = "/etc/hostfence/policy"

    @contextlib.contextmanager
    def overlay(self, below="base", further=""):
        """The folder of an overlay with the component, outside the project."""
        with tempfile.TemporaryDirectory() as name:
            path = pathlib.Path(name).resolve()
            lines = [f"resources: [{os.path.relpath(MANIFESTS / below, path)}]"]
            lines.append(f"components: [{os.path.relpath(self.folder, path)}{further}]")
            (path / "kustomization.yaml").write_text("\n".join(lines) + "\n")
            yield path

    def with_policy(self, below="base"):
        with self.overlay(below) as path:
            return read(path)

    def container(self, objects):
        (container,) = one(objects, "Deployment")["spec"]["template"]["spec"]["containers"]
        return container

    def test_kubectl_renders_what_these_checks_read(self):
        if not shutil.which("kubectl"):
            self.skipTest("no kubectl here: the checks read the files themselves")
        for below in OVERLAYS:
            with self.subTest(below), self.overlay(below) as path:
                # kubectl_rendering() takes no hash off this ConfigMap's name, so that one would be seen here.
                self.assertEqual(by_identity(kubectl_rendering(path)), by_identity(read(path)))

    def test_the_configmap_holds_the_file_under_a_name_that_stays(self):
        (generator,) = documents((self.folder / "kustomization.yaml").read_text())[0]["configMapGenerator"]
        self.assertIs(generator["options"]["disableNameSuffixHash"], True)
        objects = self.with_policy()
        policy = named(objects, "ConfigMap", "hostfence-policy")
        settings = named(objects, "ConfigMap", "hostfence-config")
        self.assertEqual(policy["metadata"], {**settings["metadata"], "name": "hostfence-policy"})
        self.assertEqual(policy["data"], {"policy.yaml": (self.folder / "policy.yaml").read_text()})

    def test_the_server_reads_the_mounted_policy_and_no_mode_replaces_it(self):
        for below in OVERLAYS:
            objects = self.with_policy(below)
            container = self.container(objects)
            arguments = container["args"]
            self.assertEqual(arguments[arguments.index("--policy") + 1], self.mounted)
            self.assertFalse([argument for argument in arguments if "mode" in argument.lower()])
            # Neither subPath, with which the file would never change, nor leave to write.
            mounts = [mount for mount in container["volumeMounts"] if mount["mountPath"] == self.mounted]
            self.assertEqual(mounts, [{"name": "policy", "mountPath": self.mounted, "readOnly": True}])
            volumes = one(objects, "Deployment")["spec"]["template"]["spec"]["volumes"]
            (volume,) = [volume for volume in volumes if volume["name"] == "policy"]
            # Not optional: without its policy no pod starts.
            self.assertEqual(volume, {"name": "policy", "configMap": {"name": "hostfence-policy"}})

    def test_nothing_else_changes(self):
        for below in OVERLAYS:
            objects = self.with_policy(below)
            objects.remove(named(objects, "ConfigMap", "hostfence-policy"))
            container = self.container(objects)
            at = container["args"].index("--policy")
            container["args"][at : at + 2] = ["--mode", "$(HOSTFENCE_MODE)"]
            container["volumeMounts"] = [m for m in container["volumeMounts"] if m["name"] != "policy"]
            pod = one(objects, "Deployment")["spec"]["template"]["spec"]
            pod["volumes"] = [volume for volume in pod["volumes"] if volume["name"] != "policy"]
            self.assertEqual(by_identity(objects), by_identity(read(below)))

    def test_the_patch_tests_what_it_replaces(self):
        (operations,) = documents((self.folder / "deployment-patch.yaml").read_text())
        replaced = [operation["path"] for operation in operations if operation["op"] in ("replace", "remove")]
        tested = [operation["path"] for operation in operations if operation["op"] == "test"]
        self.assertTrue(replaced)
        self.assertLessEqual(set(replaced), set(tested))
        # In the order of the file, all tests come before the first change.
        self.assertEqual([operation["op"] for operation in operations[: len(tested)]], ["test"] * len(tested))

    def test_a_base_with_other_arguments_is_refused(self):
        (operations,) = documents((self.folder / "deployment-patch.yaml").read_text())
        for change in (lambda arguments: arguments.insert(1, "--audit-webhook"), lambda arguments: arguments.pop(1)):
            deployment = copy.deepcopy(one(read("base"), "Deployment"))
            change(deployment["spec"]["template"]["spec"]["containers"][0]["args"])
            before = copy.deepcopy(deployment)
            with self.assertRaisesRegex(AssertionError, "args/11 is"):
                json_patch(deployment, operations)
            self.assertEqual(deployment, before)

    def test_the_guides_own_policy_takes_the_place_of_this_one(self):
        guide = (MANIFESTS / "README.md").read_text()
        (component,) = re.findall(r"```yaml\n(apiVersion: kustomize[^`]*kind: Component\n[^`]*)```", guide)
        if not shutil.which("kubectl"):
            self.skipTest("no kubectl here")
        with self.overlay(further=", own") as path:
            (path / "own").mkdir()
            (path / "own" / "kustomization.yaml").write_text(component)
            (path / "own" / "policy.yaml").write_text("mode: deny\n")
            rendered = kubectl_rendering(path)
        expected = self.with_policy()
        named(expected, "ConfigMap", "hostfence-policy")["data"] = {"policy.yaml": "mode: deny\n"}
        self.assertEqual(by_identity(rendered), by_identity(expected))

    def test_the_policy_begins_with_warnings_and_exempts_nobody(self):
        (policy,) = documents((self.folder / "policy.yaml").read_text())
        self.assertEqual((policy["apiVersion"], policy["kind"]), ("hostfence.dev/v1", "Policy"))
        self.assertEqual(policy["mode"], "warn")
        self.assertEqual(policy["namespaces"], [{"match": ["kube-system"], "mode": "audit"}])
        self.assertEqual(set(policy), {"apiVersion", "kind", "mode", "namespaces"})


class TheAuditPolicy(unittest.TestCase):
    """Rules for the file that tells the API server what to log."""

    def setUp(self):
        (self.policy,) = documents((MANIFESTS / "audit-policy.yaml").read_text())

    def level(self, group, resource, verb):
        """The level of the first rule that matches, as the API server decides it."""
        for rule in self.policy["rules"]:
            if verb not in rule.get("verbs", [verb]):
                continue
            asked = rule.get("resources", [{"group": group, "resources": [resource]}])
            if any(entry["group"] == group and resource in entry["resources"] for entry in asked):
                return rule["level"]
        return "None"

    def test_the_api_server_knows_every_field(self):
        # k8s.io/apiserver, pkg/apis/audit/v1/types.go; one that is misspelled may pass there with a warning.
        self.assertEqual((self.policy["apiVersion"], self.policy["kind"]), ("audit.k8s.io/v1", "Policy"))
        self.assertLessEqual(set(self.policy), {"apiVersion", "kind", "omitStages", "omitManagedFields", "rules"})
        self.assertEqual(self.policy["omitStages"], ["RequestReceived"])
        for rule in self.policy["rules"]:
            self.assertLessEqual(set(rule), {"level", "verbs", "resources"})
            self.assertIn(rule["level"], ("None", "Metadata", "Request", "RequestResponse"))
            for entry in rule.get("resources", []):
                self.assertEqual(set(entry), {"group", "resources"})

    def test_every_reviewed_write_is_logged_with_its_bodies(self):
        (custom,) = read("components/custom-resources")
        reviewed = dict(REVIEWED)
        for rule in custom["webhooks"][0]["rules"]:
            for group in rule["apiGroups"]:
                reviewed[group] = set(rule["resources"])
        for group, resources in reviewed.items():
            for resource in resources:
                for verb in ("create", "update", "patch"):
                    self.assertEqual(self.level(group, resource, verb), "RequestResponse", (group, resource, verb))

    def test_nothing_that_holds_a_secret_is_logged(self):
        for resource in ("secrets", "configmaps", "serviceaccounts/token"):
            for verb in ("create", "get", "update"):
                self.assertEqual(self.level("", resource, verb), "None")
        self.assertEqual(self.level("authentication.k8s.io", "tokenreviews", "create"), "None")


class TheAuditWebhook(unittest.TestCase):
    """Rules for the file that tells the API server where to send audit events."""

    path = MANIFESTS / "audit-webhook" / "kubeconfig.yaml"

    def test_the_context_leads_to_the_audit_path_of_the_service(self):
        (config,) = documents(self.path.read_text())
        self.assertEqual((config["apiVersion"], config["kind"]), ("v1", "Config"))
        (context,) = [c["context"] for c in config["contexts"] if c["name"] == config["current-context"]]
        (cluster,) = [c["cluster"] for c in config["clusters"] if c["name"] == context["cluster"]]
        (user,) = [u["user"] for u in config["users"] if u["name"] == context["user"]]
        self.assertRegex(cluster["server"], r"^https://[0-9.]+:443/audit$")
        service = one(read("base"), "Service")["metadata"]
        self.assertEqual(cluster["tls-server-name"], f"{service['name']}.{service['namespace']}.svc")
        # Paths, and neither data nor leave to skip the check of the certificate.
        self.assertEqual(set(cluster), {"server", "tls-server-name", "certificate-authority"})
        self.assertEqual(set(user), {"client-certificate", "client-key"})

    def test_kubectl_reads_it(self):
        if not shutil.which("kubectl"):
            self.skipTest("no kubectl here")
        command = ["kubectl", "config", "view", "--kubeconfig", self.path, "--output", "jsonpath={.clusters[0].cluster}"]
        self.assertIn("/audit", subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def test_the_guide_names_the_flags_that_keep_batches_readable(self):
        guide = (self.path.parent / "README.md").read_text()
        sizes = {name: int(size) for name, size in re.findall(r"--audit-webhook-truncate-max-(\w+)-size=(\d+)", guide)}
        self.assertEqual(set(sizes), {"event", "batch"})
        self.assertLessEqual(sizes["event"], sizes["batch"])
        limits = (PROJECT / "Sources/AdmissionServer/ServerLimits.swift").read_text()
        (megabytes,) = re.findall(r"auditBodyBytesMax = (\d+) << 20", limits)
        self.assertLess(sizes["batch"], int(megabytes) << 20)


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
