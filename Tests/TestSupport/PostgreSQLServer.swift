// A real PostgreSQL for tests: Debian's, on a socket of its own, gone with the process that started it.

import Foundation
import Synchronization

/// A running server, whose every database is a test's own.
package final class PostgreSQLServer: Sendable {
  /// Where its socket is.
  package let folder: String
  /// Names its socket; with the setting `listen_addresses` it also listens there.
  package let port: Int
  private let settings: [String]
  private let databases = Atomic<Int>(0)

  /// The one that tests share; it forgets nothing while it runs, and does not wait for the disk.
  package static let shared = Result { try PostgreSQLServer(settings: ["fsync=off"]) }

  /// What went wrong, with what the server said.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// Makes a cluster and starts it.
  ///
  /// - Parameter settings: as in `fsync=off`.
  package init(settings: [String] = [], port: Int = 5_432) throws {
    self.port = port
    folder = FileManager.default.temporaryDirectory.appending(path: "hostfence-pg-\(UUID().uuidString.prefix(8))").path
    self.settings = settings
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    _ = try Self.run("chown", ["\(Self.user):", folder], isOptional: true)
    _ = try run(
      "initdb",
      ["--pgdata=\(folder)/data", "--username=hostfence", "--auth=trust", "--no-sync", "--encoding=UTF8"]
    )
    try start()
  }

  deinit {
    try? kill()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Starts it; a shell beside it ends it when this process is gone.
  package func start() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    let options = (["listen_addresses=", "port=\(port)", "unix_socket_directories=\(folder)"] + settings).map {
      "-c \($0)"
    }
    let program = (Self.prefix + ["\(try Self.folderOfPrograms())/postgres"]).joined(separator: " ")
    process.arguments = [
      "-c",
      """
      \(program) -D '\(folder)/data' \(options.joined(separator: " ")) >'\(folder)/log' 2>&1 &
      server=$!
      while kill -0 \(getpid()) && kill -0 $server; do sleep 0.5; done 2>/dev/null
      kill -0 $server 2>/dev/null || exit 0
      kill -QUIT $server; wait $server; rm -rf '\(folder)'
      """,
    ]
    // Whoever waits for the end of this process' output must not wait for the server.
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    try awaitAnswer()
  }

  private func awaitAnswer() throws {
    for _ in 0..<300 {
      if (try? query("SELECT 1", database: "postgres")) == "1" { return }
      usleep(100_000)
    }
    throw Failure(
      description: "PostgreSQL does not start: \((try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? "")"
    )
  }

  /// Ends it at once, as a crash of its machine would.
  package func kill() throws {
    let identifier = try postmaster()
    try signal("KILL")
    for _ in 0..<100 where (try? Self.run("kill", ["-0", identifier])) != nil { usleep(50_000) }
  }

  /// Sends a signal to all of its processes.
  package func signal(_ name: String) throws {
    let identifier = try postmaster()
    let children = try Self.run("pgrep", ["-P", identifier], isOptional: true).split(separator: "\n").map(String.init)
    _ = try Self.run("kill", ["-\(name)", identifier] + children, isOptional: true)
  }

  /// The id of the server's first process.
  package func postmaster() throws -> String {
    let text = try String(contentsOfFile: "\(folder)/data/postmaster.pid", encoding: .utf8)
    return text.split(separator: "\n").first.map(String.init) ?? ""
  }

  /// A URL of a new database without tables.
  package func makeDatabase() throws -> String {
    let name = "test_\(databases.add(1, ordering: .relaxed).newValue)"
    _ = try query("CREATE DATABASE \(name)", database: "postgres")
    return url(name)
  }

  /// The URL of a database.
  package func url(_ database: String) -> String {
    let host = folder.replacingOccurrences(of: "/", with: "%2F")
    return "postgres://hostfence@\(host):\(port)/\(database)"
  }

  /// Runs a statement by psql, and gives what it prints.
  package func query(_ sql: String, database: String) throws -> String {
    try Self.run(
      "\(try Self.folderOfPrograms())/psql",
      ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--dbname=\(url(database))", "--command=\(sql)"]
    ).trimmingCharacters(in: .newlines)
  }

  /// Takes connections with TLS from now on, with `tls.crt` and `tls.key` of a folder.
  package func useTLS(_ certificates: String) throws {
    for name in ["tls.crt", "tls.key"] {
      _ = try Self.run("cp", ["\(certificates)/\(name)", "\(folder)/\(name)"])
      _ = try Self.run("chown", ["\(Self.user):", "\(folder)/\(name)"], isOptional: true)
      _ = try Self.run("chmod", ["600", "\(folder)/\(name)"])
    }
    for setting in ["ssl_cert_file = '\(folder)/tls.crt'", "ssl_key_file = '\(folder)/tls.key'", "ssl = on"] {
      _ = try query("ALTER SYSTEM SET \(setting)", database: "postgres")
    }
    _ = try query("SELECT pg_reload_conf()", database: "postgres")
    for _ in 0..<100 where try query("SHOW ssl", database: "postgres") != "on" { usleep(50_000) }
  }

  // MARK: - Programs

  /// PostgreSQL refuses to run as root.
  private static let user = getuid() == 0 ? "postgres" : NSUserName()
  private static let prefix =
    getuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []

  /// Debian keeps each version apart.
  private static func folderOfPrograms() throws -> String {
    let versions = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")
    guard let newest = versions.max(by: { (Int($0) ?? 0) < (Int($1) ?? 0) }) else {
      throw Failure(description: "there is no PostgreSQL; run make dependencies")
    }
    return "/usr/lib/postgresql/\(newest)/bin"
  }

  private func run(_ program: String, _ arguments: [String]) throws -> String {
    try Self.run("env", Self.prefix + ["\(try Self.folderOfPrograms())/\(program)"] + arguments)
  }

  private static func run(_ program: String, _ arguments: [String], isOptional: Bool = false) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 || isOptional else {
      throw Failure(description: "\(program) \(arguments.joined(separator: " ")): \(text)")
    }
    return text
  }
}
