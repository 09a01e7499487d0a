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
