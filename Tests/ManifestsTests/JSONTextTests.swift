// Strict JSON: values, places and errors.

import Testing

@testable import Manifests

@Suite struct `JSON input` {
  @Test func `values may follow each other or stand between separator lines`() {
    let expected: [Outcome] = [.json(#"{"a":1}"#), .json(#"{"b": [1, {"c":2}]}"#), .json(#"{"d":{}}"#)]
    #expect(outcomes("{\"a\":1}{\"b\": [1, {\"c\":2}]}\n{\"d\":{}}") == expected)
    #expect(outcomes("{\"a\":1}\n---\n{\"b\": [1, {\"c\":2}]}\n--- # note\n{\"d\":{}}\n---\nnull\n---\n") == expected)
  }

  @Test func `a text passes through as it is, with the place of every key`() throws {
    let result = try document(
      "{\n\t\"a\": {\"é\\\"\": 1e5, \"b\": [ {}, {\"c\" : -0.5E-3} ]},\r\n\t\"d\": \"\u{7F}\"\n}"
    )
    #expect(places(result) == ["2:2", "2:8", "2:20", "2:32", "3:2"])
    #expect(String(decoding: result.json, as: UTF8.self).contains("-0.5E-3"))
  }

  @Test func `an object that is only nearly JSON is read as YAML`() {
    #expect(outcomes("{a: True, b: yes}") == [.json(#"{"a":true,"b":true}"#)])
    #expect(outcomes("{\"a\": 1,}") == [.json(#"{"a":1}"#)])
    #expect(outcomes("{\"a\": 1}\n---\nb: yes\n") == [.json(#"{"a":1}"#), .json(#"{"b":true}"#)])
  }

  @Test(arguments: [
    ("{\"a\": {\"b\": 1", 1, 14, "begins on line 1, column 7"), ("{\"a\": [1, 2", 1, 12, "array"),
    ("{\"a\"", 1, 5, "object"),
    ("{\"a\":\t1 \"b\": 2}", 1, 9, "Expected , or }"), ("{\"a\":\t[1 2]}{", 1, 10, "Expected , or ]"),
    ("{\"a\":\t\"x\ny}", 1, 9, "string"),
    ("{\n\t\"a\": 01,\n\t\"b\": \"\\x\"", 2, 7, "number"),
  ])
  func `broken JSON says where and why`(text: String, line: Int, column: Int, words: String) throws {
    let error = try failure(text)
    #expect(error.message.contains(words), "\(error)")
    #expect(error.position == SourcePosition(line: line, column: column), "\(error)")
  }

  @Test(arguments: [
    "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{a:1}", "{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}",
    "{\"a\":+1}", "{\"a\":-}",
    "{\"a\":1e}", "{\"a\":tru}", "{\"a\":truex}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"\n\"}",
    "{\"a\":[1,]}", "{\"a\":1,}", "{\"a\" 1}",
    "{\"a\":1]", "{\"a\":[1}", "{,}", "{\"a\":,}", "{\"a\":NaN}", "{'a':1}", "{\"a\":1}x", "{\"a\":1}}", "{\"a\":nul",
  ])
  func `what is no JSON is refused by the strict reader`(text: String) {
    let bytes = Array(text.utf8)
    let read = JSONDocuments(bytes, InputEncoding(of: bytes), duplicateKeys: .error)
    #expect(read.syntaxErrorOffset != nil)
    #expect((read.syntaxErrorOffset ?? .max) <= bytes.count)
  }

  @Test(arguments: [
    (#""a""#, "a"), (#""\u0061\n\"\\\/\b\f\r\t""#, "a\n\"\\/\u{8}\u{C}\r\t"), (#""\ud83d\ude00x""#, "😀x"),
    (#""\ud83dx""#, "\u{FFFD}x"),
    (#""\ude00""#, "\u{FFFD}"), (#""\ud83d\u0061""#, "\u{FFFD}a"), (#""""#, ""),
  ])
  func `escapes are resolved before keys are compared`(json: String, text: String) {
    let bytes = Array(json.utf8)
    #expect(String(decoding: JSONStringText.decoded(bytes, in: 0..<bytes.count), as: UTF8.self) == text)
  }

  @Test func `nesting has Kubernetes' own limit, and nothing recurses`() throws {
    let deep = { (levels: Int) in
      "{\"a\":" + String(repeating: "[", count: levels) + String(repeating: "]", count: levels) + "}"
    }
    #expect(try document(deep(9_999)).keyPositions.count == 1)
    #expect(throws: UnreadableInput.self) { try read(deep(10_000))[0].get() }
    #expect(throws: UnreadableInput.self) { try read(String(repeating: "{\"a\":", count: 100_000))[0].get() }
  }

  @Test func `invalid UTF-8 is an error in JSON too, and values before it are kept`() {
    let results = ManifestText.documents(in: Array("{\"a\":1}\n{\"b\":\"".utf8) + [0xFF] + Array("\"}".utf8))
    #expect(results.map(Outcome.init) == [.json(#"{"a":1}"#), .error(line: 2, column: 7)])
  }
}
