// Parts of many files.

import AuditLog
import Foundation
import TestSupport
import Testing

@Suite struct ShardTests {
  @Test(arguments: ["0/1", "0/8", "7/8", "99/100", "007/8"])
  func `a part is a number below the number of parts`(_ text: String) throws {
    let shard = try #require(Shard(text))
    #expect(shard.index < shard.count)
  }

  @Test(arguments: [
    "", "/", "1", "1/", "/1", "8/8", "9/8", "0/0", "-1/8", "+1/8", "1/-8", "1/8/9", " 1/8", "1/8 ", "1.0/8", "a/b",
    "٣/8",
    "0/99999999999999999999",
  ])
  func `anything else is refused`(_ text: String) { #expect(Shard(text) == nil) }

  @Test func `the parts of known paths are the same on every machine`() throws {
    let shards = try (0..<8).map { try #require(Shard("\($0)/8")) }
    let parts = ["audit.log", "node-1/audit.log", "node-2/audit-2026-11-23T16-43-03.042.log.gz", "é", ""].map { path in
      shards.firstIndex { $0.contains(path) }
    }
    #expect(parts == [2, 4, 5, 6, 3])
  }

  @Test(arguments: [1, 2, 3, 8, 64])
  func `every path is in one part, and the parts are about equal`(_ count: Int) throws {
    let shards = try (0..<count).map { try #require(Shard("\($0)/\(count)")) }
    var sizes = [Int](repeating: 0, count: count)
    for day in 0..<6_400 {
      let owners = shards.indices.filter { shards[$0].contains("node-\(day % 10)/audit-\(day / 10).log.gz") }
      #expect(owners.count == 1)
      for owner in owners { sizes[owner] += 1 }
    }
    let mean = 6_400 / count
    #expect(sizes.allSatisfy { $0 > mean / 2 && $0 < mean * 2 }, "\(sizes)")
  }

  @Test func `every file is in one part, however it is named and wherever the folder is`() throws {
    let folder = try TemporaryFolder()
    let other = try TemporaryFolder()
    let names = (0..<40).map { "node-\($0 % 4)/audit-\($0).log" }
    for name in names {
      try folder.write(auditLine("2026-11-01T00:00:00Z"), to: "logs/\(name)")
      try other.write(auditLine("2026-11-01T00:00:00Z"), to: name)
    }
    try folder.link("logs/again.log", to: "node-1/audit-5.log")
    let shards = try (0..<4).map { try #require(Shard("\($0)/4")) }
    let byFolder = shards.map { folder.found("logs", shard: $0) }
    #expect(byFolder.flatMap(\.self).count == 40)
    #expect(Set(byFolder.flatMap(\.self)).count == 40)
    let byPattern = shards.map { folder.found("logs/**/*.log", shard: $0) }
    #expect(byPattern == byFolder)
    let both = shards.map { folder.found("logs/node-2", "logs", shard: $0) }
    #expect(both.flatMap(\.self).count == 40)
    #expect(both == shards.map { folder.found("logs", "logs/node-2", shard: $0) })
    // The link has no counterpart in the other folder.
    try folder.remove("logs/again.log")
    #expect(
      shards.map { folder.found("logs", shard: $0).map { String($0.dropFirst(5)) } }
        == shards.map { other.found(other.path, shard: $0) }
    )
  }

  @Test func `an empty part is no problem`() throws {
    let folder = try TemporaryFolder()
    try folder.write("x", to: "only.log")
    let shards = try (0..<9).map { try #require(Shard("\($0)/9")) }
    let parts = shards.map { folder.found(folder.path, shard: $0) }
    #expect(parts.flatMap(\.self) == ["only.log"])
  }
}
