// Texts of any length in columns that are looked up.

import Evaluation
import RiskLedger
import TestSupport
import Testing

@Suite struct LongTextTests {
  /// Texts that do not compress, so that an index has to hold all of them; PostgreSQL's spelling doubles the second.
  private static let long = [
    numbers, escaped, String(repeating: "\\", count: 512), String(repeating: "\u{0}", count: 257),
  ]

  private static let numbers: String = (0..<600).map { (number: Int) in "\(number * 7_919 % 100_003)." }.joined()

  private static let escaped: String = (0..<500).map { (number: Int) in
    ["\u{0}", "\\", "x", "\\\\"][number * 7 % 11 % 4]
  }
  .joined()

  @Test(arguments: LedgerStore.all, long)
  func `every text of an event may be long, and is found again`(store: LedgerStore, text: String) throws {
    let (url, directory) = try store.makeURL()
    let ledger = try url.open(.readWrite)
    var event = try RiskEvent.sample(text, by: text, uid: text, namespace: text, name: text, pointer: text)
    event.riskObjectType = text
    event.requestUID = text
    event.owner = OwnerReference(apiVersion: text, kind: text, name: text, uid: text)
    let recorded = try ledger.append([event, try .sample("2")])
    #expect(recorded[0].event == event)
    #expect(try ledger.append([event]) == [recorded[0]])
    for period in [RiskPeriod(namespace: text), RiskPeriod(riskObject: text)] {
      #expect(try ledger.events(matching: RiskEventQuery(period)).map(\.event) == [event])
    }
    #expect(try ledger.overview(of: RiskPeriod(namespace: text), bucketsMax: 9).decisions.total == 1)
    withExtendedLifetime(directory) {}
  }
}
