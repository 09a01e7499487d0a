// `hostfence check` as a user runs it: exit codes, places, formats.

import Foundation
import TestSupport
import Testing

@Suite struct CheckTests {
  private func findings(_ result: ProcessResult) throws -> [[String: Any]] {
    try #require(try result.object()["findings"] as? [[String: Any]])
  }

  private func unreadable(_ result: ProcessResult) throws -> [[String: Any]] {
    try #require(try result.object()["unreadable"] as? [[String: Any]])
  }

  private func check(_ yaml: String, _ arguments: [String] = ["--mode", "deny"]) async throws -> ProcessResult {
    try await Program.hostfence(["check", "-", "--output", "json"] + arguments, input: yaml)
  }

  @Test(arguments: try ExpectedReview.all())
  func `a recorded review gets the same verdict as over HTTPS`(expected: ExpectedReview) async throws {
    let file = Fixtures.root.appending(path: "admission-reviews/\(expected.file)").path
    let result = try await Program.hostfence(["check", file, "--mode", "deny", "--output", "json"])
    #expect(result.status == (expected.verdict == "deny" ? 1 : 0))
    let findings = try findings(result)
    #expect(findings.first?["decision"] as? String ?? "allow" == expected.verdict)
    #expect(findings.first?["rule"] as? String == (expected.introduced == nil ? nil : expected.rule))
  }

