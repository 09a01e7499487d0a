// Maps, lists, anchors, merge keys, duplicate keys and the places of keys.

import Testing

@testable import Manifests

@Suite struct `YAML structure` {
  @Test func `every key has its place, in the order of the JSON text`() throws {
    let result = try document(
      "# c\nkind: Pod\nspec:\n  containers:\n  - name: a\n    ports: [{containerPort: 1}]\n  é: {ü: 1, x: 2}\n"
    )
    #expect(
      String(decoding: result.json, as: UTF8.self)
        == #"{"kind":"Pod","spec":{"containers":[{"name":"a","ports":[{"containerPort":1}]}],"é":{"ü":1,"x":2}}}"#
    )
    #expect(places(result) == ["2:1", "3:1", "4:3", "5:5", "6:5", "6:14", "7:3", "7:7", "7:13"])
    #expect(result.start == SourcePosition(line: 2, column: 1))
  }

  @Test func `there is room for simdjson behind the JSON`() throws {
    for text in ["a: 1\n", "{\"a\": 1}", "a: 1\na: 2\n"] {
      let json = try document(text, .warn).json
      #expect(json.capacity >= json.count + 64)
    }
  }

  @Test func `an alias repeats the anchored value, and its keys are where the anchor has them`() throws {
    let result = try document("a: &x\n  h: {i: [1, {j: 2}]}\nb: *x\nc: [*x]\nd: &s text\ne: *s\n")
    #expect(
      String(decoding: result.json, as: UTF8.self)
        == #"{"a":{"h":{"i":[1,{"j":2}]}},"b":{"h":{"i":[1,{"j":2}]}},"c":[{"h":{"i":[1,{"j":2}]}}],"d":"text","e":"text"}"#
    )
    #expect(
      places(result) == [
        "1:1", "2:3", "2:7", "2:15", "3:1", "2:3", "2:7", "2:15", "4:1", "2:3", "2:7", "2:15", "5:1", "6:1",
      ]
    )
  }

  @Test func `an anchor can be redefined, and the latest counts`() {
    #expect(outcomes("a: &x 1\nb: &x 2\nc: *x\n") == [.json(#"{"a":1,"b":2,"c":2}"#)])
    #expect(outcomes("a: &x [&x 1]\nb: *x\n") == [.json(#"{"a":[1],"b":1}"#)])
  }

  @Test func `an anchor ends with its document`() {
    #expect(outcomes("a: &x 1\n---\nb: *x\n") == [.json(#"{"a":1}"#), .error(line: 3, column: 4)])
  }

  @Test func `an alias inside its own anchor is an error`() throws {
    #expect(outcomes("a: &x\n  b: [*x]\n") == [.error(line: 2, column: 7)])
    #expect(try failure("a: &x\n  b: [*x]\n").message.contains("*x"))
  }

  @Test(arguments: [
    ("x: {<<: {h: true}, h: false}", #"{"x":{"h":false}}"#),
    ("x: {<<: [{h: 1, a: {z: [1, {q: 2}]}}, {h: 2, b: 2}]}", #"{"x":{"b":2,"h":1,"a":{"z":[1,{"q":2}]}}}"#),
    ("x: {<<: {h: 1}, <<: {h: 2, b: 2}}", #"{"x":{"h":2,"b":2}}"#),
    ("x: {\"<<\": {h: 1}}", #"{"x":{"<<":{"h":1}}}"#),
    ("x: {<<: {}}\nw: {a: 1, <<: {}}\nz: {<<: {}, a: 1}", #"{"x":{},"w":{"a":1},"z":{"a":1}}"#),
    ("x: {<<: [], a: [<<]}", #"{"x":{"a":["<<"]}}"#),
    ("x: {<<: {<<: {a: 1}, b: 2}, c: 3}", #"{"x":{"a":1,"b":2,"c":3}}"#),
    (
      "a: &a {k: 1}\nb: &b {<<: *a, k: 2, l: 3}\nc: {<<: *b, l: 4}\nd: *b",
      #"{"a":{"k":1},"b":{"k":2,"l":3},"c":{"k":2,"l":4},"d":{"k":2,"l":3}}"#
    ),
    (
      "a: {<<: &m {x: 1}, z: *m}\nb: {<<: [*m, &n {x: 2, w: 3}]}\nc: *n",
      #"{"a":{"x":1,"z":{"x":1}},"b":{"w":3,"x":1},"c":{"x":2,"w":3}}"#
    ),
    (
      #"a: &a {"q\"\\\n\u0001é": 1}"# + "\n" + #"b: {<<: *a, "q\"\\\n\u0001é": 2}"#,
      #"{"a":{"q\"\\\n\u0001é":1},"b":{"q\"\\\n\u0001é":2}}"#
    ),
  ])
  func `a merge key brings in the members of a map`(text: String, json: String) throws {
    let result = try document(text + "\n")
    #expect(String(decoding: result.json, as: UTF8.self) == json)
    #expect(result.warnings.isEmpty)
  }

  @Test func `a merge key after a key overrides it as in kubectl, with a warning`() throws {
    let result = try document("base: &b\n  hostNetwork: true\nspec:\n  hostNetwork: false\n  <<: *b\n")
    #expect(
      String(decoding: result.json, as: UTF8.self) == #"{"base":{"hostNetwork":true},"spec":{"hostNetwork":true}}"#
    )
    #expect(places(result) == ["1:1", "2:3", "3:1", "2:3"])
    #expect(result.warnings.map(\.position) == [SourcePosition(line: 4, column: 3)])
    #expect(result.warnings.first?.message.contains("line 2") == true)
  }

  @Test(arguments: [
    "x: {<<: 1}", "x: {<<: [1]}", "x: {<<: [[{a: 1}]]}", "a: &a [1]\nx: {<<: *a}", "a: &a 1\nx: {<<: *a}", "x: {<<: }",
  ])
  func `a merge key of anything else is an error`(text: String) throws {
    #expect(try failure(text + "\n").message.contains("<<"))
  }

  @Test(arguments: [
    ("a: 1\nb: 2\na: 3\n", 3, 1, "line 1, column 1"), ("x:\n  a: 1\n  \"a\": 2\n", 3, 3, "line 2, column 3"),
    ("yes: 1\n'true': 2\n", 2, 1, "line 1"), ("1: a\n0x1: b\n", 2, 1, "line 1"),
    ("x: {a: 1, a: 1}\n", 1, 11, "column 5"),
    ("{\"a\": 1, \"\\u0061\": 2}", 1, 10, "column 2"), ("{\"b\": [{\"a/\": 1, \"a\\/\": 2}]}", 1, 18, "column 9"),
  ])
  func `a duplicate key is an error at the second key that names the first`(
    text: String,
    line: Int,
    column: Int,
    first: String
  ) throws {
    let error = try failure(text)
    #expect(error.position == SourcePosition(line: line, column: column))
    #expect(error.message.contains(first))
  }

  @Test(arguments: [
    (
      "a: 1\nb: {c: 1, c: 2, d: {e: 1}, d: {f: 1}}\na: 2\na: 3\n", #"{"b":{"c":2,"d":{"f":1}},"a":3}"#,
      ["2:1", "2:11", "2:28", "2:32", "4:1"], 4
    ),
    (
      "a: &x {k: 1, k: {l: 2}}\nb: *x\nb: *x\n", #"{"a":{"k":{"l":2}},"b":{"k":{"l":2}}}"#,
      ["1:1", "1:14", "1:18", "3:1", "1:14", "1:18"], 2
    ),
    (
      "a: &x {k: 1}\na: [*x]\nc: {<<: *x, k: 2, k: 3}\n", #"{"a":[{"k":1}],"c":{"k":3}}"#,
      ["2:1", "1:8", "3:1", "3:19"], 2
    ),
    (#"{"a": 1, "b": 1, "a": {"x": 1}, "a" : 5}"#, #"{"b": 1, "a" : 5}"#, ["1:10", "1:33"], 2),
  ])
  func `with warn the last duplicate wins, value and place`(text: String, json: String, keys: [String], warnings: Int)
    throws
  {
    let result = try document(text, .warn)
    #expect(String(decoding: result.json, as: UTF8.self) == json)
    #expect(places(result) == keys)
    #expect(result.warnings.count == warnings)
  }

  @Test func `warnings are counted beyond the limit, not listed`() throws {
    let result = try document(String(repeating: "a: 1\n", count: 500), .warn)
    #expect(result.warnings.count == ManifestLimits.warningsMax + 1)
    #expect(result.warnings.last?.message.hasPrefix("399 more") == true)
  }

  @Test func `a wide map is not quadratic and still finds its duplicate`() throws {
    let lines = (0..<30_000).map { "k\($0): \($0)\n" }.joined()
    #expect(try document(lines).keyPositions.count == 30_000)
    #expect(outcomes(lines + "k5: 1\n") == [.error(line: 30_001, column: 1)])
    let json = "{" + (0..<30_000).map { "\"k\($0)\": \($0)" }.joined(separator: ",")
    #expect(try document(json + "}").keyPositions.count == 30_000)
    guard case .error = outcomes(json + ", \"k7\": 1}")[0] else {
      Issue.record("the duplicate in a wide JSON object was not found")
      return
    }
  }

  @Test func `empty documents, comments and nulls yield nothing`() {
    #expect(outcomes("") == [])
    #expect(outcomes("# only a comment\n") == [])
    #expect(
      outcomes("---\n---\n# c\n---\nnull\n--- ~\n...\n--- # note\na: 1\n...\n# end\n---\n") == [.json(#"{"a":1}"#)]
    )
    #expect(outcomes("null") == [])
  }

  @Test(arguments: ["[1]", "- a: 1\n", "text", "12", "\"\"", "--- >\n text\n", "{\"a\":1}\n[1]", "{\"a\":1}\n5"])
  func `a document that is no object is an error`(text: String) throws {
    #expect(try failure(text).message.contains("must be an object"))
  }
}
