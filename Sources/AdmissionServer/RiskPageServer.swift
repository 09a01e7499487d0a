// The risk page on the admin listener: made off the event loops, as reading a ledger takes time.

internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Threads

/// What the admin listener shows of the ledger, as of one moment.
package struct RiskPageContent: Sendable {
  fileprivate let html: ByteBuffer
  fileprivate let json: ByteBuffer
  fileprivate let contentSecurityPolicy: String

  /// Creates the content of `/risk`, of `/risk.json`, and what the page allows itself.
  package init(html: [UInt8], json: [UInt8], contentSecurityPolicy: String) {
    self.html = ByteBuffer(bytes: html)
    self.json = ByteBuffer(bytes: json)
    self.contentSecurityPolicy = contentSecurityPolicy
  }
}

/// Answers for the risk page; one is made at a time, and shown to all who ask within a moment.
final class RiskPageServer: Sendable {
  private struct Made {
    let content: RiskPageContent
    let deadline: NIODeadline
  }

  private let make: @Sendable () throws -> RiskPageContent
  private let latest = Monitor<Made?>(nil)

  /// - Parameter make: reads the ledger; called on one thread at a time.
  init(_ make: @escaping @Sendable () throws -> RiskPageContent) { self.make = make }

  /// Whether a path is answered here.
  static func answers(_ path: Substring) -> Bool { path == "/risk" || path == "/risk.json" }

  /// The answer for a path that is answered here.
  func answer(_ path: Substring, on eventLoop: any EventLoop) -> EventLoopFuture<HTTPAnswer> {
    let wantsJSON = path == "/risk.json"
    return NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { [self] in
      let content = try current()
      let headers = [
        ("Content-Security-Policy", content.contentSecurityPolicy + "; frame-ancestors 'none'"),
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-store"),
      ]
      return HTTPAnswer(
        status: .ok,
        body: wantsJSON ? content.json : content.html,
        contentType: wantsJSON ? "application/json" : "text/html; charset=utf-8",
        headers: headers
      )
    }.recover { error in
      HTTPAnswer(
        status: .serviceUnavailable,
        body: ByteBuffer(string: "the ledger cannot be read: \(error)\n"),
        contentType: "text/plain; charset=utf-8"
      )
    }
  }

  private func current() throws -> RiskPageContent {
    let result: Result<RiskPageContent, any Error> = latest.update { latest in
      if let latest, latest.deadline > .now() { return .success(latest.content) }
      return Result {
        let content = try make()
        latest = Made(content: content, deadline: .now() + .seconds(ServerLimits.riskPageSeconds))
        return content
      }
    }
    return try result.get()
  }
}
