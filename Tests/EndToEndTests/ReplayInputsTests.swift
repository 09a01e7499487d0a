// What ReplayInputs makes of the paths of a replay: descriptions of datasets among logs, and what they lead to.

import Foundation
import TestSupport
import Testing

@Suite struct ReplayInputsTests {
  /// A dataset as attack_data lays it out, with a recorded log.
  private struct Dataset {
    let folder: TemporaryFolder
    let set = "datasets/attack_techniques/T1204/host_network"

    init() throws {
      folder = try TemporaryFolder()
      try FileManager.default.createDirectory(atPath: folder.path(set), withIntermediateDirectories: true)
      let log = try String(contentsOf: Fixtures.root.appending(path: "audit-log/audit.jsonl"), encoding: .utf8)
      _ = try folder.write(log, to: "\(set)/audit.json")
      _ = try describe(path: "/\(set)/audit.json")
    }

    func describe(path: String) throws -> String {
      try folder.write("id: 7\ndatasets:\n- name: n\n  path: \(path)\n", to: "\(set)/host_network.yml")
    }

    var description: String { folder.path("\(set)/host_network.yml") }

    func replay(_ arguments: String...) async throws -> ProcessResult {
      try await Program.hostfence(["replay", "--fail-on", "never", "--output", "json"] + arguments)
    }
  }

  @Test func `a description is replayed as its log is, however it is found, and the log once`() async throws {
    let dataset = try Dataset()
    let direct = try await dataset.replay(dataset.folder.path("\(dataset.set)/audit.json"))
    #expect(direct.output.contains("hostNetwork"), "\(direct.output)")
    for paths in [
      [dataset.description], [dataset.folder.path("datasets")], [dataset.folder.path("datasets/**/*.yml")],
      [dataset.description, dataset.folder.path(dataset.set)],
    ] {
      let result = try await Program.hostfence(["replay", "--fail-on", "never", "--output", "json"] + paths)
      #expect(result.status == direct.status, "\(paths): \(result.errors)")
      #expect(result.output == direct.output, "\(paths)")
    }
  }

  @Test func `a named file that is no description is refused, and one that lies among logs is told of as a log`()
    async throws
  {
    let dataset = try Dataset()
    let values = try dataset.folder.write("replicas: 2\n", to: "\(dataset.set)/values.yaml")
    let named = try await dataset.replay(values)
    #expect(named.status == 2)
    #expect(named.errors.contains("values.yaml is no description of a dataset"), "\(named.errors)")
    let among = try await dataset.replay(dataset.folder.path(dataset.set))
    #expect(among.status == 2)
    #expect(among.errors.contains("values.yaml"), "\(among.errors)")
    #expect(among.output.contains("hostNetwork"), "the logs beside it are judged")
  }

  @Test func `what a description names and cannot be read is told with its line, and no log is overwritten`()
    async throws
  {
    let dataset = try Dataset()
    let missing = try await dataset.replay(try dataset.describe(path: "other.json"))
    #expect(missing.status == 2)
    #expect(missing.errors.contains("host_network.yml:3:3: the log of this dataset is not there"), "\(missing.errors)")
    _ = try dataset.folder.write(
      "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5107\n",
      to: "\(dataset.set)/other.json"
    )
    let pointer = try await dataset.replay(dataset.description)
    #expect(pointer.status == 2)
    #expect(pointer.errors.contains("git lfs pull"), "\(pointer.errors)")
    let log = dataset.folder.path("\(dataset.set)/audit.json")
    let overwriting = try await dataset.replay("--output", "csv=\(log)", try dataset.describe(path: "audit.json"))
    #expect(overwriting.status == 2)
    #expect(overwriting.errors.contains("would be overwritten"), "\(overwriting.errors)")
    #expect(try String(contentsOfFile: log, encoding: .utf8).hasPrefix("{"))
  }
}
