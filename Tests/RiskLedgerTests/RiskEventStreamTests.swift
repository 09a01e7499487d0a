// Events on standard output: whole lines, slow readers, no readers.

import Evaluation
import Foundation
import Glibc
import JSONDocument
import RiskLedger
import TestSupport
import Testing

/// A pipe that closes with the test.
private final class TestPipe: Sendable {
  let readEnd: Int32
  let writeEnd: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
    (readEnd, writeEnd) = (ends[0], ends[1])
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  /// Leaves the pipe without a reader; the descriptor goes on to stand for something else.
  func abandon() {
    let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
    dup2(nothing, readEnd)
    close(nothing)
  }

  /// What is in the pipe now.
  func drain() -> String {
    var bytes: [UInt8] = []
    var request = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while poll(&request, 1, 200) > 0 {
      let count = read(readEnd, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

private func ids(_ text: String) throws -> [String] {
  let parser = JSONParser()
  return try text.split(separator: "\n").map { line in
    try parser.withDocument(Array(line.utf8)) { $0.string("id") ?? "?" }
  }
}

private func recorded(_ range: Range<Int>, padding: Int = 0) throws -> [RecordedRiskEvent] {
  try range.map { index in
    var event = try RiskEvent.sample("\(index)")
    event.riskMessage = String(repeating: "m", count: padding)
    return RecordedRiskEvent(event: event, counted: true)
  }
}

@Suite struct RiskEventStreamTests {
  @Test func `every event is one line, in order`() throws {
    let pipe = try TestPipe()
    let reports = Outcomes<String>()
    let stream = RiskEventStream(descriptor: pipe.writeEnd) { reports.append($0) }
    stream.write(try recorded(0..<10))
    stream.write([])
    stream.write(try recorded(10..<20))
    stream.close()
    #expect(try ids(pipe.drain()) == (0..<20).map { "\($0)" })
    #expect(reports.all.isEmpty)
    #expect(stream.droppedEventCount == 0)
  }

  @Test func `lines longer than the pipe arrive whole`() throws {
    let pipe = try TestPipe()
    let stream = RiskEventStream(descriptor: pipe.writeEnd) { _ in }
    stream.write(try recorded(0..<3, padding: 200_000))
    let text = Outcomes<String>()
    Thread.detachNewThread { text.append(pipe.drain()) }
    stream.close(flushMilliseconds: 20_000)
    #expect(try ids(text.waiting(for: 1)[0]) == ["0", "1", "2"])
  }

  @Test func `a blocked reader delays nobody, is told of once, and gets what had room`() throws {
    let pipe = try TestPipe()
    let reports = Outcomes<String>()
    let stream = RiskEventStream(descriptor: pipe.writeEnd, queuedBytesMax: 250_000) { reports.append($0) }
    let events = try recorded(0..<100, padding: 1_000)
    let duration = ContinuousClock().measure { for _ in 0..<50 { stream.write(events) } }
    #expect(duration < .seconds(5), "writing does not wait for the reader, who never comes")
    #expect(stream.droppedEventCount > 0)
    #expect(reports.waiting(for: 1).count == 1)
    for _ in 0..<50 { stream.write(events) }
    Thread.sleep(forTimeInterval: 0.5)
    #expect(reports.all.count == 1, "one sentence per burst")
    #expect(reports.all[0].contains("standard output"))

    // The reader wakes up: whole lines, and all that were not left out.
    let text = pipe.drain()
    #expect(try ids(text).count == 10_000 - stream.droppedEventCount)
  }

  @Test func `a second burst is told of again`() throws {
    let pipe = try TestPipe()
    let reports = Outcomes<String>()
    let stream = RiskEventStream(descriptor: pipe.writeEnd, queuedBytesMax: 250_000) { reports.append($0) }
    // What the queue holds does not fit into the pipe, so the stream is blocked until the pipe is drained.
    let events = try recorded(0..<500, padding: 20_000)
    for _ in 0..<10 { stream.write(events) }
    #expect(reports.waiting(for: 1).count == 1)
    // A burst is over once the stream has seen its queue empty, which is some moment after the last line was read.
    for _ in 0..<100 where reports.all.count == 1 {
      while !pipe.drain().isEmpty {}
      stream.write(events)
      Thread.sleep(forTimeInterval: 0.05)
    }
    #expect(reports.all.count == 2)
  }

  @Test func `closing gives up on a blocked reader when its time is up`() throws {
    let pipe = try TestPipe()
    let reports = Outcomes<String>()
    let stream = RiskEventStream(descriptor: pipe.writeEnd) { reports.append($0) }
    stream.write(try recorded(0..<500, padding: 1_000))
    let duration = ContinuousClock().measure { stream.close(flushMilliseconds: 300) }
    #expect(duration >= .milliseconds(300) && duration < .seconds(10))
    #expect(reports.all.count == 1)
    let written = pipe.drain().split(separator: "\n", omittingEmptySubsequences: false).count - 1
    #expect(written + stream.droppedEventCount == 500)
  }

  @Test func `a reader that went away is told of once and ends no process`() throws {
    let pipe = try TestPipe()
    let reports = Outcomes<String>()
    pipe.abandon()
    let stream = RiskEventStream(descriptor: pipe.writeEnd) { reports.append($0) }
    for index in 0..<10 { stream.write(try recorded(index..<index + 1)) }
    #expect(reports.waiting(for: 1).count == 1)
    waitUntil { stream.droppedEventCount == 10 }
    #expect(stream.droppedEventCount == 10)
    stream.write(try recorded(0..<1))
    stream.close()
    #expect(reports.all.count == 1)
    #expect(reports.all[0].contains("nobody reads standard output"))
  }

  @Test func `a full disk behind standard output is told of once and loses no later line`() throws {
    let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
    defer { close(full) }
    let reports = Outcomes<String>()
    let stream = RiskEventStream(descriptor: full) { reports.append($0) }
    stream.write(try recorded(0..<10))
    stream.close()
    #expect(reports.all.count == 1)
    #expect(reports.all[0].contains("No space left on device"))
    #expect(stream.droppedEventCount == 10)
  }

  @Test func `after closing nothing is written`() throws {
    let pipe = try TestPipe()
    let stream = RiskEventStream(descriptor: pipe.writeEnd) { _ in }
    stream.close()
    stream.write(try recorded(0..<2))
    stream.close()
    #expect(stream.droppedEventCount == 2)
    #expect(pipe.drain().isEmpty)
  }
}
