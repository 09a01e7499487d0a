// Logs that grow, are renamed, emptied, replaced, and taken away.

import AuditLog
import Foundation
import TestSupport
import Testing

@Suite struct LogFollowerTests {
  /// A follower, and what it saw so far; tests do in `whilePausing` what happens between two looks.
  private final class Following {
    let folder: TemporaryFolder
    private var follower: LogFollower?
    private var steps: [() throws -> Void] = []
    private var failure: (any Error)?
    private let buffer: UnsafeMutableRawBufferPointer
    private let names: [String]
    private(set) var pauses = 0

    init(_ folder: TemporaryFolder, _ names: String..., bufferBytes: Int = 1 << 16) {
      self.folder = folder
      self.names = names
      buffer = .allocate(byteCount: bufferBytes, alignment: 16)
      let files = names.map { name in
        LogInputs.resolve([folder.path(name)]).files.first
          ?? LogFile(path: folder.path(name), name: name, size: 0, isRegular: true)
      }
      follower = LogFollower(files) { [unowned self] in
        pauses += 1
        guard !steps.isEmpty else { return }
        do { try steps.removeFirst()() } catch { failure = error }
      }
    }

    deinit { buffer.deallocate() }

    /// What follows while these steps are taken, one in each pause, until two pauses brought nothing.
    func seen(whilePausing steps: (() throws -> Void)...) throws -> String {
      self.steps = steps
      var text = ""
      var idle = 0
      var last = 0
      while idle < 3 {
        switch follower?.next(into: buffer) {
        case .bytes(let count, let file):
          #expect(count > 0)
          if file != last { text += "<\(names[file])>" }
          last = file
          text += String(decoding: buffer[..<count], as: UTF8.self)
          idle = 0
        case .restarted(let file):
          text += "<restarted \(names[file])>"
          last = file
          idle = 0
        case .ended(let file, let problem): text += "<ended \(names[file])\(problem.map { ": \($0)" } ?? "")>"
        case .idle: idle = self.steps.isEmpty ? idle + 1 : 0
        case .finished, nil: return text + "<finished>"
        }
      }
      if let failure { throw failure }
      return text
    }
  }

