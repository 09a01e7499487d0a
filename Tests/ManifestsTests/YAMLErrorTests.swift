// Unreadable input: the place, the words, and what is still read.

import Testing

@testable import Manifests

@Suite struct `Unreadable input` {
  @Test func `good documents before a syntax error are kept, and the error says that the rest is lost`() throws {
    let text = "a: 1\n---\nb: [1, 2\n---\nc: 1\n"
    #expect(outcomes(text) == [.json(#"{"a":1}"#), .error(line: 4, column: 1)])
    let message = try failure(text).message
    #expect(message.contains("did not find expected ',' or ']'"))
    #expect(message.contains("line 3"))
    #expect(message.contains("Nothing after this place"))
  }

  @Test func `an error in one document does not touch the others`() {
    #expect(
      outcomes("a: 1\n---\nb: 1\nb: 2\n---\n[]\n---\nc: .inf\n---\nd: *e\n---\nf: 1\n") == [
        .json(#"{"a":1}"#), .error(line: 4, column: 1), .error(line: 6, column: 1), .error(line: 8, column: 4),
        .error(line: 10, column: 4), .json(#"{"f":1}"#),
      ]
    )
  }

  @Test(arguments: [("a:\n\tb: 1\n", 2, 1), ("a:\n  b: 1\n  \tc: 2\n", 3, 3), ("a:\n- x\n\t- y: 1\n", 3, 1)])
  func `a tab cannot indent`(text: String, line: Int, column: Int) throws {
    let error = try failure(text)
    #expect(error.position == SourcePosition(line: line, column: column))
    #expect(error.message.contains("tab cannot indent"))
  }

  @Test(arguments: [
    ("a: {{ .Values.x }}\n", 1, 4), ("{{- if .Values.x }}\na: 1\n{{- end }}\n", 1, 1),
    ("kind: Pod\nmetadata:\n  name: {{ include \"x\" . }}-y\nb: 2\n", 3, 9),
    ("a:\n  {{- toYaml .x | nindent 2 }}\n", 2, 3),
    ("# {{ c }}\na: \"{{ q }}\"\nb: '{{ q }}'\nc: |\n  {{ t }}\n\n  x\nd: {{ .real }}-1\n", 8, 4),
    ("a: 1\n{{ range .x }}\n- {{ . }}\n{{ end }}\n", 2, 1), ("{{ .Values.a }}: 1\n", 1, 1), ("a: [{{ .x }}]\n", 1, 5),
    ("{\"a\": {{ .x }}}", 1, 7),
  ])
  func `a template that was not rendered is told so`(text: String, line: Int, column: Int) throws {
    let error = try failure(text)
    #expect(error.message.contains("helm template"))
    #expect(error.position == SourcePosition(line: line, column: column))
  }

  @Test(arguments: [
    "# {{ c }}\na: [1\n", "a: \"{{ q }}\"\nb: [1\n", "a: '{{ q }}'\nb: [1\n", "c: |\n  {{ t }}\n\n  {{ u }}\nb: [1\n",
    "c: >-\n  {{ t }}\nb: [1\n", "- |2\n   {{ t }}\n- [1\n", "a: b # {{ c }}\nb: }\n",
    "a: \"x\n  {{ q }}\n  y\"\nb: [1\n",
  ])
  func `braces in comments, quotes and block scalars are no template`(text: String) throws {
    #expect(!(try failure(text).message.contains("helm")))
  }

  @Test(arguments: [
    "a: \"{{ x }}\"\n", "a: x{{ y }}\n", "a: |\n  {{ x }}\n", "a: b # {{ c }}\n", "a: {b: {c: 1}}\n",
    "{\"a\":{\"b\":{}}}",
  ])
  func `braces that are text or plain nesting are read`(text: String) {
    #expect(read(text).count == 1)
    #expect((try? read(text)[0].get()) != nil)
  }

  @Test func `a byte order mark, CRLF, CR, and no final newline are fine`() throws {
    let result = try document("\u{FEFF}a: 1\r\nb:\r\n  c: 2\r\n  d: |\r\n    x\r\n    y")
    #expect(String(decoding: result.json, as: UTF8.self) == #"{"a":1,"b":{"c":2,"d":"x\ny"}}"#)
    #expect(places(result) == ["1:1", "2:1", "3:3", "4:3"])
    #expect(places(try document("a: 1\rb: 2")) == ["1:1", "2:1"])
    #expect(places(try document("\u{FEFF}{\"a\": 1,\r\n\"b\": 2}")) == ["1:2", "2:1"])
  }

  @Test func `lines are an editor's lines, whatever libyaml counts`() throws {
    let result = try document("a: \"x\u{2028}y\"\nb: 1 # \u{85}\nc: 2\n")
    #expect(places(result) == ["1:1", "2:1", "3:1"])
  }

  @Test(
    arguments: [
      ([0xFF, 0xFE, 0x61, 0], "UTF-16"), ([0xFE, 0xFF, 0, 0x61], "UTF-16"), ([0x61, 0, 0x3A, 0], "UTF-16"),
      ([0, 0x7B, 0, 0x22], "UTF-16"), ([0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0], "UTF-32"),
    ] as [([UInt8], String)]
  )
  func `other encodings are refused by name`(bytes: [UInt8], name: String) throws {
    let results = ManifestText.documents(in: bytes)
    #expect(results.count == 1)
    guard case .failure(let error) = results[0] else { throw Unexpected.document }
    #expect(error.message.contains(name))
  }

  @Test(
    arguments: [
      ([0xFF], "0xFF"), ([0xC0, 0x80], "0xC0"), ([0xED, 0xA0, 0x80], "0xED"), ([0xF5, 0x80, 0x80, 0x80], "0xF5"),
      ([0xE2, 0x82], "0xE2"),
      ([0], "NUL"), ([1], "U+0001"), ([0x7F], "U+007F"), ([0xEF, 0xBF, 0xBF], "U+FFFF"),
    ] as [([UInt8], String)]
  )
  func `a byte that cannot be read is an error where it stands, and documents before it are kept`(
    bytes: [UInt8],
    name: String
  ) throws {
    let results = ManifestText.documents(in: Array("a: 1\n---\nb: é".utf8) + bytes + Array("\nc: 1\n".utf8))
    #expect(results.map(Outcome.init) == [.json(#"{"a":1}"#), .error(line: 3, column: 5)])
    guard case .failure(let error) = results[1] else { throw Unexpected.document }
    #expect(error.message.contains(name))
  }

  @Test func `YAML directives 1.1 and 1.2 are accepted and others named`() throws {
    #expect(outcomes("%YAML 1.1\n---\na: 1\n") == [.json(#"{"a":1}"#)])
    #expect(
      outcomes("%YAML 1.2\n--- # note\na: 1\n...\n%YAML 1.2\n---\nb: 1\n") == [.json(#"{"a":1}"#), .json(#"{"b":1}"#)]
    )
    #expect(try failure("%YAML 1.3\n---\na: 1\n").message.contains("%YAML 1.1 and 1.2"))
  }

  @Test func `aliases that multiply are stopped at the alias`() throws {
    var text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
    for level in 1...20 {
      text += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",") + "]\n"
    }
    let error = try failure(text)
    #expect(error.message.contains("10 MiB"))
    #expect(error.position.line == 7 || error.position.line == 6)
    var merges = "b: &b {" + (0..<10_000).map { "k\($0): 1" }.joined(separator: ", ") + "}\n"
    for index in 0..<1_000 { merges += "m\(index): {<<: *b}\n" }
    #expect(try failure(merges).message.contains("10 MiB"))
  }

  @Test func `nesting has a limit, through aliases too`() throws {
    let deep = { (levels: Int) in
      "a: " + String(repeating: "[", count: levels) + String(repeating: "]", count: levels) + "\n"
    }
    #expect(try document(deep(999)).keyPositions.count == 1)
    #expect(try failure(deep(1000)).message.contains("1000 levels"))
    #expect(try failure(deep(100_000)).message.contains("1000 levels"))
    let block = (0..<1_000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
    #expect(try document(block).keyPositions.count == 1_000)
    #expect(try failure(block + String(repeating: " ", count: 1_000) + "a: 1\n").message.contains("1000 levels"))
    let chain =
      "a: &a " + String(repeating: "[", count: 600) + String(repeating: "]", count: 600) + "\nb: "
      + String(repeating: "[", count: 600) + "*a" + String(repeating: "]", count: 600) + "\n"
    #expect(try failure(chain).message.contains("1000 levels"))
  }

  @Test func `many TAG directives are refused before libyaml compares them all`() throws {
    let tags = (0..<100_000).map { "%TAG !t\($0)! tag:example.com,2026:\n" }.joined()
    #expect(try failure(tags + "---\na: 1\n").message.contains("%TAG"))
  }
}
