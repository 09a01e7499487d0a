// Records that container runtimes split.

import TestSupport
import Testing

@testable import AuditLog

@Suite struct SplitRecordTests {
  private let events = LogText.events(3)
  private let all = LogText.ids(0..<3)

  private func pieces(_ text: String, _ size: Int) -> [String] {
    var rest = Array(text.utf8)[...]
    var pieces: [String] = []
    while !rest.isEmpty {
      pieces.append(String(decoding: rest.prefix(size), as: UTF8.self))
      rest = rest.dropFirst(size)
    }
    return pieces
  }

  private func runtimeLines(_ pieces: [String]) -> [String] {
    pieces.enumerated().map { LogText.runtime($1, $0 == pieces.count - 1 ? "F" : "P") }
  }

  @Test func `a record may be split anywhere`() {
    let text = Array(events[1].utf8)
    for cut in 1..<text.count {
      let halves = [String(decoding: text[..<cut], as: UTF8.self), String(decoding: text[cut...], as: UTF8.self)]
      let lines = [LogText.runtime(events[0], "F")] + runtimeLines(halves)
      let runtime = AssembledLog(lines.joined(separator: "\n") + "\n")
      #expect(runtime.events == LogText.ids(0..<2), "cut at \(cut)")
      let docker = AssembledLog(
        [events[0] + "\n", halves[0], halves[1] + "\n"].map { LogText.docker($0) }.joined(separator: "\n") + "\n"
      )
      #expect(docker.events == LogText.ids(0..<2), "cut at \(cut)")
      #expect(runtime.damage == [] && docker.damage == [] && runtime.damageAtEnd == [] && docker.damageAtEnd == [])
      #expect(runtime.others == 0 && docker.others == 0)
    }
  }

  @Test(arguments: [1, 2, 7, 100, 16_384])
  func `pieces of any size are joined while the other stream is written to`(size: Int) {
    var runtime: [String] = []
    var docker: [String] = []
    let large = (0..<3).map { LogText.event($0, padding: size > 1_000 ? 70_000 : 0) }
    for event in large {
      let pieces = pieces(event, size)
      for line in runtimeLines(pieces) {
        runtime += [line, LogText.runtime("I1123 16:43:03.042000 klog", "F", stream: "stderr")]
      }
      for (place, piece) in pieces.enumerated() {
        docker.append(LogText.docker(place == pieces.count - 1 ? piece + "\n" : piece))
        docker.append(LogText.docker("I1123 16:43:03.042000 klog\n", stream: "stderr"))
      }
    }
    // A piece that is JSON by itself is a record: Docker's are of 16 KiB, so none but these is.
    for lines in size == 2 ? [runtime] : [runtime, docker] {
      let log = AssembledLog(lines.joined(separator: "\n") + "\n")
      #expect(log.events == all)
      #expect(log.eventLines.first == 1)
      #expect(log.others == lines.count / 2)
      #expect(log.damage == [] && log.damageAtEnd == [])
    }
  }

  @Test func `whole lines between pieces do not end them`() {
    let halves = pieces(events[0], 300)
    let lines = runtimeLines(halves)
    let text = [lines[0], LogText.runtime(events[1], "F", stream: "stderr")] + lines.dropFirst() + [events[2]]
    #expect(AssembledLog(text.joined(separator: "\n")).events == ["event-1", "event-0", "event-2"])
  }

  @Test func `a record whose last piece is missing costs itself only`() {
    let lost = pieces(events[0], 300).dropLast()
    let runtime = lost.map { LogText.runtime($0, "P") } + runtimeLines(pieces(events[1], 300))
    let docker = lost.map { LogText.docker($0) } + pieces(events[1] + "\n", 300).map { LogText.docker($0) }
    for lines in [runtime, docker] {
      let log = AssembledLog((lines + [events[2]]).joined(separator: "\n") + "\n")
      #expect(log.events == ["event-1", "event-2"])
      #expect(log.damage == [.init(line: 1, reason: .cutOff)])
      #expect(log.damageAtEnd == [])
    }
  }

  @Test func `a record that is longer than the limit is named once, whatever its pieces are`() {
    let event = LogText.event(0, padding: 5_000)
    let runtime = runtimeLines(pieces(event, 300)) + [LogText.runtime(events[1], "F")]
    let docker = (pieces(event + "\n", 300) + [events[1] + "\n"]).map { LogText.docker($0) }
    for lines in [runtime, docker] {
      let log = AssembledLog(lines.joined(separator: "\n") + "\n", recordBytesMax: 4_000)
      #expect(log.events == ["event-1"])
      #expect(log.damage == [.init(line: 1, reason: .tooLong(limitBytes: 4_000))])
    }
  }

  @Test func `pieces that are pending when the log ends are one cut record`() {
    for lines in [
      [LogText.runtime("{\"kind\":", "P")], [LogText.docker("{\"kind\":")],
      [LogText.docker("{\"kind\":"), String(LogText.docker("\"Event\"").prefix(15))],
    ] {
      let log = AssembledLog(([events[0]] + lines).joined(separator: "\n"))
      #expect(log.damageAtEnd == [.init(line: 2, reason: .cutOff)], "\(lines)")
      #expect(log.damage == [])
    }
  }
}
