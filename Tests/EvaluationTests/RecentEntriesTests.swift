// What is looked at stays, and the rest is forgotten in the end.

import Testing

@testable import Evaluation

@Suite struct RecentEntriesTests {
  @Test func `no more entries are kept than allowed, and the latest half never goes`() {
    var entries = RecentEntries<Int, Int>(entriesMax: 10)
    for number in 0..<1_000 {
      entries[number] = number
      for recent in max(0, number - 4)...number { #expect(entries[recent] == recent) }
    }
    #expect((0..<1_000).count { entries[$0] != nil } <= 10)
  }

  @Test func `an entry that is looked at again and again is kept`() {
    var entries = RecentEntries<Int, Int>(entriesMax: 4)
    entries[-1] = 7
    for number in 0..<100 {
      entries[number] = number
      #expect(entries[-1] == 7)
    }
    entries[-1] = nil
    #expect(entries[-1] == nil)
  }
}
