// What people are told fits where it is shown.

import Evaluation
import TestSupport
import Testing

@Suite struct WordingTests {
  @Test func `a denial says what, where, why and how to fix it`() throws {
    let judgement = try Judgement.of(
      try Fixtures.bytes("admission-reviews/017-create-pods-sniffer.json"),
      policy: Policy(mode: .deny)
    )
    for part in [
      "Pod payments/sniffer", "spec.hostNetwork is true", "tcpdump docker.io/nicolaka/netshoot:v0.13",
      "NET_ADMIN, NET_RAW", "escapes NetworkPolicy", "remove hostNetwork",
    ] {
      #expect(judgement.denial.contains(part), "\(part) is missing in: \(judgement.denial)")
    }
  }

  @Test func `warnings are single lines within the API server's limits, whatever the names`() throws {
    for seed in 0..<200 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let name = String(
        (0..<Int.random(in: 0...300, using: &generator)).map { _ in
          "aé\u{1F600}".randomElement(using: &generator) ?? "a"
        }
      )
      let key = #"k\n\u0007\u202e"# + String(repeating: "y", count: Int.random(in: 0...200, using: &generator))
      let places = (0..<Int.random(in: 1...30, using: &generator)).map { "\"\(key)\($0)\":{\"hostNetwork\":true}" }
      var review = TestReview("{\(places.joined(separator: ","))}", kind: "K", apiVersion: "e.com/v1")
      review.name = name
      let judgement = try review.judged()
      #expect(!judgement.warnings.isEmpty)
      #expect(judgement.warnings.count <= EvaluationLimits.warningsMax)
      for warning in judgement.warnings {
        #expect(warning.unicodeScalars.count <= EvaluationLimits.warningCharactersMax, "seed \(seed)")
        #expect(
          !warning.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F || $0 == "\u{202E}" },
          "seed \(seed)"
        )
      }
    }
  }

  @Test func `a reason is bounded however many containers there are`() throws {
    let containers = (0..<500).map { #"{"name":"container-\#($0)","image":"\#(String(repeating: "i", count: 500))"}"# }
    let review = TestReview(#"{"spec":{"hostNetwork":true,"containers":[\#(containers.joined(separator: ","))]}}"#)
    let denial = try review.judged().denial
    #expect(denial.utf8.count <= EvaluationLimits.reasonBytesMax)
    #expect(denial.hasSuffix("…"))
  }

  @Test func `a request about to be denied is not also warned for the same place`() throws {
    #expect(try TestReview(pod()).judged().warnings.isEmpty)
  }
}
