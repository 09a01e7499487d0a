// A ledger that is kept open, and opened again when its connection is of no more use.

/// Opens a ledger when it is used, keeps it, and opens it again after a failure that a new connection may pass.
///
/// Servers, poolers, load balancers and NAT drop connections that rest, and whoever uses one next is the first to learn of
/// it. So what failed on a connection that was open already is repeated once, on a new one. What fails there is told.
package struct KeptLedger {
  private let isReader: Bool
  private let open: () throws(LedgerError) -> any RiskLedger
  private var ledger: (any RiskLedger)?

  /// Keeps a ledger that is written to; a file that was replaced meanwhile is told before a new one is made.
  ///
  /// - Parameter ledger: what `open` returned, where that was called already.
  package init(_ ledger: (any RiskLedger)? = nil, open: @escaping () throws(LedgerError) -> any RiskLedger) {
    isReader = false
    self.open = open
    self.ledger = ledger
  }

  /// Keeps a ledger for reports, which go on with whatever file is there.
  package init(reading url: LedgerURL) {
    isReader = true
    open = { () throws(LedgerError) in try url.open(.readOnly) }
  }

  /// Uses the ledger.
  ///
  /// - Parameter body: what may be done twice.
  package mutating func use<Result>(
    _ body: (any RiskLedger) throws(LedgerError) -> Result
  ) throws(LedgerError) -> Result {
    let wasOpen = ledger != nil
    do throws(LedgerError) { return try attempt(body) } catch {
      guard wasOpen, isWorthRepeating(error) else { throw error }
    }
    return try attempt(body)
  }

  private mutating func attempt<Result>(
    _ body: (any RiskLedger) throws(LedgerError) -> Result
  ) throws(LedgerError) -> Result {
    do throws(LedgerError) {
      let opened = if let ledger { ledger } else { try open() }
      ledger = opened
      return try body(opened)
    } catch {
      if error.needsReopening { ledger = nil }
      throw error
    }
  }

  private func isWorthRepeating(_ error: LedgerError) -> Bool {
    if case .replaced = error { isReader } else { error.needsReopening }
  }
}
