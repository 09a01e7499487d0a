// Helpers of the tests of the text layer.

import Foundation
import Testing

@testable import Manifests

/// A result in a form that is easy to compare: the JSON text, or the error's place.
enum Outcome: Equatable, CustomStringConvertible {
  case json(String)
  case error(line: Int, column: Int)

  var description: String {
    switch self {
    case .json(let text): text
    case .error(let line, let column): "error at \(line):\(column)"
    }
  }

  init(_ result: ManifestResult) {
    switch result {
    case .success(let document): self = .json(String(decoding: document.json, as: UTF8.self))
    case .failure(let error): self = .error(line: error.position.line, column: error.position.column)
    }
  }
}

func read(_ text: String, _ rule: DuplicateKeyRule = .error) -> [ManifestResult] {
  ManifestText.documents(in: Array(text.utf8), duplicateKeys: rule)
}

func outcomes(_ text: String, _ rule: DuplicateKeyRule = .error) -> [Outcome] { read(text, rule).map(Outcome.init) }

/// The only document of a text, or a failed requirement that says why.
func document(_ text: String, _ rule: DuplicateKeyRule = .error) throws -> RenderedDocument {
  let results = read(text, rule)
  try #require(results.count == 1)
  return try results[0].get()
}

/// The last error of a text.
func failure(_ text: String) throws -> UnreadableInput {
  guard case .failure(let error) = try #require(read(text).last) else { throw Unexpected.document }
  return error
}

enum Unexpected: Error { case document }

/// Positions as `line:column`.
func places(_ document: RenderedDocument) -> [String] { document.keyPositions.map { "\($0.line):\($0.column)" } }

/// A JSON value as Foundation's parser reads it.
enum JSONTree: Equatable, Decodable {
  case null
  case boolean(Bool)
  case number(Double)
  case text(String)
  case list([JSONTree])
  case object([String: JSONTree])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSONTree].self) {
      self = .list(value)
    } else {
      self = .object(try container.decode([String: JSONTree].self))
    }
  }

  subscript(_ key: String) -> JSONTree? {
    if case .object(let members) = self { members[key] } else { nil }
  }
}

func parse(_ json: [UInt8]) throws -> JSONTree { try JSONDecoder().decode(JSONTree.self, from: Data(json)) }

func parse(_ json: String) throws -> JSONTree { try parse(Array(json.utf8)) }

func fixture(_ name: String) throws -> [UInt8] {
  let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  return try [UInt8](Data(contentsOf: tests.appendingPathComponent("Fixtures/manifests/\(name)")))
}

/// SplitMix64: small, seeded, the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
