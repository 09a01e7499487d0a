// In which order files are read.

import AuditLog
import Foundation
import TestSupport
import Testing

@Suite struct LogOrderTests {
  private static let third = "2026-11-23T16:43:03.000003Z"
  private static let filler = String(repeating: "x", count: 100_000)

  /// Contents whose first time is `third`.
  @Test(arguments: [
    auditLine(third) + auditLine("2020-01-01T00:00:00Z"),
    #"{"log":"{\"kind\":\"Event\",\"requestReceivedTimestamp\":\"\#(third)\"}","time":"2029-01-01T00:00:00Z"}"#,
    #"{"a":"{\\\"requestReceivedTimestamp\\\":\\\"\#(third)\\\"}","time":"2029-01-01T00:00:00Z"}"#,
    #"{"requestReceivedTimestamp" : "\#(third)"}"#,
    #"{"requestReceivedTimestamp":null}{"requestReceivedTimestamp":"\#(third)"}"#,
    #"{"requestReceivedTimestamp":"0001-01-01T00:00:00Z","stageTimestamp":"\#(third)"}"#,
    #"{"creationTimestamp":"2019-01-01T00:00:00Z","stageTimestamp":"\#(third)"}"#,
    #"{"requestReceivedTimestamp":"2026-11-23T17:43:03.000003+01:00"}"#,
    "\(third) stdout F {}",
    "\(filler)2019-01-01T00:00:00Z",
    #"{"creationTimestamp":"2019-01-01T00:00:00Z","x":"\#(filler)","requestReceivedTimestamp":"\#(third)"}"#,
    #"{"timestamp":"\#(third)","n":12026-11-23T16:43:03Z}"#,
  ])
  func `the first time of an event decides`(_ text: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(auditLine("2026-11-23T16:43:03.000002Z"), to: "z-before.log")
    try folder.write(auditLine("2026-11-23T16:43:03.000004Z"), to: "a-after.log")
    try folder.write(text, to: "file.log")
    // 2026-11-23T16:43:03, for the one that has no time at its beginning: between the two by what is left of a second.
    try folder.setTime(text.hasPrefix("x") ? 1_795_452_183 : 0, of: "file.log")
    let expected =
      text.hasPrefix("x")
      ? ["file.log", "z-before.log", "a-after.log"] : ["z-before.log", "file.log", "a-after.log"]
    #expect(folder.found(folder.path) == expected)
  }

  @Test func `paths do not decide, and compression does not matter`() throws {
    let folder = try TemporaryFolder()
    for day in 1...9 {
      try folder.write(auditLine("2026-11-0\(day)T00:00:00Z"), to: "audit.log.\(10 - day)")
      if day < 7 { try folder.gzip("audit.log.\(10 - day)") }
    }
    let expected = (4...9).reversed().map { "audit.log.\($0).gz" } + ["audit.log.3", "audit.log.2", "audit.log.1"]
    #expect(folder.found(folder.path) == expected)
    #expect(folder.found("audit.log.1", "audit.log.2", "*.gz", "audit.log.3") == expected)
  }

  @Test func `a file without a time has the one of its last change`() throws {
    let folder = try TemporaryFolder()
    for (name, seconds) in [("c", 1), ("a", 2), ("b", 3), ("e", 3), ("d", 3)] {
      try folder.write(name == "a" ? "" : "no time", to: name)
      try folder.setTime(seconds, of: name)
    }
    try folder.write(auditLine("1970-01-01T00:00:02.5Z"), to: "timed")
    #expect(folder.found(folder.path) == ["c", "a", "timed", "b", "d", "e"])
  }

  @Test func `a damaged file has the times that can be read`() throws {
    let folder = try TemporaryFolder()
    try folder.write(auditLine("2026-11-02T00:00:00Z") + Self.filler, to: "b.log")
    try folder.gzip("b.log")
    let whole = try Data(contentsOf: folder.url.appending(path: "b.log.gz"))
    try folder.write(whole.dropLast(12), to: "b.log.gz")
    try folder.write(auditLine("2026-11-01T00:00:00Z"), to: "c.log")
    try folder.write(auditLine("2026-11-03T00:00:00Z"), to: "a.log")
    #expect(folder.found(folder.path) == ["c.log", "b.log.gz", "a.log"])
  }
}
