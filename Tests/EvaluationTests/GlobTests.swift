// The patterns of a policy: their meaning, against a definition that is slow and obvious.

import TestSupport
import Testing

@testable import Evaluation

@Suite struct GlobTests {
  /// What a pattern means, as the definition reads.
  private func means(_ pattern: Substring.UnicodeScalarView, _ text: Substring.UnicodeScalarView) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    switch first {
    case "*": return means(pattern.dropFirst(), text) || (!text.isEmpty && means(pattern, text.dropFirst()))
    case "?": return !text.isEmpty && means(pattern.dropFirst(), text.dropFirst())
    default: return text.first == first && means(pattern.dropFirst(), text.dropFirst())
    }
  }

  private func random(_ letters: [String], upTo count: Int, _ generator: inout SeededGenerator) -> String {
    (0..<Int.random(in: 0...count, using: &generator)).map { _ in letters.randomElement(using: &generator) ?? "" }
      .joined()
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `a pattern matches what its definition says`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<2_000 {
      let pattern = random(["a", "b", "é", "*", "?", ":"], upTo: 7, &generator)
      let text = random(["a", "b", "é", ":", "\u{301}"], upTo: 8, &generator)
      #expect(
        Glob(pattern).matches(text) == means(pattern[...].unicodeScalars, text[...].unicodeScalars),
        "\(pattern) \(text)"
      )
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `a pattern that covers another matches all that the other matches`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var covered = 0
    for _ in 0..<2_000 {
      let wide = Glob(random(["a", "b", "*", "?", "*"], upTo: 4, &generator))
      let narrow = Glob(random(["a", "b", "*", "?"], upTo: 5, &generator))
      guard wide.covers(narrow) else { continue }
      covered += 1
      for _ in 0..<20 {
        let text = random(["a", "b"], upTo: 6, &generator)
        if narrow.matches(text) { #expect(wide.matches(text), "\(wide.text) \(narrow.text) \(text)") }
      }
    }
    #expect(covered > 100)
  }

  @Test(arguments: [
    ("payments-*", "payments-eu", true), ("payments-*", "payments", false), ("*", "", true), ("?", "", false),
    ("a?c", "abc", true), ("a?c", "ac", false), ("?", "é", true), ("Pod", "pod", false), ("a.c", "abc", false),
    ("[ab]", "a", false), ("[ab]", "[ab]", true), ("*:deployer", "system:serviceaccount:ci:deployer", true),
    ("a*b*c", "aXbYbZc", true), ("**", "x", true), ("", "", true), ("", "x", false),
  ])
  func `wildcards are * and ? and nothing else`(pattern: String, text: String, isMatch: Bool) {
    #expect(Glob(pattern).matches(text) == isMatch)
  }

  @Test(.timeLimit(.minutes(1))) func `a pattern made to be slow is not`() {
    let pattern = Glob(String(repeating: "a*", count: 400) + "b")
    let text = String(repeating: "a", count: 40_000)
    #expect(!pattern.matches(text))
  }

  @Test(arguments: [("*", true), ("?*", true), ("**?", true), ("?", false), ("??", false), ("", false), ("a*", false)])
  func `a pattern of wildcards says nothing when it has no end`(pattern: String, isOnly: Bool) {
    #expect(Glob(pattern).isOnlyWildcards == isOnly)
  }
}
