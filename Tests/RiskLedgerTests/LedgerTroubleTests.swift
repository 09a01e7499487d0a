// What the world does to a file while it is open: full disks, permissions, locks, deletion.

import Evaluation
import Foundation
import Glibc
import RiskLedger
import TestSupport
import Testing

@Suite struct LedgerTroubleTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.ledger }

  init() throws { directory = try TemporaryDirectory() }

  private func submit(_ id: String, to writer: LedgerWriter) throws -> LedgerError? {
    let outcomes = Outcomes<LedgerError?>()
    writer.submit([try .sample(id)]) { result in
      if case .failure(let error) = result { outcomes.append(error) } else { outcomes.append(nil) }
    }
    guard let outcome = outcomes.waiting(for: 1).first else { throw NoOutcome() }
    return outcome
  }

  @Test func `a file that may not be written is refused`() throws {
    _ = try SQLiteLedger(path: path, access: .readWrite).append([.sample("1")])
    #expect(chmod(path, 0o444) == 0)
    let path = path
    let found = try asNobody { problemOfOpening(path, .readWrite) }
    #expect(found == .readOnly)
  }

  @Test func `a file that may not be read is refused`() throws {
    _ = try SQLiteLedger(path: path, access: .readWrite)
    #expect(chmod(path, 0) == 0)
    let path = path
    #expect(try asNobody { problemOfOpening(path, .readOnly) } == .cannotOpen)
    #expect(try asNobody { problemOfOpening(path, .readWrite) } == .cannotOpen)
  }

  @Test func `a directory that may not be written is told of`() throws {
    #expect(chmod(directory.path, 0o555) == 0)
    defer { chmod(directory.path, 0o755) }
    let path = path
    #expect(try asNobody { problemOfOpening(path, .readWrite) } == .cannotOpen)
  }

  @Test func `a directory in which the log cannot be made is told of`() throws {
    _ = try SQLiteLedger(path: path, access: .readWrite).append([.sample("1")])
    #expect(chmod(path, 0o666) == 0)
    #expect(chmod(directory.path, 0o555) == 0)
    defer { chmod(directory.path, 0o755) }
    let path = path
    let found = try asNobody { problemOfOpening(path, .readWrite) }
    #expect(found == .cannotOpen || found == .readOnly)
  }

  @Test func `a database that may not grow is full, keeps what it has, and goes on when it may`() throws {
    let ledger = try SQLiteLedger(path: path, access: .readWrite)
    let pages = try ledger.connection.integer("PRAGMA page_count")
    _ = try ledger.connection.integer("PRAGMA max_page_count = \(pages + 2)")
    var kept = 0
    let error = #expect(throws: LedgerError.self) {
      for index in 0..<1_000 {
        _ = try ledger.append([.sample("\(index)", at: Int64(index))])
        kept += 1
      }
    }
    #expect(error.flatMap { problem($0) } == .diskFull)
    #expect(try ledger.events(matching: RiskEventQuery()).count == kept)
    _ = try ledger.connection.integer("PRAGMA max_page_count = 1000000")
    #expect(try ledger.append([.sample("after")]).count == 1)
  }

  @Test(.enabled(if: canMount, "needs root, to mount a small disk in a namespace of its own"))
  func `a full disk fails every submission and heals when there is room again`() throws {
    let directory = directory
    try onThreadOfItsOwn {
      try mountSmallDisk(at: directory.path)
      // A folder on which something is mounted cannot be removed.
      defer { umount(directory.path) }
      let path = directory.ledger
      let ballast = directory.file("ballast")
      let writer = try LedgerWriter(.sqlite(path: path)) { _ in }
      #expect(try submit("before", to: writer) == nil)
      #expect(fill(ballast) == ENOSPC)
      var failure: LedgerError?
      for index in 0..<500 where failure == nil { failure = try submit("filling-\(index)", to: writer) }
      #expect(failure.flatMap { problem($0) } == .diskFull)
      #expect(writer.lastError == failure)
      Thread.sleep(forTimeInterval: 2)
      #expect(!writer.isHealthy, "looking again does not heal a disk")
      #expect(unlink(ballast) == 0)
      waitUntil { writer.isHealthy }
      #expect(writer.isHealthy)
      #expect(try submit("after", to: writer) == nil)
      writer.close()
      let ids = try SQLiteLedger(path: path, access: .readOnly).events(matching: RiskEventQuery()).map(\.event.id)
      #expect(ids.contains("before") && ids.contains("after"))
    }
  }

  @Test func `a deleted file fails what is submitted and a new one is made`() throws {
    let writer = try LedgerWriter(.sqlite(path: path)) { _ in }
    #expect(try submit("1", to: writer) == nil)
    for name in [path, path + "-wal", path + "-shm"] { #expect(unlink(name) == 0) }
    #expect(try submit("2", to: writer) == .replaced(path: path))
    #expect(!writer.isHealthy)
    #expect(try submit("3", to: writer) == nil)
    #expect(writer.isHealthy)
    #expect(try SQLiteLedger(path: path, access: .readOnly).events(matching: RiskEventQuery()).map(\.event.id) == ["3"])
  }

  @Test(arguments: ["", "-wal"])
  func `a file that stands where another was is noticed`(suffix: String) throws {
    let ledger = try SQLiteLedger(path: path, access: .readWrite)
    _ = try ledger.append([.sample("1")])
    #expect(rename(path + suffix, path + ".old") == 0)
    #expect(throws: LedgerError.replaced(path: path)) { try ledger.append([.sample("2")]) }
    #expect(throws: LedgerError.replaced(path: path)) { try ledger.verifyWritable() }
    try Data(contentsOf: URL(filePath: path + ".old")).write(to: URL(filePath: path + suffix))
    #expect(throws: LedgerError.replaced(path: path)) { try ledger.append([.sample("2")]) }
    #expect(unlink(path + suffix) == 0)
    #expect(rename(path + ".old", path + suffix) == 0)
    #expect(try ledger.append([.sample("2")]).count == 1, "it is back")
  }

  @Test func `a directory that goes and comes back heals`() throws {
    let folder = directory.file("folder")
    #expect(mkdir(folder, 0o755) == 0)
    let writer = try LedgerWriter(.sqlite(path: folder + "/ledger.db")) { _ in }
    #expect(try submit("1", to: writer) == nil)
    #expect(rename(folder, folder + "-away") == 0)
    #expect(try submit("2", to: writer) == .replaced(path: folder + "/ledger.db"))
    #expect(try submit("3", to: writer) == .missingDirectory(path: folder + "/ledger.db"))
    #expect(rename(folder + "-away", folder) == 0)
    waitUntil { writer.isHealthy }
    #expect(try submit("4", to: writer) == nil)
    writer.close()
    let ledger = try SQLiteLedger(path: folder + "/ledger.db", access: .readOnly)
    #expect(try ledger.events(matching: RiskEventQuery()).map(\.event.id) == ["1", "4"])
  }

  @Test func `a lock of another process is waited for, for a bounded time`() throws {
    let ledger = try SQLiteLedger(path: path, access: .readWrite)
    let other = try SQLiteConnection(path: path, access: .readWrite)
    try other.execute("BEGIN IMMEDIATE")
    let clock = ContinuousClock()
    var error: LedgerError?
    let waited = clock.measure { error = #expect(throws: LedgerError.self) { try ledger.append([.sample("1")]) } }
    #expect(error.flatMap { problem($0) } == .locked)
    #expect(waited >= .milliseconds(Int(LedgerLimits.lockWaitMilliseconds) - 100))
    try other.execute("ROLLBACK")
    #expect(try ledger.append([.sample("1")]).count == 1)
  }

  @Test func `damage is told apart from everything else`() throws {
    do {
      let ledger = try SQLiteLedger(path: path, access: .readWrite)
      _ = try ledger.append((0..<500).map { try .sample("\($0)", at: Int64($0)) })
    }
    let file = try FileHandle(forUpdating: URL(filePath: path))
    let size = try file.seekToEnd()
    try file.seek(toOffset: 4_096)
    try file.write(contentsOf: Data(repeating: 0xA5, count: Int(size) - 4_096))
    try file.close()
    #expect {
      let ledger = try SQLiteLedger(path: path, access: .readWrite)
      _ = try ledger.append([.sample("new")])
    } throws: { problem($0) == .corrupt }
  }
}

