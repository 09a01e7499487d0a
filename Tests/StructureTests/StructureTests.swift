// Reads the sources: arrows go one way, hot code has no Foundation, files stay small and captioned.

import Foundation
import TestSupport
import Testing

@Suite struct StructureTests {
  /// What each target may import of the project; the executable may import everything.
  static let arrows: [String: Set<String>] = [
    "JSONDocument": ["CSimdJSON"],
    "Evaluation": ["JSONDocument"],
    "TLS": ["COpenSSL", "Threads"],
    "Threads": [],
    "Compression": ["CISAL", "CZstd"],
    "Digest": ["COpenSSL"],
    "RiskLedger": ["CPostgreSQL", "CSQLite", "Digest", "Evaluation", "JSONDocument", "Threads"],
    "Manifests": ["CYAML", "Evaluation", "JSONDocument"],
    "AuditLog": ["CLineScan", "Compression", "Evaluation", "JSONDocument", "Threads"],
    "AdmissionServer": ["Evaluation", "JSONDocument", "RiskLedger", "TLS", "Threads"],
    "EventCollector": ["Compression", "Digest", "Evaluation", "JSONDocument", "RiskLedger", "TLS", "Threads"],
    "AttackData": ["Manifests"],
    "PolicyFile": ["Digest", "Evaluation", "JSONDocument", "Manifests"],
    "Reports": ["AuditLog", "Digest", "Evaluation", "JSONDocument", "Manifests", "PolicyFile", "RiskLedger"],
  ]

  /// What each target may import from elsewhere.
  static let libraries: [String: Set<String>] = [
    "JSONDocument": [], "Evaluation": [], "Digest": [], "PolicyFile": [], "Reports": [], "AttackData": [],
    "TLS": ["Glibc", "NIOCore", "NIOTLS"],
    "Threads": ["Glibc"],
    "Compression": ["Glibc"],
    "RiskLedger": ["Glibc"],
    "AuditLog": ["Glibc"],
    "Manifests": ["Glibc"],
    "EventCollector": ["NIOCore", "NIOHTTP1", "NIOPosix", "NIOTLS"],
    "AdmissionServer": ["Logging", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOTLS", "ServiceLifecycle", "Synchronization"],
  ]

  struct Source: Sendable {
    let target: String
    let path: String
    let lines: [String]
  }

  static func sources() throws -> [Source] {
    let root = Fixtures.packageRoot.appending(path: "Sources")
    let enumerator = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
    return try enumerator.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.map { url in
      let path = url.path.dropFirst(root.path.count + 1)
      let text = try String(contentsOf: url, encoding: .utf8)
      return Source(
        target: String(path.prefix { $0 != "/" }),
        path: String(path),
        lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      )
    }
  }

  private func imports(_ source: Source) -> [String] {
    source.lines.compactMap { line in
      (try?
        /^(?:package |internal |public |private |fileprivate |@testable |@preconcurrency )*import (?:struct |class |enum |func )?([A-Za-z0-9_]+)/
        .firstMatch(in: line)).map { String($0.1) }
    }
  }

  @Test func `every target imports only what the design's arrows allow`() throws {
    let sources = try Self.sources()
    #expect(Set(sources.map(\.target)) == Set(Self.arrows.keys).union(["hostfence"]))
    for source in sources where source.target != "hostfence" {
      let allowed = try #require(Self.arrows[source.target]).union(try #require(Self.libraries[source.target]))
      for name in imports(source) { #expect(allowed.contains(name), "\(source.path) imports \(name)") }
    }
  }

  @Test func `nothing that is shipped imports Foundation or Dispatch`() throws {
    for source in try Self.sources() {
      for name in imports(source) {
        #expect(!name.hasPrefix("Foundation") && name != "Dispatch", "\(source.path) imports \(name)")
      }
    }
  }

  @Test func `every file has a caption and can be held in the head`() throws {
    for source in try Self.sources() {
      #expect(source.lines.first?.hasPrefix("// ") == true, "\(source.path) has no caption")
      #expect(source.lines.count <= 350, "\(source.path) has \(source.lines.count) lines")
    }
  }

  @Test func `nothing is forced, left for later or printed by the way`() throws {
    let banned = [/\btry!/, /\bas!/, /\bTODO\b/, /\bFIXME\b/, /\bfatalError\(/, /(?:^|\s)print\(/]
    for source in try Self.sources() {
      for (number, line) in source.lines.enumerated() {
        for pattern in banned {
          #expect(line.firstMatch(of: pattern) == nil, "\(source.path):\(number + 1): \(line)")
        }
      }
    }
  }

  @Test func `what other files may use is documented`() throws {
    for source in try Self.sources() {
      for (number, line) in source.lines.enumerated()
      where line.contains(
        /^\s*(?:@\w+(?:\([^)]*\))?\s+)*package (?:static |final |mutating |consuming |indirect )*(?:func|struct|class|enum|protocol|init|typealias)\b/
      ) {
        // Witnesses are documented at their protocol: Comparable, ChannelHandler, ExpressibleByArgument, RiskLedger.
        if line.contains(
          /func (<|==|hash|append|forEachEvent|riskObjects|incidents|addEvidence|overview|prune|lease|position|skipRecorded|lastSequence|outgoing|confirm|forwardedBytes|setForwardedBytes|verifyWritable)|\(context: ChannelHandlerContext|init\?\(argument:|typealias (In|Out)bound/
        ) {
          continue
        }
        var above = number - 1
        while above >= 0, source.lines[above].contains(/^\s*@/) { above -= 1 }
        let documented = above >= 0 && source.lines[above].contains(/^\s*\/\/\//)
        #expect(documented, "\(source.path):\(number + 1): \(line.trimmingCharacters(in: .whitespaces))")
      }
    }
  }
}
