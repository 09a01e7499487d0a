// What stands before the record on a line.

import Testing

@testable import AuditLog

@Suite struct LinePrefixTests {
  private func prefix(_ line: String) -> LinePrefix? {
    var line = line
    return line.withUTF8 { LinePrefix.of(UnsafeRawBufferPointer($0)) }
  }

  @Test(arguments: [
    (#"2026-11-23T16:43:03.042Z stdout F {"a":1}"#, #"{"a":1}"#, LinePrefix.Continuation.full),
    (#"2026-11-23T16:43:03.042+01:00 stderr P {"a":"#, #"{"a":"#, .partial),
    (#"2026-11-23T16:43:03.042Z stdout F:tag {"a":1}"#, #"{"a":1}"#, .full),
    ("2026-11-23T16:43:03.042Z stdout F ", "", .full), ("2026-11-23T16:43:03.042Z stdout P text", "text", .partial),
  ])
  func `lines of a container runtime say whether they go on`(
    line: String,
    rest: String,
    continuation: LinePrefix.Continuation
  ) {
    let prefix = prefix(line)
    #expect(prefix?.continuation == continuation)
    #expect(String(decoding: Array(line.utf8).dropFirst(prefix?.length ?? 0), as: UTF8.self) == rest)
    #expect(prefix?.isErrorStream == line.contains("stderr"))
  }

  @Test(arguments: [
    #"<13>Nov 23 16:43:03 node-1 kube-apiserver[123]: {"a":1}"#, #"master-0.example.com {"a":1}"#,
    #"<165>1 2026-11-23T16:43:03.042Z node app 1 ID47 - {"a":1}"#, #"2026-11-23T16:43:03.042Z {"a":1}"#,
    "\u{0}\u{0}\u{0}{\"a\":1}", "\u{FEFF}{\"a\":1}", "  {\"a\":1}", "Nov 23 16:43:03 node app: { \"a\":1}",
  ])
  func `words and filling before a record are known`(line: String) {
    let prefix = prefix(line)
    let rest = Array(line.utf8).dropFirst(prefix?.length ?? 0)
    #expect(rest.first == UInt8(ascii: "{"))
    #expect(prefix?.continuation == nil)
  }

  @Test(arguments: [#"{"a":1}"#, #"[{"a":1}]"#, "", "text", #"a":{"b":1}"#, #"text"x {"a":1}"#, "{", "a {", "\u{0}"])
  func `a line without a known prefix has none`(line: String) {
    #expect(prefix(line) == nil)
  }
}
