// The parser: what it takes, what it refuses, and that it survives both.

import JSONDocument
import TestSupport
import Testing

@Suite struct JSONParserTests {
  private func kind(_ text: String, parser: JSONParser = JSONParser()) throws -> JSONValue.Kind {
    try parser.withDocument(Array(text.utf8)) { $0.kind }
  }

  @Test(arguments: [
    ("{}", JSONValue.Kind.object), ("[]", .array), ("\"a\"", .string), ("-1", .number), ("1.5e3", .number),
    ("true", .boolean), ("null", .null), (" \n{ } ", .object),
  ])
  func `every kind of value is a document`(text: String, kind expected: JSONValue.Kind) throws {
    #expect(try kind(text) == expected)
  }

  @Test(arguments: ["", "   ", "\n"])
  func `nothing but white space is empty`(text: String) {
    #expect(throws: JSONError.empty) { try kind(text) }
  }

  @Test(arguments: [
    "{", "{\"a\":}", "[1,]", "{\"a\":1}x", "tru", "\"", "{'a':1}", "\u{0}", "nan", "01", "{\"a\" 1}", "\"\u{1}\"",
  ])
  func `what is not JSON is malformed`(text: String) {
    let error = #expect(throws: JSONError.self) { try kind(text) }
    guard case .malformed = error else {
      Issue.record("\(text.debugDescription) gave \(String(describing: error))")
      return
    }
  }

  @Test func `bytes that are not UTF-8 are malformed`() {
    #expect(throws: JSONError.self) { try JSONParser().withDocument([0x22, 0xFF, 0x22]) { $0.kind } }
  }

  @Test func `a document of exactly the limit is read and one byte more is refused`() throws {
    let parser = JSONParser(bytesMax: 10_000)
    let fits = "\"" + String(repeating: "a", count: 9_998) + "\""
    #expect(try kind(fits, parser: parser) == .string)
    #expect(throws: JSONError.tooLarge(limitBytes: 10_000)) { try kind(fits + " ", parser: parser) }
  }

  @Test func `nesting is bounded by the parser and not by the stack`() throws {
    let limit = JSONLimits.nestingLevelsMax
    let fits = String(repeating: "[", count: limit - 1) + String(repeating: "]", count: limit - 1)
    #expect(try kind(fits) == .array)
    let deep = String(repeating: "[", count: 200_000) + String(repeating: "]", count: 200_000)
    #expect(throws: JSONError.tooDeep(limitLevels: limit)) { try kind(deep) }
  }

  @Test func `a parser goes on after an error and after a large document`() throws {
    let parser = JSONParser()
    for round in 0..<50 {
      #expect(throws: JSONError.self) { try kind("{\"a\":", parser: parser) }
      #expect(try kind("[\(round)]", parser: parser) == .array)
      let large = "[" + String(repeating: "{\"k\":\"v\"},", count: 40_000) + "1]"
      if round % 10 == 0 { #expect(try kind(large, parser: parser) == .array) }
    }
  }

  @Test func `reading in place and reading a copy give the same`() throws {
    let text = #"{"a":[1,2,{"b":"c"}],"uid":"1f930cf0"}"#
    var padded = Array(text.utf8)
    padded.reserveCapacity(padded.count + JSONParser.paddingBytes)
    let inPlace = try JSONParser().withDocument(padded) { $0.string("uid") }
    let copied = try padded.withUnsafeBytes { bytes in
      try JSONParser().withDocument(bytes, padded: false) { $0.string("uid") }
    }
    #expect(inPlace == "1f930cf0")
    #expect(copied == inPlace)
  }

  @Test func `garbage never crashes the parser`() throws {
    var generator = SeededGenerator(seed: 11)
    let parser = JSONParser()
    let valid = Array(TestJSON.random(depth: 6, using: &generator).text.utf8)
    var refused = 0
    for _ in 0..<20_000 {
      var bytes = valid
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      do { try parser.withDocument(bytes) { _ = $0.mayContain("hostNetwork") } } catch { refused += 1 }
    }
    #expect(refused > 0)
  }
}
