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

  /// A ledger belongs to one thread at a time.
  private let ledger: Monitor<PageLedger>

  private struct PageLedger: @unchecked Sendable {
    var kept: KeptLedger
  }

  init(_ url: LedgerURL) { ledger = Monitor(PageLedger(kept: KeptLedger(reading: url))) }

  /// Reads the page as it is now.
  ///
  /// - Throws: `LedgerError`.
  func read() throws -> RiskPageContent {
    let now = SystemClock.now()
    let result: Result<RiskPageData, LedgerError> = ledger.update { ledger in
      do throws(LedgerError) {
        return .success(
          try ledger.kept.use { opened throws(LedgerError) in
            try RiskPageData(
              opened,
              period: RiskPeriod(since: now.adding(seconds: -Self.periodSeconds)),
              threshold: RiskThreshold(),
              at: now
            )
          }
        )
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
