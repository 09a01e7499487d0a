// Properties over random input, seeded: what is written comes back, and nothing crashes.

import Foundation
import Testing

@testable import Manifests

/// A random JSON value and two ways to write it.
indirect enum RandomValue {
  case null
  case boolean(Bool)
  case number(Int)
  case text(String)
  case list([RandomValue])
  case object([(key: String, value: RandomValue)])

  private static let plainWords = [
    "name", "hostNetwork", "spec", "a-b", "x.y/z", "containers", "é", "k8s", "image", "latest",
  ]
  private static let oddWords = [
    "", "yes", "true", "null", "~", "1", "0x1", "a: b", "# c", "a #b", "{{ x }}", "\"", "'", "\\", "\n", "two\nlines\n",
    "\t", "- a", "é😀",
    "\u{1}", " lead", "trail ", "!t", "&a", "*a", "%", "@", "`", "|", ">", "<<", "...", "---", "\u{85}", "\u{2028}",
  ]

  static func string(_ generator: inout SeededGenerator) -> String {
    let isPlain = Int.random(in: 0..<3, using: &generator) > 0
    return (isPlain ? plainWords : oddWords).randomElement(using: &generator) ?? ""
  }

  static func random(depth: Int, _ generator: inout SeededGenerator) -> RandomValue {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &generator) {
    case 0: return .null
    case 1: return .boolean(.random(using: &generator))
    case 2: return .number(.random(in: -1_000_000...1_000_000, using: &generator))
    case 3, 4: return .text(string(&generator))
    case 5:
      return .list((0..<Int.random(in: 0...4, using: &generator)).map { _ in random(depth: depth - 1, &generator) })
    default: return object(depth: depth, &generator)
    }
  }

  static func object(depth: Int, _ generator: inout SeededGenerator) -> RandomValue {
    var members: [(key: String, value: RandomValue)] = []
    for index in 0..<Int.random(in: 0...4, using: &generator) {
      members.append(
        (string(&generator) + (Bool.random(using: &generator) ? "" : "\(index)"), random(depth: depth - 1, &generator))
      )
    }
    var seen: Set<[UInt8]> = []
    return .object(members.filter { seen.insert(Array($0.key.utf8)).inserted })
  }

  static func quoted(_ text: String) -> String {
    var json = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": json += "\\\""
      case "\\": json += "\\\\"
      case _ where scalar.value < 0x20 || [0x85, 0x2028].contains(scalar.value):
        json +=
          "\\u" + String(repeating: "0", count: 4 - String(scalar.value, radix: 16).count)
          + String(scalar.value, radix: 16)
      default: json.unicodeScalars.append(scalar)
      }
    }
    return json + "\""
  }

  var json: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let text): Self.quoted(text)
    case .list(let elements): "[" + elements.map(\.json).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.key) + ":" + $0.value.json }.joined(separator: ",") + "}"
    }
  }

  private static func scalar(_ text: String, _ generator: inout SeededGenerator) -> String {
    if plainWords.contains(text), Bool.random(using: &generator) { return text }
    let isSingleLine = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x85 && $0.value != 0x2028 }
    if isSingleLine, Bool.random(using: &generator) {
      return "'" + text.replacingOccurrences(of: "'", with: "''") + "'"
    }
    return quoted(text)
  }

  /// YAML with a random choice of styles, to stand behind `key:` or `-` at the given indentation.
  func yaml(indent: Int, _ generator: inout SeededGenerator) -> String {
    let pad = "\n" + String(repeating: " ", count: indent)
    switch self {
    case .null: return [" null", " ~", "", " Null"].randomElement(using: &generator) ?? ""
    case .boolean(let value):
      return " "
        + ((value ? ["true", "yes", "On", "y"] : ["false", "No", "OFF", "n"]).randomElement(using: &generator) ?? "")
    case .number(let value): return " \(value)"
    case .text(let text):
      if text == "two\nlines\n", Bool.random(using: &generator) { return " |" + pad + "  two" + pad + "  lines" }
      return " " + Self.scalar(text, &generator)
    case .list(let elements):
      if elements.isEmpty || Int.random(in: 0..<3, using: &generator) == 0 { return " " + flow(&generator) }
      return elements.map { pad + "-" + $0.yaml(indent: indent + 2, &generator) }.joined()
    case .object(let members):
      if members.isEmpty || Int.random(in: 0..<3, using: &generator) == 0 { return " " + flow(&generator) }
      return members.map { pad + Self.scalar($0.key, &generator) + ":" + $0.value.yaml(indent: indent + 2, &generator) }
        .joined()
    }
  }

  private func flow(_ generator: inout SeededGenerator) -> String {
    switch self {
    case .list(let elements):
      let items = elements.map { element in
        if case .null = element { return "null" }
        return element.flow(&generator)
      }
      return "[" + items.joined(separator: ", ") + "]"
    case .object(let members):
      return "{"
        + members.map { Self.scalar($0.key, &generator) + ": " + $0.value.flow(&generator) }.joined(separator: ", ")
        + "}"
    case .text(let text): return Self.scalar(text, &generator)
    default: return json
    }
  }
}

