// Scalars mean what kubectl takes them to mean. The tables were read off kubectl 1.32; a test below repeats that where it is installed.

import Foundation
import TestSupport
import Testing

@testable import Manifests

/// A scalar as written in YAML, and the JSON that kubectl makes of it.
struct ScalarCase: CustomTestStringConvertible {
  let yaml: String
  let json: String
  var testDescription: String { yaml }
}

private func cases(_ words: String, _ json: String) -> [ScalarCase] {
  words.split(separator: " ").map { ScalarCase(yaml: String($0), json: json) }
}

private func same(_ words: String) -> [ScalarCase] {
  words.split(separator: " ").map { ScalarCase(yaml: String($0), json: "\"\($0)\"") }
}

private func pairs(_ table: String) -> [ScalarCase] {
  table.split(separator: "\n").map { line in
    let halves = line.components(separatedBy: " => ")
    return ScalarCase(yaml: halves[0].trimmingCharacters(in: .whitespaces), json: halves[1])
  }
}

let words =
  cases("y Y yes Yes YES true True TRUE on On ON", "true")
  + cases("n N no No NO false False FALSE off Off OFF", "false")
  + cases("~ null Null NULL", "null")
  + same("yEs yES tRue TRue oN nO fALSE oFF nULL nUll yesn tru yess truee @x")
  .filter { $0.yaml != "@x" }

let numbers = pairs(
  """
  08 => 8
  09.5 => 9.5
  0o17 => 15
  0O17 => 15
  0o18 => "0o18"
  017 => 15
  -017 => -15
  +017 => 15
  0 => 0
  00 => 0
  0x1F => 31
  0X1f => 31
  -0x1F => -31
  0b101 => 5
  0B101 => 5
  -0b11 => -3
  0b-1 => -1
  0b+1 => 1
  0b => "0b"
  0x => "0x"
  0xg => "0xg"
  1_000 => 1000
  0x_1 => 1
  1__0 => 10
  _1 => "_1"
  +1 => 1
  -1 => -1
  + => "+"
  -_1 => -1
  1_ => 1
  1. => 1
  .5 => 0.5
  -.5 => -0.5
  +.5 => 0.5
  .5_0 => 0.5
  .5_ => ".5_"
  ._5 => "._5"
  .5e3 => 500
  1e3 => 1000
  1E+3 => 1000
  1e => "1e"
  1.e3 => 1000
  1_0.5_0 => 10.5
  .1e400 => ".1e400"
  1e400 => "1e400"
  -1e400 => "-1e400"
  0x1p3 => "0x1p3"
  .0x1 => ".0x1"
  1.0 => 1
  100.0 => 100
  1e20 => 100000000000000000000
  1e22 => 1e+22
  1e-6 => 1e-06
  1e-7 => 1e-07
  -0 => 0
  0.1 => 0.1
  190:20:30 => "190:20:30"
  1.2.3 => "1.2.3"
  1-2 => "1-2"
  9223372036854775807 => 9223372036854775807
  -9223372036854775808 => -9223372036854775808
  0xFFFFFFFFFFFFFFFFF => "0xFFFFFFFFFFFFFFFFF"
  2001-01-01 => "2001-01-01"
  2001-1-1 => "2001-1-1"
  2001-01-01T10:10:10Z => "2001-01-01T10:10:10Z"
  1:2 => "1:2"
  .Inf2 => ".Inf2"
  +.inf2 => "+.inf2"
  .infinity => ".infinity"
  .iNf => ".iNf"
  Infinity => "Infinity"
  nan => "nan"
  NaN => "NaN"
  .NAn => ".NAn"
  +.nan => "+.nan"
  . => "."
  .. => ".."
  """
)

let taggedAndQuoted = pairs(
  """
  "true" => "true"
  'yes' => "yes"
  "1" => "1"
  '~' => "~"
  "" => ""
  ! "true" => "true"
  ! yes => "yes"
  &a ! yes => "yes"
  ! &b yes => "yes"
  &c yes => true
  !foo yes => "yes"
  !foo "12" => "12"
  !foo 12 => "12"
  !!binary aGVsbG8= => "hello"
  !!int "12" => 12
  !!int 0x10 => 16
  !!float 3 => 3
  !!float 0x10 => 16
  !!float 1e3 => 1000
  !!str 12 => "12"
  !!str true => "true"
  !!str => ""
  !!null "" => null
  !!null null => null
  !!bool yes => true
  !!bool "y" => true
  !!bool "true" => true
  !!timestamp 2001-01-01 => "2001-01-01"
  !!merge foo => "foo"
  << => "<<"
  !foo {a: 1} => {"a":1}
  !!map [1] => [1]
  !!set {a, b} => {"a":null,"b":null}
  """
)

