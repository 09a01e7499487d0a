// The files of a policy: folders, mounted ConfigMaps, names.

import Foundation
import Evaluation
import Manifests
import TestSupport
import Testing
import Threads

@testable import PolicyFile

@Suite struct PolicyFilesTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "hostfence-policy-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func write(_ path: String, _ text: String = "x") throws {
    let url = folder.appending(path: path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  private func names(_ paths: [String]) -> [String] {
    PolicyText.read(paths).map { $0.file.replacing(folder.path + "/", with: "") }
  }

  @Test func `a folder gives its own visible files in the order of their names`() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["20-b.yaml", "10-a.yml", "30.json", ".hidden.yaml", "notes.txt", "sub/40.yaml"] { try write(name) }
    #expect(names([folder.path]) == ["10-a.yml", "20-b.yaml", "30.json"])
    #expect(names([folder.path + "/30.json", folder.path + "/10-a.yml"]) == ["10-a.yml", "30.json"])
  }

  @Test func `a mounted ConfigMap gives each file once`() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write("..2026_11_25_01/policy.yaml", "mode")
    let manager = FileManager.default
    try manager.createSymbolicLink(
      atPath: folder.appending(path: "..data").path,
      withDestinationPath: "..2026_11_25_01"
    )
    try manager.createSymbolicLink(
      atPath: folder.appending(path: "policy.yaml").path,
      withDestinationPath: "..data/policy.yaml"
    )
    #expect(names([folder.path]) == ["policy.yaml"])
    #expect(try PolicyText.read([folder.path]).first?.content.get() == Array("mode".utf8))
  }

  @Test func `what cannot be read is told of by name`() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write("notes.txt")
    let load = PolicyLoad(
      PolicyText.read([folder.path, folder.path + "/missing.yaml"]),
      at: Judgement.time
    )
    #expect(load.policy == nil)
    #expect(
      load.errors.map(\.message) == [
        "there are no .yaml, .yml or .json files in this folder", "cannot be opened: No such file or directory",
      ]
    )
  }

  @Test(.timeLimit(.minutes(1)))
  func `pipes, files that are too large and files named twice are told of, and nothing waits for them`() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let pipe = folder.appending(path: "10-pipe.yaml").path
    #expect(unsafe mkfifo(pipe, 0o600) == 0)
    try write("20-large.yaml", String(repeating: "#", count: PolicyText.fileBytesMax + 1))
    try write("30-good.yaml", PolicyLoad.head + "mode: deny\n")
    let load = PolicyLoad(PolicyText.read([folder.path, folder.path + "/30-good.yaml"]), at: Judgement.time)
    #expect(
      Set(load.errors.map(\.message)) == [
        "is not a regular file: write what it gives into one", "is larger than 8 MiB; split it into smaller files",
        "is named more than once: name it once",
      ]
    )
  }

  @Test func `conditions can be spelt when a policy file takes them`() {
    var spelling = ConditionSpelling()
    var conditions = RequestConditions()
    conditions.users = [Glob("alice")]
    conditions.ownerWorkloads = [WorkloadPattern(kind: Glob("DaemonSet"), name: Glob("web"))]
    let isPlain = spelling.canSpell(conditions)
    #expect(isPlain)
    for change: (inout RequestConditions) -> Void in [
      { $0.users = [Glob("")] }, { $0.users = [Glob("alice ")] }, { $0.images = [Glob("UPPER CASE")] },
      { $0.kinds = [KindPattern("apps/deployment")] }, { $0.names = [Glob("a/b")] },
      { $0.ownerWorkloads = [WorkloadPattern(kind: Glob("daemonset"), name: Glob("web"))] },
    ] {
      var odd = conditions
      change(&odd)
      let isSpelt = spelling.canSpell(odd)
      #expect(!isSpelt, "\(odd)")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a megabyte of text in any place is checked without going back over it again and again`() {
    let long = String(repeating: "a.", count: 500_000)
    for line in [
      "exemptions: [{id: a, reason: \(long), owner: x, match: {users: [\(long)], images: [\(long)], names: [\(long)]}}]",
      "customResources: [{group: a.b, kind: K, path: \(long)}]",
      "exemptions: [{id: \(long), reason: x, owner: x, match: {serviceAccounts: [\(long)], kinds: [\(long)]}}]",
    ] {
      #expect(PolicyLoad([PolicyText(PolicyLoad.head + line + "\n")], at: Judgement.time).policy == nil)
    }
  }

  @Test func `files are taken when they say something else, and not while they change`() {
    let good = PolicyText(PolicyLoad.head + "mode: deny\n")
    let other = PolicyText(PolicyLoad.head + "mode: audit\n")
    let bad = PolicyText("mode: aloud\n")
    let readings = Monitor([good, good, other, bad, other, other, bad, bad, bad, good, good])
    var files = PolicyFiles { [readings.withLock { $0.isEmpty ? good : $0.removeFirst() }] }
    #expect(files.load(at: Judgement.time).policy?.enforcement.mode == .deny)
    // The same; torn, as the second reading differs; changed; broken; broken as before; good again.
    #expect(files.change(at: Judgement.time) == nil)
    #expect(files.change(at: Judgement.time) == nil)
    #expect(files.change(at: Judgement.time)?.policy?.enforcement.mode == .audit)
    #expect(files.change(at: Judgement.time).map { $0.policy == nil } == true)
    #expect(files.change(at: Judgement.time) == nil)
    #expect(files.change(at: Judgement.time)?.policy?.enforcement.mode == .deny)
  }
}
