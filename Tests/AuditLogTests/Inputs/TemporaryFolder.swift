// A folder of files for one test.

import AuditLog
import Foundation
import Testing

/// A folder that is removed with this object.
final class TemporaryFolder {
  let url: URL

  var path: String { url.path }

  init() throws {
    url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().appending(
      path: "inputs-\(UUID().uuidString)"
    )
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }

  /// Writes a new file in place of any other, making the folders above it.
  func write(_ text: String, to name: String) throws { try write(Data(text.utf8), to: name) }

  func write(_ data: Data, to name: String) throws {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
  }

  /// Adds text to the end of a file.
  func append(_ text: String, to name: String) throws {
    let handle = try FileHandle(forWritingTo: url.appending(path: name))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  /// Writes into a file from its beginning, cutting it off behind the text.
  func overwrite(_ name: String, with text: String) throws {
    let handle = try FileHandle(forWritingTo: url.appending(path: name))
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  func rename(_ name: String, to other: String) throws {
    try #require(unsafe Foundation.rename(path(name), path(other)) == 0)
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(at: url.appending(path: name)) }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: target)
  }

  /// Sets when a file was changed last, in seconds since the epoch.
  func setTime(_ seconds: Int, of name: String) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: TimeInterval(seconds))],
      ofItemAtPath: path(name)
    )
  }

  /// Compresses a file with gzip, which takes it away and leaves `name.gz`.
  func gzip(_ name: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", path(name)]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  /// The paths of the files that were found, below this folder.
  func found(_ paths: String..., shard: Shard? = nil) -> [String] {
    let (files, problems) = LogInputs.resolve(
      paths.map { $0.hasPrefix("/") || $0 == "-" ? $0 : path($0) },
      shard: shard
    )
    return files.map { below($0.path) } + problems.map { "! \(below($0.path)): \($0.message)" }
  }

  private func below(_ path: String) -> String {
    path.hasPrefix(self.path + "/") ? String(path.dropFirst(self.path.count + 1)) : path
  }
}

/// A line of an audit log.
func auditLine(_ time: String) -> String {
  #"{"kind":"Event","stage":"ResponseComplete","requestReceivedTimestamp":"\#(time)","stageTimestamp":"\#(time)"}"#
    + "\n"
}
