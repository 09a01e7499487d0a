// The table of a replay and the width of a terminal.

import AuditLog
import Evaluation
import TestSupport
import Testing

@testable import Reports

@Suite struct ReplayTableTests {
  @Test(arguments: [20, 40, 80, 81, 100, 120, 132, 200, 400], ReplayContent.allCases)
  func `no line is wider than the terminal`(width: Int, content: ReplayContent) {
    for text in ReplaySample.hostileTexts + [String(repeating: "長い", count: 300)] {
      let sample = ReplaySample.of(content).hostile(text)
      let lines = sample.text(.table, content, width: width)
        .split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      #expect(lines.count == sample.count + 1)
      #expect(lines.allSatisfy { TextWidth.columns(String($0)) <= width })
    }
  }

  @Test func `columns stand under each other whatever is in them`() throws {
    let lines = ReplaySample.of(.findings).hostile("漢字").text(.table, .findings, width: 120).split(separator: "\n")
    let heading = try #require(lines.first)
    let start = try #require(heading.firstRange(of: "OUTCOME")?.lowerBound)
    let columns = heading.distance(from: heading.startIndex, to: start)
    for line in lines.dropFirst() {
      let outcome = try #require(line.firstRange(of: #/written|rejected|dry-run/#)?.lowerBound)
      #expect(TextWidth.columns(String(line[..<outcome])) == columns)
    }
  }

  @Test func `without a terminal nothing is cut`() {
    let long = String(repeating: "x", count: 5_000)
    let text = ReplaySample.of(.findings).hostile(long).text(.table, .findings)
    #expect(text.contains(long))
    #expect(!text.contains("…"))
  }

  @Test(arguments: [60, 80, 120, 200])
  func `rows of the Splunk search always have their count`(width: Int) throws {
    let lines = ReplaySample.of(.rows).text(.table, .rows, width: width).split(separator: "\n")
    #expect(lines[0].contains("count"))
    #expect(ReplaySample.of(.rows).text(.table, .rows).contains("last-applied-configuration"))
  }

  @Test func `a wider terminal shows no column less`() {
    for content in ReplayContent.allCases {
      var before: Set<Int> = []
      for width in 1...400 {
        let layout = TableLayout(content.shapes, width: width)
        let used = layout.columns.reduce(-TableLayout.gap) { $0 + $1.width + TableLayout.gap }
        #expect(used <= width)
        let shown = Set(layout.columns.map(\.place))
        #expect(shown.isSuperset(of: before), "\(content) at \(width)")
        before = shown
      }
      #expect(before.count == content.shapes.count)
    }
  }

  @Test func `a service account is told by its end`() {
    #expect(ReplaySample.of(.findings).text(.table, .findings, width: 80).contains("  …kube-sys"))
    #expect(ReplaySample.of(.findings).text(.table, .findings, width: 400).contains("system:serviceaccount:kube-"))
  }

  @Test func `verdicts are coloured and nothing else obeys an escape`() {
    let text = ReplaySample.of(.findings).hostile("\u{1B}[2J").text(.table, .findings, width: 120, isColoured: true)
    #expect(text.contains("\u{1B}[1;31mdeny\u{1B}[0m"))
    #expect(!text.contains("\u{1B}[2J"))
  }

  @Test(arguments: [
    ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("漢字", 4, "漢字"), ("漢字x", 4, "漢…"), ("漢字", 3, "漢…"), ("漢", 1, "…"),
    ("x", 0, ""), ("", 3, ""), ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"), ("👩‍👩‍👧ab", 3, "👩‍👩‍👧…"), ("abc", 1, "…"),
  ])
  func `text is cut by what it takes on the screen`(text: String, width: Int, fitted: String) {
    #expect(TextWidth.fitted(text, to: width) == fitted)
  }

  @Test func `a character with a million accents is cut as well`() {
    let text = "a" + String(repeating: "\u{301}", count: 1_000_000)
    #expect(TextWidth.fitted(text, to: 10).utf8.count < 1_000)
  }
}
