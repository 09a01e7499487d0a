// What `serve` shows at `/risk`.

internal import AdmissionServer
internal import Evaluation
internal import Reports
internal import RiskLedger
internal import Threads

/// Reads the ledger for the risk page, over a connection of its own that is kept.
final class ServedRiskPage: Sendable {
  /// The period that the page is about, and how often it looks for news.
  private static let (periodSeconds, refreshSeconds) = (Int64(7 * 86_400), 10)

  private let url: LedgerURL
  /// A ledger belongs to one thread at a time.
  private let ledger = Monitor<KeptLedger>(KeptLedger())

  private struct KeptLedger: @unchecked Sendable {
    var ledger: (any RiskLedger)?
  }

  init(_ url: LedgerURL) { self.url = url }

  /// Reads the page as it is now.
  ///
  /// - Throws: `LedgerError`.
  func read() throws -> RiskPageContent {
    let now = SystemClock.now()
    let result: Result<RiskPageData, LedgerError> = ledger.update { [url] kept in
      do throws(LedgerError) {
        let opened = if let ledger = kept.ledger { ledger } else { try url.open(.readOnly) }
        // Kept again once it has done its work: one that failed may be of no more use.
        kept.ledger = nil
        let data = try RiskPageData(
          opened,
          period: RiskPeriod(since: now.adding(seconds: -Self.periodSeconds)),
          threshold: RiskThreshold(),
          at: now
        )
        kept.ledger = opened
        return .success(data)
      } catch {
        return .failure(error)
      }
    }
    let data = try result.get()
    return RiskPageContent(
      html: RiskPage.render(data, refresh: RiskPage.Refresh(url: "/risk.json", seconds: Self.refreshSeconds)),
      json: data.json,
      contentSecurityPolicy: RiskPage.contentSecurityPolicy
    )
  }
}
