// The tables of `hostfence risk` and the width of a terminal.

import Evaluation
import TestSupport
import Testing

@testable import Reports
@testable import RiskLedger

@Suite struct RiskTableTests {
  private static let long = String(repeating: "long-name-", count: 200)

  private func events(_ name: String) throws -> [RecordedRiskEvent] {
    let event = try RiskEvent.sample("1", by: name, namespace: name, name: name, decision: .deny)
    var derived = try RiskEvent.sample("2", namespace: "", name: name)
    derived.requester = name
    derived.charge("alice", rootEvent: "1")
    return [RecordedRiskEvent(event: event, counted: true), RecordedRiskEvent(event: derived, counted: false)]
  }

  private func objects(_ name: String, namespaces: Int = 3) -> [RiskObjectSummary] {
    [name, "alice"].map { user in
      RiskObjectSummary(
        riskObject: user,
        riskObjectType: "user",
        score: 1_234_567,
        counted: 25_195,
        events: 4_000_000,
        firstSeen: noon,
        lastSeen: noon.adding(seconds: 60),
        namespaces: (0..<namespaces).map { $0 == 0 ? "" : "\(name)\($0)" }
      )
    }
  }

  /// Both tables, by lines.
  private func tables(_ name: String, width: Int?, isColoured: Bool = false) throws -> [[String]] {
    let style = TextStyle(isColoured: isColoured)
    return [
      RiskEventsTextReport.render(try events(name), style: style, widthColumns: width),
      RiskObjectsReport.text(objects(name), style: style, widthColumns: width),
    ].map {
      String(decoding: $0, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test(arguments: [20, 40, 80, 81, 100, 120, 132, 200, 400])
  func `no line is wider than the terminal`(width: Int) throws {
    for name in ReplaySample.hostileTexts + [Self.long, String(repeating: "長い", count: 300)] {
      for lines in try tables(name, width: width) {
        #expect(lines.count == 4 && lines.last == "")
        #expect(lines.allSatisfy { TextWidth.columns($0) <= width }, "\(lines)")
      }
    }
  }

  @Test func `without a terminal nothing is cut, and columns stand under each other`() throws {
    for lines in try tables(Self.long, width: nil) { #expect(lines.joined().contains(Self.long)) }
    for lines in try tables("漢字", width: nil) {
      for heading in ["NAMESPACES", "COUNTED", "OBJECT"] {
        guard let place = lines[0].firstRange(of: heading)?.lowerBound else { continue }
        let columns = TextWidth.columns(String(lines[0][..<place]))
        for line in lines[1...2] {
          let before = try #require(line.indices.first { TextWidth.columns(String(line[..<$0])) == columns })
          #expect(line[..<before].last == " " && line[before] != " ")
        }
      }
    }
  }

  @Test func `what has room is not cut`() throws {
    for (whole, fitted) in zip(try tables("bob", width: nil), try tables("bob", width: 132)) {
      #expect(whole == fitted)
    }
  }

  @Test func `numbers and moments are whole or not there`() throws {
    for width in 20...200 {
      let lines = try tables(Self.long, width: width)[1]
      #expect(lines[0].contains("SCORE") == lines[1].contains(" 1,234,567"))
      #expect(lines[0].contains("EVENTS") == lines[1].contains(" 4,000,000"))
      #expect(lines[0].contains("LAST SEEN") == lines[1].contains(noon.adding(seconds: 60).second))
      #expect(lines[0].contains("ATT&CK") == lines[1].contains("T1204 T1611"))
    }
  }

  @Test func `of many namespaces some are named`() {
    let style = TextStyle(isColoured: false)
    let text = String(
      decoding: RiskObjectsReport.text(objects("n", namespaces: 1_008), style: style, widthColumns: nil),
      as: UTF8.self
    )
    #expect(text.contains("(cluster), n1, n2, n3, n4, n5, n6, n7 and 1,000 more\n"))
  }

  @Test func `verdicts are coloured and nothing else obeys an escape`() throws {
    let lines = try tables("\u{1B}[2J", width: 120, isColoured: true)[0]
    #expect(lines[1].contains("\u{1B}[1;31mdeny\u{1B}[0m"))
    #expect(!lines.joined().contains("\u{1B}[2J"))
  }

  @Test func `an incident tells when it was charged apart from what was derived, which may be later`() throws {
    var derived = try events("pod")[1]
    derived.event.time = noon.adding(seconds: 7_200)
    let incident = RiskIncident(
      id: "1@86400",
      riskObject: "alice",
      riskObjectType: "user",
      threshold: RiskThreshold(),
      period: RiskPeriod(),
      score: 147,
      since: noon,
      until: noon.adding(seconds: 3_600),
      counted: 3,
      events: 60,
      evidence: [try events("web")[0], derived]
    )
    let text = String(
      decoding: RiskIncidentsReport.text([incident], style: TextStyle(isColoured: false)),
      as: UTF8.self
    )
    #expect(
      text == """
        medium  alice  147 where 100 is the threshold  (24 Hour Risk Threshold Exceeded)
          3 charges from 2026-11-23T12:00:00Z to 2026-11-23T13:00:00Z, 60 events with what was derived
            2026-11-23T12:00:00Z  +49  deny  Deployment web/web  spec.hostNetwork
            and 59 further events (--output json lists them)

        """
    )
  }
}
