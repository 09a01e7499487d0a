// The view over a document: members, cursors, the walker, equality.

import Foundation
import JSONDocument
import TestSupport
import Testing

@Suite struct JSONValueTests {
  @Test func `the last of several members with one name counts`() throws {
    let text = #"{"a":false,"b":1,"a":true}"#
    #expect(try JSONParser().withDocument(Array(text.utf8)) { $0.isTrue("a") })
  }

  @Test func `names are compared case by case and escape by escape`() throws {
    let text = #"{"HostNetwork":true,"host\u004eetwork":1}"#
    let (isTrue, value, lowerCase) = try JSONParser().withDocument(Array(text.utf8)) { root in
      (root.isTrue("hostNetwork"), root.member("hostNetwork")?.integer, root.member("hostnetwork")?.integer)
    }
    #expect(!isTrue)
    #expect(value == 1)
    #expect(lowerCase == nil)
  }

  @Test(arguments: [
    ("0", 0), ("-9223372036854775808", Int.min), ("9223372036854775807", Int.max), ("18446744073709551615", nil),
    ("1.0", nil), ("\"1\"", nil), ("true", nil),
  ])
  func `integers are those that fit and nothing else`(text: String, value: Int?) throws {
    #expect(try JSONParser().withDocument(Array(text.utf8)) { $0.integer } == value)
  }