  @Test func `a file is read from its beginning, then as it grows`() throws {
    let folder = try TemporaryFolder()
    try folder.write("one\n", to: "a.log")
    let following = Following(folder, "a.log")
    #expect(try following.seen() == "one\n")
    #expect(
      try following.seen(
        whilePausing: { try folder.append("tw", to: "a.log") },
        {
          try folder.append("o\nthree\n", to: "a.log")
        }
      ) == "two\nthree\n"
    )
    #expect(try following.seen() == "")
  }

  @Test func `a pause is made only when there is nothing new`() throws {
    let folder = try TemporaryFolder()
    try folder.write(String(repeating: "x", count: 1_000), to: "a.log")
    let following = Following(folder, "a.log", bufferBytes: 7)
    #expect(try following.seen().utf8.count == 1_000)
    #expect(following.pauses == 3)
  }

  @Test func `a file that is renamed is read to its end before the next one`() throws {
    let folder = try TemporaryFolder()
    try folder.write("one\n", to: "a.log")
    let following = Following(folder, "a.log")
    let seen = try following.seen(
      whilePausing: {
        try folder.append("two\n", to: "a.log")
        try folder.rename("a.log", to: "a.log.1")
        try folder.write("four\n", to: "a.log")
      },
      // Who writes has not noticed yet.
      { try folder.append("three\n", to: "a.log.1") },
      {},
      { try folder.append("five\n", to: "a.log") }
    )
    #expect(seen == "one\ntwo\nthree\n<restarted a.log>four\nfive\n")
  }

  @Test func `a file that is copied and emptied is read from its beginning`() throws {
    let folder = try TemporaryFolder()
    try folder.write("one one one\n", to: "a.log")
    let following = Following(folder, "a.log")
    let seen = try following.seen(
      whilePausing: { try folder.overwrite("a.log", with: "") },
      { try folder.append("two\n", to: "a.log") },
      { try folder.overwrite("a.log", with: "3\n") },
    )
    #expect(seen == "one one one\n<restarted a.log>two\n<restarted a.log>3\n")
  }

  @Test func `a file that is emptied and has grown again is noticed`() throws {
    let folder = try TemporaryFolder()
    try folder.write("one\n", to: "a.log")
    let following = Following(folder, "a.log")
    let seen = try following.seen(
      whilePausing: { try folder.overwrite("a.log", with: "two\n") },
      { try folder.overwrite("a.log", with: "three three three\n") }
    )
    #expect(seen == "one\n<restarted a.log>two\n<restarted a.log>three three three\n")
  }

  @Test func `a file that is emptied while it is being read is noticed`() throws {
    let folder = try TemporaryFolder()
    let long = (0..<200).map { "line \($0)\n" }.joined()
    try folder.write(long, to: "a.log")
    let file = try #require(LogInputs.resolve([folder.path("a.log")]).files.first)
    let follower = LogFollower([file]) {}
    var buffer = [UInt8](repeating: 0, count: 100)
    func next() -> FollowEvent { buffer.withUnsafeMutableBytes { follower.next(into: $0) } }
    for _ in 0..<5 { #expect(next() == .bytes(count: 100, file: 0)) }
    try folder.overwrite("a.log", with: "LINE 0\n" + long)
    #expect(next() == .restarted(file: 0))
    #expect(next() == .bytes(count: 100, file: 0))
    #expect(String(decoding: buffer.prefix(7), as: UTF8.self) == "LINE 0\n")
    try folder.overwrite("a.log", with: "short\n")
    #expect(next() == .restarted(file: 0))
    #expect(next() == .bytes(count: 6, file: 0))
    #expect(next() == .idle)
  }

  @Test func `a file that is replaced by one of the same size is noticed`() throws {
    let folder = try TemporaryFolder()
    try folder.write("one\n", to: "a.log")
    let following = Following(folder, "a.log")
    let seen = try following.seen(whilePausing: {
      try folder.write("two\n", to: "new")
      try folder.rename("new", to: "a.log")
    })
    #expect(seen == "one\n<restarted a.log>two\n")
  }

  @Test func `a file that is missing is waited for`() throws {
    let folder = try TemporaryFolder()
    let following = Following(folder, "a.log")
    #expect(try following.seen() == "")
    #expect(try following.seen(whilePausing: { try folder.write("one\n", to: "a.log") }) == "one\n")
    let seen = try following.seen(
      whilePausing: {
        try folder.append("two\n", to: "a.log")
        try folder.remove("a.log")
      },
      {},
      {},
      {},
      { try folder.write("three\n", to: "a.log") }
    )
    #expect(seen == "two\n<restarted a.log>three\n")
  }

  @Test func `several files are read one after the other, then as they grow`() throws {
    let folder = try TemporaryFolder()
    try folder.write("a1\n", to: "a")
    try folder.write("b1\n", to: "b")
    let following = Following(folder, "a", "b", bufferBytes: 2)
    let seen = try following.seen(
      whilePausing: { try folder.append("b2\n", to: "b") },
      { try folder.append("a2\n", to: "a") },
      { try folder.overwrite("b", with: "B\n") }
    )
    #expect(seen == "a1\n<b>b1\nb2\n<a>a2\n<restarted b>B\n")
  }

  @Test func `compressed files cannot be followed`() throws {
    let folder = try TemporaryFolder()
    try folder.write("one\n", to: "a.log")
    try folder.gzip("a.log")
    try folder.write("plain\n", to: "b.log")
    let problem = "is compressed with gzip and cannot be followed; replay it without --follow"
    #expect(try Following(folder, "a.log.gz").seen() == "<ended a.log.gz: \(problem)><finished>")
    #expect(try Following(folder, "a.log.gz", "b.log").seen() == "<ended a.log.gz: \(problem)><b.log>plain\n")
  }

  @Test func `a pipe is read as bytes arrive, until it is closed`() throws {
    let folder = try TemporaryFolder()
    try #require(mkfifo(folder.path("pipe"), 0o600) == 0)
    let following = Following(folder, "pipe")
    #expect(try following.seen() == "")
    let descriptor = open(folder.path("pipe"), O_WRONLY | O_NONBLOCK)
    try #require(descriptor >= 0)
    func put(_ text: String) { #expect(write(descriptor, text, text.utf8.count) == text.utf8.count) }
    #expect(try following.seen(whilePausing: { put("on") }, { put("e\n") }) == "one\n")
    #expect(try following.seen(whilePausing: { close(descriptor) }) == "<ended pipe><finished>")
  }

  @Test func `a folder in place of the file ends it`() throws {
    let folder = try TemporaryFolder()
    try folder.write("one\n", to: "a.log")
    let following = Following(folder, "a.log")
    let seen = try following.seen(whilePausing: {
      try folder.remove("a.log")
      try folder.write("x", to: "a.log/b")
    })
    #expect(seen == "one\n<ended a.log: is not a regular file any more><finished>")
  }

  @Test(arguments: UInt64(0)..<20)
  func `nothing is lost or read twice through many rotations`(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let folder = try TemporaryFolder()
    try folder.write("", to: "a.log")
    let file = try #require(LogInputs.resolve([folder.path("a.log")]).files.first)
    var written = ""
    var number = 0
    var rotations = 0
    var pauses = 0
    var pausesSinceRotation = 0
    func nextLine() -> String {
      number += 1
      let line = "line \(number)\n"
      written += line
      return line
    }
    func growAndRotate() throws {
      for _ in 0..<Int.random(in: 0...5, using: &generator) { try folder.append(nextLine(), to: "a.log") }
      // Two looks are between rotations: more often than that, a file may come and go unseen.
      guard pausesSinceRotation > 2, Bool.random(using: &generator) else { return }
      pausesSinceRotation = 0
      rotations += 1
      try folder.rename("a.log", to: "a.log.\(rotations)")
      try folder.write(nextLine(), to: "a.log")
    }
    var failure: (any Error)?
    let follower = LogFollower([file]) {
      pauses += 1
      pausesSinceRotation += 1
      guard pauses < 100 else { return }
      do { try growAndRotate() } catch { failure = error }
    }
    var seen = ""
    var restarts = 0
    var buffer = [UInt8](repeating: 0, count: 64)
    while pauses < 110 {
      switch buffer.withUnsafeMutableBytes({ follower.next(into: $0) }) {
      case .bytes(let count, _): seen += String(decoding: buffer[..<count], as: UTF8.self)
      case .restarted: restarts += 1
      case .idle: break
      case let event:
        Issue.record("\(event)")
        return
      }
    }
    if let failure { throw failure }
    #expect(seen == written)
    #expect(restarts == rotations)
    #expect(rotations > 5)
  }
}
