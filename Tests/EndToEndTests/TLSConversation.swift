// A connection whose every byte a test decides, spoken by openssl.

import Foundation
import TestSupport

/// Talks to a server over TLS, piece by piece.
final class TLSConversation: @unchecked Sendable {
  // `process` and `input` are only used by the test; `text` is guarded by the condition.
  private let process = Process()
  private let input = Pipe()
  private let changed = NSCondition()
  private var text = ""
  private var isAtEnd = false

  init(_ server: Server) throws {
    BrokenPipes.ignore()
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    process.arguments = [
      "s_client", "-quiet", "-connect", "127.0.0.1:\(server.port)", "-CAfile", server.certificateAuthority,
    ]
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let handle = output.fileHandleForReading
    Thread.detachNewThread { [self] in
      while true {
        let data = handle.availableData
        changed.lock()
        text += String(decoding: data, as: UTF8.self)
        isAtEnd = data.isEmpty
        changed.broadcast()
        changed.unlock()
        if data.isEmpty { return }
      }
    }
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  func send(_ bytes: [UInt8]) { try? input.fileHandleForWriting.write(contentsOf: Data(bytes)) }

  /// Waits until the server has sent a text; false when the connection ends before.
  func wait(for wanted: String) -> Bool {
    changed.lock()
    defer { changed.unlock() }
    while !text.contains(wanted) {
      if isAtEnd { return false }
      changed.wait()
    }
    return true
  }
}
