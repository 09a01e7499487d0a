// The HTML report of a replay.

import AuditLog
import Evaluation
import Foundation
import FoundationXML
import TestSupport
import Testing

@testable import Reports

@Suite struct ReplayHTMLTests {
  private static let voidElements: Set = ["meta", "br", "hr", "img", "link", "input"]

  /// Elements that are not closed in the order in which they were opened.
  private func unbalanced(_ html: String) -> [String] {
    var open: [String] = []
    var problems: [String] = []
    for tag in html.matches(of: #/<(?<end>/?)(?<name>[a-zA-Z][a-zA-Z0-9]*)(?:\s[^<>]*?)?(?<closed>/?)>/#) {
      let name = tag.output.name.lowercased()
      if !tag.output.end.isEmpty {
        if open.popLast() != name { problems.append("</\(name)>") }
      } else if tag.output.closed.isEmpty, !Self.voidElements.contains(name) {
        open.append(name)
      }
    }
    return problems + open
  }

  private static let markup = ["<svg onload=alert(1)>", "<!--", "]]>", "\"><img src=x onerror=alert(1)>"]

  @Test(arguments: ReplaySample.hostileTexts + markup)
  func `no text of a log becomes markup`(text: String) {
    for content in ReplayContent.allCases {
      let plain = ReplaySample.of(content).hostile("x").text(.html, content)
      let hostile = ReplaySample.of(content).hostile(text).text(.html, content)
      func tags(_ html: String) -> [Substring] { html.matches(of: #/<[^\s>]*/#).map(\.output) }
      #expect(tags(hostile) == tags(plain))
      #expect(unbalanced(hostile) == [])
      for forbidden in ["<script", "<img", "onload=alert(1)>", "http-equiv=\"refresh\""] {
        #expect(!hostile.contains(forbidden))
      }
    }
  }

  @Test func `the page loads nothing and runs nothing`() {
    let page = ReplaySample.of(.findings).text(.html, .findings)
    for forbidden in ["src=", "href=", "url(", "@import", "<script", "<iframe", "javascript:"] {
      #expect(!page.contains(forbidden))
    }
    #expect(page.contains("default-src 'none'"))
  }

  @Test func `every picture is XML with a title`() throws {
    let page = ReplaySample.of(.findings).hostile("a<b>&\"'\u{FFFE}").text(.html, .findings)
    let pictures = page.matches(of: #/<svg[\s\S]*?<\/svg>/#).map { String($0.output) }
    #expect(pictures.count > 5)
    for picture in pictures {
      let parser = XMLParser(data: Data(picture.utf8))
      #expect(parser.parse(), "\(picture)")
      #expect(picture.contains("<title"))
    }
  }

  @Test func `readers that cannot see find their way`() {
    let page = ReplaySample.of(.findings).text(.html, .findings)
    #expect(page.contains("<html lang=\"en\">"))
    #expect(page.matches(of: #/<h1>/#).count == 1)
    #expect(page.matches(of: #/<table/#).count == page.matches(of: #/<caption>/#).count)
    #expect(page.contains("<desc id="))
    let identifiers = page.matches(of: #/ id="([^"]*)"/#).map(\.output.1)
    #expect(identifiers.count == Set(identifiers).count)
  }

  @Test func `a million findings make no larger page`() throws {
    var report = ReplayHTMLReport(.findings)
    let sample = ReplaySample.of(.findings)
    var finding = try #require(sample.findings.first)
    finding.userAgent = String(repeating: "x", count: 10_000)
    finding.subject.user.username = String(repeating: "<", count: 10_000)
    for _ in 0..<5_000 { #expect(report.add(finding).isEmpty) }
    let page = String(decoding: report.end(sample.summary), as: UTF8.self)
    #expect(page.utf8.count < 3_000_000)
    #expect(page.contains("The first 1,000 of 5,000; 4,000 more are in --output csv"))
    #expect(page.matches(of: #/<tr><td/#).count >= 1_000)
  }

  // MARK: - Time

  private func tally(_ hours: [String]) -> VerdictTally {
    var tally = VerdictTally()
    for hour in hours { tally.add(.deny, for: hour) }
    return tally
  }

  @Test(arguments: [
    (["2026-11-23T16"], 1, 24), (["2026-11-23T00", "2026-11-30T23"], 1, 192),
    (["2026-11-01T00", "2026-12-01T00"], 24, 31),
    (["2024-01-01T00", "2026-01-01T00"], 96, 184), (["0001-01-01T00", "9999-12-31T23"], 0, 0),
    (["1970-01-01T00", "9999-12-31T23"], 0, 0), (["1969-12-31T01", "1970-01-01T05"], 1, 29),
  ])
  func `time is cut into so many bars that they can be seen`(hours: [String], hoursPerBar: Int, bars: Int) throws {
    let timeline = try #require(Timeline(tally(hours)))
    #expect(timeline.bars.count <= Timeline.barsMax)
    #expect(timeline.bars.map(\.counts.denied).reduce(0, +) == hours.count)
    guard hoursPerBar > 0 else { return }
    #expect(timeline.hoursPerBar == hoursPerBar)
    #expect(timeline.bars.count == bars)
  }

  @Test func `findings stand in the bar of their hour`() throws {
    let timeline = try #require(Timeline(tally(["2026-11-23T16", "2026-11-23T16", "2026-11-23T18"])))
    let filled = timeline.bars.filter { $0.counts.total > 0 }
    #expect(filled.map(\.label) == ["2026-11-23 16:00", "2026-11-23 18:00"])
    #expect(filled.map(\.counts.denied) == [2, 1])
    #expect(Timeline(VerdictTally()) == nil)
    #expect(Timeline(tally(["", "nonsense"])) == nil)
  }
}
