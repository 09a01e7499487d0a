// Takes the lines of `hostfence risk export` into a ledger.

internal import Evaluation
internal import JSONDocument

/// Why an import stops.
package enum RiskImportError: Error, Sendable, Equatable {
  /// The line, counted from 1, is no exported risk event.
  case unreadable(line: Int, reason: String)
  case ledger(LedgerError)
}

extension RiskImportError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let line, let reason): "line \(line) \(reason)"
    case .ledger(let error): error.description
    }
  }
}

/// Reads exported events piece by piece, and records them in their order.
///
/// Who is charged, and whether an event counts, is found out anew by the same rules; as they come in the order in which
/// they were recorded, an empty ledger comes to the same. Where the ledger finds no root, that of the export stands: the
/// request may be older than what was exported. Events that are there already change nothing, so an import that was broken
/// off is simply run again.
package struct RiskEventImport {
  private let ledger: any RiskLedger
  private let parser = JSONParser(bytesMax: LedgerLimits.importedLineBytesMax)
  private var rest: [UInt8] = []
  private var line = 0
  private var batch: [RiskEvent] = []
  private var size = LedgerBatchSize()
  /// Events that the ledger has now, whether it had them before or not.
  package private(set) var count = 0

  /// Will record into a ledger.
  package init(into ledger: any RiskLedger) { self.ledger = ledger }

  /// Takes the next bytes.
  ///
  /// - Throws: `RiskImportError`; events of lines before are recorded up to the last whole batch.
  package mutating func add(_ bytes: ArraySlice<UInt8>) throws(RiskImportError) {
    var bytes = bytes
    while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
      rest += bytes[..<end]
      bytes = bytes[(end + 1)...]
      try endLine()
    }
    rest += bytes
    guard rest.count <= LedgerLimits.importedLineBytesMax else {
      throw .unreadable(line: line + 1, reason: "is longer than any event that was exported")
    }
  }

  /// Ends the input, and records what is left.
  ///
  /// - Throws: `RiskImportError`.
  package mutating func finish() throws(RiskImportError) {
    if !rest.isEmpty { try endLine() }
    try record()
  }

  private mutating func endLine() throws(RiskImportError) {
    line += 1
    defer { rest.removeAll(keepingCapacity: true) }
    guard rest.contains(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") }) else { return }
    let parsed: RiskEvent?
    do {
      parsed = try parser.withDocument(rest) { RiskEvent(json: $0) }
    } catch {
      throw .unreadable(line: line, reason: "is no JSON: \(error)")
    }
    guard var event = parsed else {
      throw .unreadable(line: line, reason: "is no risk event; hostfence risk export writes them")
    }
    // Without an owner there is no root but the event itself.
    let isKnown = event.rootActor == .known
    event.charge(isKnown ? event.riskObject : event.requester, rootEvent: isKnown ? event.rootEvent : nil)
    batch.append(event)
    if batch.count >= size.events { try record() }
  }

  private mutating func record() throws(RiskImportError) {
    guard !batch.isEmpty else { return }
    do throws(LedgerError) {
      count += try size.measuring { [ledger, batch] () throws(LedgerError) in try ledger.append(batch).count }
    } catch { throw .ledger(error) }
    batch.removeAll(keepingCapacity: true)
  }
}