@Suite struct `Random input` {
  static let seeds: [UInt64] = [1, 2, 3, UInt64(Date().timeIntervalSince1970)]

  @Test(arguments: seeds)
  func `a value written as YAML or JSON comes back`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for round in 0..<200 {
      let value = RandomValue.object(depth: 5, &generator)
      guard case .object(let members) = value, !members.isEmpty else { continue }
      let yaml = "---" + value.yaml(indent: 0, &generator) + "\n"
      let expected = try parse(Array(value.json.utf8))
      for text in [yaml, value.json] {
        let results = read(text)
        guard results.count == 1, case .success(let document) = results[0] else {
          Issue.record("seed \(seed), round \(round): \(results)\n\(text)")
          return
        }
        #expect(try parse(document.json) == expected, "seed \(seed), round \(round):\n\(text)")
        #expect(keysMatch(document, text), "seed \(seed), round \(round):\n\(text)")
      }
    }
  }

  /// Whether each position points at the text of its key, plain or behind a quotation mark.
  private func keysMatch(_ document: RenderedDocument, _ text: String) -> Bool {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { Array($0.unicodeScalars) }
    let keys = keysInOrder(document.json)
    guard keys.count == document.keyPositions.count else { return false }
    return zip(keys, document.keyPositions).allSatisfy { key, position in
      guard position.line <= lines.count, position.column <= lines[position.line - 1].count else { return false }
      let rest = lines[position.line - 1][(position.column - 1)...]
      guard let first = rest.first else { return false }
      return first == "\"" || first == "'" || rest.starts(with: Array(key.unicodeScalars))
    }
  }

  /// The keys of a compact or spaced JSON text in their order.
  private func keysInOrder(_ json: [UInt8]) -> [String] {
    var keys: [String] = []
    var index = 0
    while index < json.count {
      guard json[index] == UInt8(ascii: "\"") else {
        index += 1
        continue
      }
      let start = index
      index += 1
      while json[index] != UInt8(ascii: "\"") { index += json[index] == UInt8(ascii: "\\") ? 2 : 1 }
      index += 1
      var next = index
      while next < json.count, [0x20, 0x09, 0x0A, 0x0D].contains(json[next]) { next += 1 }
      if next < json.count, json[next] == UInt8(ascii: ":") {
        keys.append(String(decoding: JSONStringText.decoded(json, in: start..<index), as: UTF8.self))
      }
    }
    return keys
  }

  private func check(_ bytes: [UInt8], _ note: String) throws {
    let lines = 1 + bytes.reduce(into: 0) { $0 += $1 == 10 || $1 == 13 ? 1 : 0 }
    for rule in [DuplicateKeyRule.error, .warn] {
      for result in ManifestText.documents(in: bytes, duplicateKeys: rule) {
        switch result {
        case .success(let document):
          #expect(keysInOrder(document.json).count == document.keyPositions.count, "\(note) \(bytes)")
          #expect((try? parse(document.json)) != nil, "\(note) \(bytes)")
          #expect(document.keyPositions.allSatisfy { $0.line <= lines }, "\(note) \(bytes)")
        case .failure(let error):
          #expect(error.position.line <= lines && error.position.column <= bytes.count + 1, "\(note) \(bytes)")
          #expect(error.message.hasSuffix("."), "\(note) \(error)")
        }
      }
    }
  }

  @Test(arguments: seeds)
  func `random bytes and random punctuation give documents or an error inside the text`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let punctuation = Array("{}[]:,-?&*!|>'\"%@`#\n\n  \t~<<ab1.\\e\r".utf8)
    for round in 0..<1_500 {
      let count = Int.random(in: 0..<60, using: &generator)
      let isText = round % 3 != 0
      let bytes = (0..<count).map { _ in
        isText ? punctuation.randomElement(using: &generator) ?? 0 : UInt8.random(in: 0...255, using: &generator)
      }
      try check(bytes, "seed \(seed), round \(round)")
    }
  }

  @Test(arguments: seeds)
  func `mutated manifests give documents or an error inside the text`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let sources = try ["workloads.yaml", "anchors.yaml", "list.json"].map { try fixture($0) }
    for round in 0..<120 {
      var bytes = sources.randomElement(using: &generator) ?? []
      for _ in 0...Int.random(in: 0..<4, using: &generator) where !bytes.isEmpty {
        let at = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes.remove(at: at)
        case 1: bytes.insert(Array("{}[]:,-&*\"' \n\t#".utf8).randomElement(using: &generator) ?? 0, at: at)
        case 2: bytes[at] = .random(in: 0...255, using: &generator)
        case 3: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1..<80, using: &generator)))
        default:
          let from = Int.random(in: 0..<bytes.count, using: &generator)
          bytes.insert(
            contentsOf: bytes[from..<min(bytes.count, from + Int.random(in: 1..<80, using: &generator))],
            at: at
          )
        }
      }
      try check(bytes, "seed \(seed), round \(round)")
    }
  }
}