// MARK: - Means

private func problemOfOpening(_ path: String, _ access: LedgerURL.Access) -> StorageProblem? {
  do {
    let ledger = try SQLiteLedger(path: path, access: access)
    _ = try ledger.events(matching: RiskEventQuery())
    return nil
  } catch { return problem(error) }
}

/// Runs `body` with the file permissions of nobody, when this is root, whom no mode bits stop.
private func asNobody<Result: Sendable>(_ body: @escaping @Sendable () -> Result) throws -> Result {
  try onThreadOfItsOwn {
    if geteuid() == 0, glibc("setfsuid", 65_534) == nil { throw POSIXError(.ENOSYS) }
    return body()
  }
}

/// Calls a function of one integer that Swift's module of glibc leaves out; nil when there is none.
private func glibc(_ name: String, _ argument: Int32) -> Int32? {
  guard let symbol = dlsym(nil, name) else { return nil }
  return unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Int32).self)(argument)
}

/// Linux' CLONE_NEWNS.
private let newMountNamespace: Int32 = 0x0002_0000

/// Whether this process may mount a file system.
private let canMount = geteuid() == 0 && (try? onThreadOfItsOwn { glibc("unshare", newMountNamespace) == 0 }) == true

/// Mounts a file system of 256 KiB that only this thread and its children see, and that goes with them.
private func mountSmallDisk(at path: String) throws {
  guard
    glibc("unshare", newMountNamespace) == 0, mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0,
    mount("tmpfs", path, "tmpfs", 0, "size=256k") == 0
  else { throw POSIXError(.EPERM) }
}

/// Writes until nothing more goes in; returns why.
private func fill(_ path: String) -> Int32 {
  let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
  defer { close(descriptor) }
  let page = [UInt8](repeating: 0, count: 4_096)
  while write(descriptor, page, page.count) > 0 {}
  return errno
}
