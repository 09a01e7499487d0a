// Which files paths stand for.

import AuditLog
import Compression
import Foundation
import TestSupport
import Testing

@Suite struct LogInputsTests {
  /// Files without times, changed in the order given.
  private func folder(_ names: String...) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (index, name) in names.enumerated() {
      try folder.write("x", to: name)
      try folder.setTime(1_000_000 + index, of: name)
    }
    return folder
  }

  @Test func `a folder stands for its files at any depth, but not for hidden ones`() throws {
    let folder = try folder(
      "a.log",
      "b/c.gz",
      "b/d/e",
      "f g.txt",
      ".hidden",
      "b/.git/config",
      ".dot/x.log",
      "b/..data/y.log"
    )
    #expect(folder.found(folder.path) == ["a.log", "b/c.gz", "b/d/e", "f g.txt"])
    #expect(folder.found(folder.path + "/") == ["a.log", "b/c.gz", "b/d/e", "f g.txt"])
    #expect(folder.found("b", "a.log") == ["a.log", "b/c.gz", "b/d/e"])
    #expect(folder.found(".hidden", "b/.git") == [".hidden", "b/.git/config"])
  }

  @Test func `a deep folder is read, and a bottomless one told of`() throws {
    let folder = try TemporaryFolder()
    let deep = Array(repeating: "d", count: 100).joined(separator: "/")
    try folder.write("x", to: "\(deep)/log")
    #expect(folder.found(folder.path) == ["\(deep)/log"])
    try folder.write("x", to: "\(deep)/d/log")
    #expect(
      folder.found(folder.path) == ["\(deep)/log", "! \(deep)/d: lies more than 100 folders deep and was not read"]
    )
  }

  @Test func `links to files count, links to folders do not`() throws {
    let folder = try folder("real/a.log", "elsewhere/b.log")
    try folder.link("real/b.log", to: "../elsewhere/b.log")
    try folder.link("real/loop", to: "..")
    #expect(folder.found("real") == ["real/a.log", "real/b.log"])
    try folder.link("real/gone.log", to: "nowhere")
    #expect(folder.found("real").last == "! real/gone.log: cannot be examined: No such file or directory")
  }

  @Test func `a file is read once, in however many ways it is reached`() throws {
    let folder = try folder("a.log", "b.log")
    try folder.link("link.log", to: "a.log")
    try #require(link(folder.path("a.log"), folder.path("hard.log")) == 0)
    #expect(folder.found("a.log", "a.log", folder.path, "*.log", "link.log", "hard.log") == ["a.log", "b.log"])
    #expect(folder.found("-", "a.log", "-") == ["a.log", "-"])
  }

  @Test(
    arguments: [
      ("*.log", ["a.log", "b.log", "ab.log", "x[1].log"]),
      ("?.log", ["a.log", "b.log"]),
      ("[ab].log", ["a.log", "b.log"]),
      ("[!a].log", ["b.log"]),
      ("*", ["a.log", "b.log", "ab.log", "c/a.log", "c/d/b.log", "x[1].log", "é.txt"]),
      (".*", [".h.log"]),
      ("c/*.log", ["c/a.log"]),
      ("*/a.log", ["c/a.log"]),
      ("*/*/*.log", ["c/d/b.log"]),
      ("c/[d]", ["c/d/b.log"]),
      ("**/*.log", ["a.log", "b.log", "ab.log", "c/a.log", "c/d/b.log", "x[1].log"].sorted()),
      ("c/**", ["c/a.log", "c/d/b.log"]),
      ("**/d/**/**/b.log", ["c/d/b.log"]),
      ("x[1].log", ["x[1].log"]),
      (#"x\[1\].[l]og"#, ["x[1].log"]),
      ("?.txt", ["é.txt"]),
      ("c/../a.l?g", ["c/../a.log"]),
    ] as [(String, [String])]
  )
  func `a pattern stands for the files it matches`(_ pattern: String, _ expected: [String]) throws {
    let folder = try folder(
      "a.log",
      "b.log",
      "ab.log",
      "c/a.log",
      "c/d/b.log",
      "x[1].log",
      "é.txt",
      ".h.log",
      "c/.i/b.log"
    )
    #expect(Set(folder.found(pattern)) == Set(expected))
  }

  @Test func `what is not there is a problem with a reason`() throws {
    let folder = try folder("a.log")
    try FileManager.default.createDirectory(atPath: folder.path("empty/.x"), withIntermediateDirectories: true)
    #expect(folder.found("b.log") == ["! b.log: cannot be read: No such file or directory"])
    #expect(folder.found("a.log/c") == ["! a.log/c: cannot be read: Not a directory"])
    #expect(folder.found("*.gz") == ["! *.gz: there is no such file, and no file matches the pattern"])
    #expect(folder.found("no/*.gz") == ["! no/*.gz: there is no such file, and no file matches the pattern"])
    #expect(folder.found("empty") == ["! empty: there are no files in this folder that are not hidden"])
    #expect(folder.found("b.log", "a.log") == ["a.log", "! b.log: cannot be read: No such file or directory"])
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may read everything"))
  func `what may not be read is a problem with a reason`() throws {
    let folder = try folder("a.log", "b/c.log")
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder.path("a.log"))
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder.path("b"))
    defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path("b")) }
    #expect(folder.found("a.log") == ["! a.log: cannot be opened: Permission denied"])
    #expect(folder.found("b") == ["! b: cannot be listed: Permission denied"])
    #expect(folder.found("b/*") == ["! b: cannot be listed: Permission denied"])
  }

  @Test func `a file knows its size, and opens`() throws {
    let folder = try TemporaryFolder()
    try folder.write(auditLine("2026-11-23T16:43:03Z"), to: "a.log")
    try folder.gzip("a.log")
    let (files, _) = LogInputs.resolve([folder.path])
    let file = try #require(files.first)
    #expect(file.isRegular)
    #expect(file.size == (try Data(contentsOf: folder.url.appending(path: "a.log.gz"))).count)
    let reader = try file.open()
    var buffer = [UInt8](repeating: 0, count: 1_000)
    let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
    #expect(String(decoding: buffer[..<count], as: UTF8.self) == auditLine("2026-11-23T16:43:03Z"))
    #expect(LogInputs.resolve(["-"]).files == [.standardInput])
  }

  @Test func `a pipe is a stream, and is left out of folders`() throws {
    let folder = try folder("a.log")
    try #require(mkfifo(folder.path("pipe"), 0o600) == 0)
    #expect(folder.found(folder.path) == ["a.log"])
    let (files, problems) = LogInputs.resolve([folder.path("pipe"), folder.path("a.log")])
    #expect(files.map(\.isRegular) == [true, false])
    #expect(files.last?.size == 0)
    #expect(problems.isEmpty)
  }
}