let keyCases = pairs(
  """
  1 => 1
  yes => true
  n => false
  1.0 => 1
  0x10 => 16
  010 => 8
  0.1 => 0.1
  1.5e10 => 1.5e+10
  1e30 => 1e+30
  123456.7 => 123456.7
  1234567.5 => 1.2345675e+06
  1e5 => 100000
  1e6 => 1e+06
  1e-4 => 0.0001
  1e-5 => 1e-05
  0.000123 => 0.000123
  -2.5 => -2.5
  .inf => .inf
  -.inf => -.inf
  .nan => .nan
  2001-01-01 => 2001-01-01
  "yes" => yes
  !!binary aG9zdE5ldHdvcms= => hostNetwork
  !!str yes => yes
  """
)

@Suite struct `YAML scalars` {
  private static let all = words + numbers + taggedAndQuoted

  @Test(arguments: all)
  func `a scalar in a block map means what it means to kubectl`(scalar: ScalarCase) throws {
    let json = try document("x: \(scalar.yaml)\n").json
    #expect(try parse(json) == parse(Array("{\"x\":\(scalar.json)}".utf8)))
  }

  @Test(arguments: words + numbers)
  func `a scalar in a flow list means the same`(scalar: ScalarCase) throws {
    let json = try document("x: [\(scalar.yaml), \(scalar.yaml)]\n").json
    #expect(try parse(json) == parse(Array("{\"x\":[\(scalar.json),\(scalar.json)]}".utf8)))
  }

  @Test(arguments: words + numbers)
  func `a quoted or block scalar is a string, whatever it says`(scalar: ScalarCase) throws {
    let expected = try parse(Array("[\"\(scalar.yaml)\",\"\(scalar.yaml)\",\"\(scalar.yaml)\"]".utf8))
    let text = "x:\n- \"\(scalar.yaml)\"\n- '\(scalar.yaml)'\n- |-\n  \(scalar.yaml)\n"
    let object = try parse(document(text).json)
    #expect(object["x"] == expected)
  }

  @Test(arguments: keyCases)
  func `a key that is no string becomes one as in kubectl`(key: ScalarCase) throws {
    let json = try document("\(key.yaml): x\n").json
    #expect(String(decoding: json, as: UTF8.self) == "{\"\(key.json)\":\"x\"}")
  }

  @Test(arguments: [
    "x: .inf", "x: -.inf", "x: .nan", "x: !!int abc", "x: !!int 1.0", "x: !!null foo", "x: !!bool 1", "x: !!float yes",
    "x: !!binary \"@@\"", "x: !!binary aGVsbG8", "~: 1", "null: 1", "? \n: 1", "18446744073709551615: 1", "? [a]\n: 1",
    "? {a: 1}\n: 1", "x: [*b]", "x: {a, a}",
  ])
  func `what kubectl refuses is an error here`(text: String) throws {
    let results = read(text + "\n")
    #expect(results.count == 1)
    #expect(throws: UnreadableInput.self) { try results[0].get() }
  }

  @Test func `an empty value is null`() throws {
    #expect(
      outcomes("a:\nb: [ ]\nc: {d: , e: }\nf:\n- \n- x\n") == [
        .json(#"{"a":null,"b":[],"c":{"d":null,"e":null},"f":[null,"x"]}"#)
      ]
    )
  }

  private static let kubectl = ["/usr/bin/kubectl", "/usr/local/bin/kubectl"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test(.enabled(if: kubectl != nil, "kubectl is not installed, so that the tables are not compared with it"))
  func `kubectl reads the same values`() throws {
    var text = "apiVersion: example.com/v1\nkind: Example\nmetadata: {name: a}\nvalues:\n"
    for (index, scalar) in Self.all.enumerated() { text += "  v\(index): \(scalar.yaml)\n" }
    text += "keys:\n"
    for (index, key) in keyCases.enumerated() { text += "  k\(index):\n    \(key.yaml): x\n" }
    text += """
      merges:
        before: {<<: {h: true}, h: false}
        after: {h: false, <<: {h: true}}
        list: {<<: [{h: 1, a: 1}, {h: 2, b: 2}]}
        twice: {<<: {h: 1}, <<: {h: 2, b: 2}}
        quoted: {"<<": {h: 1}}
        tagged: {!!merge "<<": {h: 1}}
        anchored: &z {b: {c: [1]}, d: 2}
        alias: {<<: *z, d: 3, e: *z}
        keyAlias: {&k yes: a, y: b, c: *k, *k : 2}

      """
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "hostfence-scalars-\(UUID().uuidString).yaml"
    )
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    BrokenPipes.ignore()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.kubectl))
    process.arguments = ["label", "--local", "-o", "json", "-f", file.path, "probe=yes"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let theirs = try parse([UInt8](bytes))
    let ours = try parse(document(text, .warn).json)
    for part in ["values", "keys", "merges"] {
      guard case .object(let mine) = try #require(ours[part]), case .object(let kubectls) = try #require(theirs[part])
      else {
        Issue.record("\(part) is no object")
        continue
      }
      #expect(Set(mine.keys) == Set(kubectls.keys))
      for (name, value) in kubectls { #expect(mine[name] == value, "\(part).\(name)") }
    }
  }
}
