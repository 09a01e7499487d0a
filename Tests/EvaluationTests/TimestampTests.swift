// Times as Kubernetes writes them.

import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct TimestampTests {
  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2026-11-23T16:43:03Z", 1_795_452_183_000_000),
      ("2000-02-29T23:59:59.999999Z", 951_868_799_999_999), ("1969-12-31T23:59:59.5Z", -500_000),
      ("2026-11-23T18:43:03.123456789+02:00", 1_795_452_183_123_456),
      ("2026-11-23T11:13:03.1-05:30", 1_795_452_183_100_000),
    ] as [(String, Int64)]
  )
  func `RFC 3339 is read`(text: String, microseconds: Int64) throws {
    #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
  }

  @Test(arguments: [
    "", "2026-11-23", "2026-11-23T16:43:03", "2026-13-01T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T16:43:03.Z",
    "2026-11-23T16:43:03Zx", "x026-11-23T16:43:03Z", "2026-11-23T16:43:03+2:00",
  ])
  func `what is not RFC 3339 is refused`(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test func `every time survives writing and reading and agrees with Foundation`() throws {
    var generator = SeededGenerator(seed: 5)
    let formatter = ISO8601DateFormatter()
    for _ in 0..<2_000 {
      let time = Timestamp(microseconds: .random(in: -2_000_000_000_000_000...9_000_000_000_000_000, using: &generator))
      #expect(Timestamp(rfc3339: time.description) == time)
      let seconds = (Double(time.microseconds) / 1_000_000).rounded(.down)
      #expect(time.description.prefix(19) == formatter.string(from: Date(timeIntervalSince1970: seconds)).prefix(19))
    }
  }

  @Test(arguments: [(0, 0), (1, 0), (59, 0), (60, 60), (-1, -60), (-60, -60), (-61, -120)] as [(Int64, Int64)])
  func `a moment is rounded down also before the epoch`(moment: Int64, expected: Int64) {
    #expect(Timestamp(microseconds: moment).rounded(downTo: 60).microseconds == expected)
  }
}