  @Test func `what is written is read back, and the walker sees every object once`() throws {
    for seed in 0..<400 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let value = TestJSON.random(depth: 6, using: &generator)
      let (copy, walked) = try JSONParser().withDocument(Array(value.text.utf8)) { root in
        var walker = JSONObjectWalker(root.value(at: root.index))
        var count = 0
        while walker.next() != nil { count += 1 }
        return (copied(root), count)
      }
      #expect(copy == value, "seed \(seed)")
      #expect(walked == objectCount(value), "seed \(seed)")
    }
  }

  @Test func `a member anywhere is never missed by the one-pass look`() throws {
    for seed in 0..<400 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let inner = TestJSON.object([("x", .integer(1)), ("hostNetwork", .boolean(true))])
      let value = TestJSON.array([
        .random(depth: 4, using: &generator), .object([("deep", .array([inner]))]),
        .random(depth: 4, using: &generator),
      ])
      #expect(try JSONParser().withDocument(Array(value.text.utf8)) { $0.mayContain("hostNetwork") }, "seed \(seed)")
    }
    for text in [
      #"{"hostNetwork":false}"#, #"{"hostNetwork":null}"#, #"{"a":"b"}"#, #"["hostNetwork"]"#, "1", #""hostNetwork""#,
    ] {
      #expect(try !JSONParser().withDocument(Array(text.utf8)) { $0.mayContain("hostNetwork") }, "\(text)")
    }
  }

  @Test func `content is the same whatever the order of members, and different when a value differs`() throws {
    for seed in 0..<200 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let value = TestJSON.random(depth: 5, using: &generator)
      let shuffled = shuffledMembers(value, using: &generator)
      #expect(try same(value.text, shuffled.text), "seed \(seed)")
      #expect(try !same(value.text, TestJSON.array([value]).text), "seed \(seed)")
      #expect(try !same(#"{"a":\#(value.text),"b":1}"#, #"{"b":2,"a":\#(value.text)}"#), "seed \(seed)")
    }
    #expect(try !same(#"{"a":1,"b":2}"#, #"{"a":1}"#))
    #expect(try !same("[1,2]", "[2,1]"))
    #expect(try !same("1", "1.0"))
  }

  @Test func `keys are counted in the order of the document, whichever are asked for`() throws {
    for seed in 0..<200 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let value = TestJSON.object([
        ("a", .random(depth: 6, using: &generator)), ("b", .array([.object([("c", .null)])])),
      ])
      let (ordered, shuffled) = try JSONParser().withDocument(Array(value.text.utf8)) { root -> ([Int], Bool) in
        var places: [Int] = []
        var walker = JSONObjectWalker(root.value(at: root.index))
        while let object = walker.next() {
          var members = object.members
          while let member = members.next() { places.append(member.key.index) }
        }
        places.sort()
        var counter = JSONKeyCounter()
        let ordered = places.map { counter.ordinal(ofKeyAt: $0, in: root) }
        let numbered = Array(places.enumerated()).shuffled(using: &generator)
        return (ordered, numbered.allSatisfy { counter.ordinal(ofKeyAt: $0.element, in: root) == $0.offset })
      }
      #expect(ordered == Array(ordered.indices), "seed \(seed)")
      #expect(shuffled, "seed \(seed)")
    }
  }

  @Test func `a pointer leads to the key it names, byte for byte`() throws {
    let text = "{\"caf\u{E9}\":{\"x\":1},\"cafe\u{301}\":{\"x\":2},\"a/b~c\":[{\"d\":3}],\"\":{\"\":4}}"
    let found = try JSONParser().withDocument(Array(text.utf8)) { root in
      ["/caf\u{E9}/x", "/cafe\u{301}/x", "/a~1b~0c/0/d", "//", "/missing", "/a~1b~0c/1/d", "/a~1b~0c/0"].map {
        pointer in
        root.keyIndex(ofPointer: pointer).flatMap { root.value(at: root.value(at: $0).endIndex).integer }
      }
    }
    #expect(found == [1, 2, 3, 4, nil, nil, nil])
  }

  private func same(_ left: String, _ right: String) throws -> Bool {
    let parser = JSONParser()
    let first = try parser.withDocument(Array(left.utf8)) { JSONContentDigest($0) }
    return try parser.withDocument(Array(right.utf8)) { JSONContentDigest($0) } == first
  }

  private func copied(_ value: borrowing JSONValue) -> TestJSON {
    switch value.kind {
    case .null: return .null
    case .boolean: return .boolean(value.isTrue)
    case .number: return .integer(value.integer ?? 0)
    case .string: return .string(value.string ?? "")
    case .array:
      var elements: [TestJSON] = []
      var cursor = value.elements
      while let element = cursor.next() { elements.append(copied(element)) }
      return .array(elements)
    case .object:
      var members: [(String, TestJSON)] = []
      var cursor = value.members
      while let member = cursor.next() { members.append((member.key.string ?? "", copied(member.value))) }
      return .object(members)
    }
  }

  private func objectCount(_ value: TestJSON) -> Int {
    switch value {
    case .object(let members): 1 + members.map { objectCount($0.1) }.reduce(0, +)
    case .array(let elements): elements.map(objectCount).reduce(0, +)
    default: 0
    }
  }

  private func shuffledMembers(_ value: TestJSON, using generator: inout SeededGenerator) -> TestJSON {
    switch value {
    case .object(let members):
      var shuffled: [(String, TestJSON)] = []
      for (key, member) in members { shuffled.append((key, shuffledMembers(member, using: &generator))) }
      shuffled.shuffle(using: &generator)
      return .object(shuffled)
    case .array(let elements):
      var copies: [TestJSON] = []
      for element in elements { copies.append(shuffledMembers(element, using: &generator)) }
      return .array(copies)
    default: return value
    }
  }
}

@Suite struct JSONWriterTests {
  @Test func `every character survives writing and reading`() throws {
    var text = ""
    for value in 0...0x2FFF as ClosedRange<UInt32> {
      if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
    }
    var writer = JSONWriter()
    writer.beginObject()
    writer.field("text", text)
    writer.field("list", ["a", "\"", "\\"])
    writer.field("absent", nil as String?)
    writer.field("yes", true)
    writer.key("nothing")
    writer.null()
    writer.endObject()
    let foundation = try #require(try JSONSerialization.jsonObject(with: Data(writer.bytes)) as? [String: Any])
    #expect(foundation["text"] as? String == text)
    #expect(foundation["list"] as? [String] == ["a", "\"", "\\"])
    #expect(Set(foundation.keys) == ["text", "list", "yes", "nothing"])
    #expect(try JSONParser().withDocument(writer.bytes) { $0.string("text") } == text)
  }
}