  @Test func `a finding names file, line, column, object, place, certainty and verdict`() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      "# a pod\napiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  namespace: shop\nspec:\n  hostNetwork: true\n  containers:\n  - name: c\n    image: i\n",
      to: "pod.yaml"
    )
    let result = try await Program.hostfence(["check", file, "--mode", "deny", "--output", "json"])
    #expect(result.status == 1)
    let finding = try #require(try findings(result).first)
    #expect(finding["file"] as? String == file)
    #expect(finding["line"] as? Int == 8)
    #expect(finding["column"] as? Int == 3)
    #expect(finding["kind"] as? String == "Pod")
    #expect(finding["namespace"] as? String == "shop")
    #expect(finding["name"] as? String == "web")
    #expect(finding["pointer"] as? String == "/spec/hostNetwork")
    #expect(finding["certainty"] as? String == "certain")
    #expect(finding["decision"] as? String == "deny")
    #expect((finding["message"] as? String)?.contains("Pod shop/web uses the node's network") == true)
    let text = try await Program.hostfence(["check", file])
    #expect(text.output.hasPrefix("\(file):8:3: warn: Pod shop/web uses the node's network"))
    #expect(text.errors.contains("1 object in 1 file, 0 denied, 1 warned"))
    #expect(!text.output.contains("\u{1B}"))
  }

  @Test(arguments: ["true", "True", "TRUE", "yes", "Yes", "on", "On", "y", "Y", "!!bool \"true\""])
  func `every boolean that kubectl reads as true is found`(value: String) async throws {
    let result = try await check(
      "apiVersion: v1\nkind: Pod\nspec:\n  hostNetwork: \(value)\n  containers: [{name: c}]\n"
    )
    #expect(result.status == 1)
    #expect(try findings(result).count == 1)
  }

  @Test(arguments: ["false", "no", "off", "n", "~", "null", ""])
  func `what kubectl reads as false or null is not`(value: String) async throws {
    let result = try await check(
      "apiVersion: v1\nkind: Pod\nspec:\n  hostNetwork: \(value)\n  containers: [{name: c}]\n"
    )
    #expect(result.status == 0)
    #expect(try findings(result).isEmpty)
  }

  @Test(arguments: [
    ("apiVersion: v1\nkind: Pod\nspec:\n  hostNetwork: \"true\"\n  containers: [{name: c}]\n", 4, 3, "not the string"),
    ("apiVersion: v1\nkind: Pod\nspec:\n  hostNetwork: 1\n  containers: [{name: c}]\n", 4, 3, "not a number"),
    ("apiVersion: v1\nkind: Pod\nspec:\n  hostNetwork: true\n  hostNetwork: false\n", 5, 3, "already set on line 4"),
    ("apiVersion: v1\nkind: Pod\nspec:\n\thostNetwork: true\n", 4, 1, "tab"),
    ("apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n", 4, 9, "helm template"),
    ("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\n\"spec\":{\"hostNetwork\":true", 2, 27, "ends"),
    ("apiVersion: v1\nkind: Pod\nspec:\n  containers: [{name: c\n", 5, 1, ""),
    ("- a\n- b\n", 1, 1, "object"),
    ("apiVersion: v1\nspec:\n  hostNetwork: true\n", 1, 1, "kind"),
  ])
  func `what cannot be judged ends with 2 and names line and column`(
    text: String,
    line: Int,
    column: Int,
    words: String
  ) async throws {
    let result = try await check(text)
    #expect(result.status == 2)
    let problem = try #require(try unreadable(result).first)
    #expect(problem["file"] as? String == "<stdin>")
    #expect(problem["line"] as? Int == line)
    #expect(problem["column"] as? Int == column)
    let message = try #require(problem["message"] as? String)
    #expect(words.isEmpty || message.contains(words), "\(message)")
    let plain = try await Program.hostfence(["check", "-"], input: text)
    #expect(plain.output.contains("<stdin>:\(line):\(column): unreadable: "))
  }

  @Test func `one bad document does not hide the good ones, and still ends with 2`() async throws {
    let pod = "apiVersion: v1\nkind: Pod\nspec: {hostNetwork: true, containers: [{name: c}]}\n"
    let result = try await check("\(pod)---\na: 1\na: 2\n---\n\(pod)")
    #expect(result.status == 2)
    #expect(try findings(result).count == 2)
    #expect(try unreadable(result).count == 1)
  }

  @Test func `duplicate keys can be a warning, and the last one wins`() async throws {
    let head = "apiVersion: v1\nkind: Pod\nspec:\n  containers: [{name: c}]\n"
    let off = try await check("\(head)  hostNetwork: true\n  hostNetwork: false\n", ["--duplicate-keys", "warn"])
    #expect(off.status == 0)
    #expect((try off.object()["warnings"] as? [Any])?.count == 1)
    let on = try await check(
      "\(head)  hostNetwork: false\n  hostNetwork: true\n",
      ["--duplicate-keys", "warn", "--mode", "deny"]
    )
    #expect(on.status == 1)
    #expect(try findings(on).first?["line"] as? Int == 6)
  }

  @Test func `lists are taken apart, typed lists too, and items keep their lines`() async throws {
    let item = "  - {metadata: {name: NAME}, spec: {hostNetwork: true, containers: [{name: c}]}}\n"
    let typed =
      "apiVersion: v1\nkind: PodList\nitems:\n" + item.replacing("NAME", with: "a") + item.replacing("NAME", with: "b")
    let list = """
      apiVersion: v1
      kind: List
      items:
        - apiVersion: apps/v1
          kind: Deployment
          metadata: {name: d}
          spec:
            template:
              spec:
                hostNetwork: true
                containers: [{name: c}]
        - apiVersion: v1
          kind: List
          items:
            - apiVersion: v1
              kind: Pod
              metadata: {name: inner}
              spec: {hostNetwork: true, containers: [{name: c}]}
      """
    let found = try findings(try await check(typed + "---\n" + list))
    #expect(found.map { $0["name"] as? String } == ["a", "b", "d", "inner"])
    #expect(found.map { $0["kind"] as? String } == ["Pod", "Pod", "Deployment", "Pod"])
    #expect(found.map { $0["line"] as? Int } == [4, 5, 16, 24])
  }

  /// kubectl creates what is in `items` of any object, whatever its kind and metadata say.
  @Test(arguments: [
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n",
    "apiVersion: admissionregistration.k8s.io/v1\nkind: List\nmetadata: {name: x}\n",
    "apiVersion: kyverno.io/v1\nkind: PolicyList\n",
    "apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\nrequest: {uid: u, operation: DELETE, kind: {kind: Pod}}\n",
  ])
  func `no kind hides the items of a list`(head: String) async throws {
    let item =
      "{apiVersion: v1, kind: Pod, metadata: {name: inner}, spec: {hostNetwork: true, containers: [{name: c}]}}"
    let result = try await check("\(head)items: [\(item)]\n")
    #expect(result.status == 1)
    #expect(try findings(result).map { $0["name"] as? String } == ["inner"])
  }

  @Test(arguments: ["<<", "! \"<<\"", "! <<", "! &k <<", "!<!> \"<<\""])
  func `a merge key is one however it is tagged`(key: String) async throws {
    let yaml = "apiVersion: v1\nkind: Pod\nspec:\n  \(key): {hostNetwork: true}\n  containers: [{name: c}]\n"
    #expect(try await check(yaml).status == 1)
  }

  @Test func `a pipe in a folder is named and not waited for`() async throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.path("a.yaml"), 0o600) == 0)
    let result = try await Program.hostfence(["check", folder.url.path])
    #expect(result.status == 2)
    #expect(result.output.contains("not a regular file"))
  }

  @Test func `a report that cannot be written is an error, not a verdict`() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      "apiVersion: v1\nkind: Pod\nspec: {hostNetwork: true, containers: [{name: c}]}\n",
      to: "p.yaml"
    )
    let command = "\"$0\" check --mode deny \"$1\" > /dev/full"
    let result = try await Program.run("/bin/bash", ["-c", command, Program.hostfence, file])
    #expect(result.status == 2)
    #expect(result.errors.contains("No space left"))
  }

  @Test func `a reader that goes away does not keep other reports from being written`() async throws {
    let folder = try TemporaryFolder()
    let pod = "apiVersion: v1\nkind: Pod\nspec: {hostNetwork: true, containers: [{name: c}]}\n---\n"
    let file = try folder.write(String(repeating: pod, count: 500), to: "many.yaml")
    let command = "\"$0\" check --output text --output json=\"$2\" \"$1\" | true"
    _ = try await Program.run("/bin/bash", ["-c", command, Program.hostfence, file, folder.path("r.json")])
    #expect(FileManager.default.fileExists(atPath: folder.path("r.json")))
  }

  @Test func `a key that came through an anchor is where its text is`() async throws {
    let yaml = "apiVersion: v1\nkind: Pod\nx: &net\n  hostNetwork: true\nspec:\n  <<: *net\n  containers: [{name: c}]\n"
    #expect(try findings(try await check(yaml)).first?["line"] as? Int == 4)
  }

  @Test func `custom resources: possible warns, certain is denied at its pointer, policies say nothing`() async throws {
    let file = Fixtures.root.appending(path: "objects/custom-resources.yaml").path
    let result = try await Program.hostfence(["check", file, "--mode", "deny", "--output", "json"])
    #expect(result.status == 1)
    let rows = try findings(result).map {
      "\($0["kind"] ?? "") \($0["decision"] ?? "") \($0["certainty"] ?? "") \($0["pointer"] ?? "")"
    }
    #expect(
      rows == [
        "Prometheus warn possible /spec/hostNetwork",
        "Workflow deny certain /spec/templates/1/hostNetwork",
        "PyTorchJob deny certain /spec/pytorchReplicaSpecs/Worker/template/spec/hostNetwork",
        "Service deny certain /spec/template/spec/hostNetwork",
      ]
    )
  }

  @Test(
    arguments: [
      ("deny", "deny", 1), ("warn", "deny", 0), ("deny", "never", 0), ("warn", "warn", 1), ("audit", "warn", 0),
      ("off", "warn", 0),
    ] as [(String, String, Int32)]
  )
  func `the exit code follows mode and fail-on`(mode: String, failOn: String, status: Int32) async throws {
    let yaml = "apiVersion: v1\nkind: Pod\nspec: {hostNetwork: true, containers: [{name: c}]}\n"
    #expect(try await check(yaml, ["--mode", mode, "--fail-on", failOn]).status == status)
  }

  @Test func `folders are read in the order of names, hidden files too, as kubectl does`() async throws {
    let folder = try TemporaryFolder()
    let pod = "apiVersion: v1\nkind: Pod\nspec: {hostNetwork: true, containers: [{name: c}]}\n"
    for name in ["b.yaml", "a/z.yml", "a/b.json.txt", ".git/c.yaml", "c.JSON", ".hidden.yaml"] {
      try folder.write(pod, to: name)
    }
    try folder.write("replicas: 1\nhostNetwork: true\n", to: "values.yaml")
    let result = try await Program.hostfence(["check", folder.url.path, "--output", "json"])
    #expect(result.status == 0)
    let files = try findings(result).compactMap { ($0["file"] as? String)?.dropFirst(folder.url.path.count + 1) }
    #expect(files == [".hidden.yaml", "a/z.yml", "b.yaml", "c.JSON"])
    #expect(result.errors.contains("1 document without apiVersion and kind left out"))
  }

  @Test(arguments: [
    ["check"], ["check", "/nonexistent/file.yaml"], ["check", "-", "--mode", "strict"],
    ["check", "-", "--output", "xml"],
    ["check", "-", "--output", "json="], ["nonsense"], ["check", "-", "--output", "json", "--output", "text"],
    ["check", "--help-me"],
  ])
  func `wrong usage and missing files end with 2 and a word about it`(arguments: [String]) async throws {
    let result = try await Program.hostfence(arguments, input: "apiVersion: v1\nkind: ConfigMap\n")
    #expect(result.status == 2)
    #expect(!(result.errors + result.output).isEmpty)
  }

  @Test func `an empty folder and a named file without objects are no clean bill`() async throws {
    let folder = try TemporaryFolder()
    #expect(try await Program.hostfence(["check", folder.url.path]).status == 2)
    let file = try folder.write("# nothing\n", to: "empty.yaml")
    #expect(try await Program.hostfence(["check", file]).status == 2)
  }

  @Test func `reports go to files beside standard output`() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      "apiVersion: v1\nkind: Pod\nspec: {hostNetwork: true, containers: [{name: c}]}\n",
      to: "p.yaml"
    )
    let report = folder.path("out.json")
    let result = try await Program.hostfence(["check", file, "--output", "text", "--output", "json=\(report)"])
    #expect(result.output.contains("p.yaml:3:8: warn"))
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: report))) as? [String: Any]
    #expect((json?["findings"] as? [Any])?.count == 1)
    let failing = try await Program.hostfence(["check", file, "--output", "json=/nonexistent/out.json"])
    #expect(failing.status == 2)
    #expect(failing.errors.contains("/nonexistent/out.json"))
  }

  @Test(arguments: [
    ["--help"], ["--version"], ["check", "--help"], ["serve", "--help"], ["risk", "events", "--help"],
    ["certs", "create", "--help"],
  ])
  func `help and version are on standard output and succeed`(arguments: [String]) async throws {
    let result = try await Program.hostfence(arguments)
    #expect(result.status == 0)
    #expect(!result.output.isEmpty)
    #expect(result.errors.isEmpty)
  }
}
