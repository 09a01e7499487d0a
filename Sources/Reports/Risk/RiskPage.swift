// The risk page: one HTML file that needs nothing else.

internal import Digest

/// Puts the page together.
///
/// Names in it are whatever requesters chose: they are data in a block that no markup can end, the script puts them in as
/// text, and the policy of the page lets nothing run but its own script.
package enum RiskPage {
  /// How a page that a server shows gets its next data.
  package struct Refresh: Sendable {
    package let url: String
    package let seconds: Int

    /// Creates it.
    package init(url: String, seconds: Int) {
      self.url = url
      self.seconds = seconds
    }
  }

  /// The Content-Security-Policy (W3C, CSP Level 3) of the page.
  package static let contentSecurityPolicy =
    "default-src 'none'; style-src 'sha256-\(SHA256Digest.base64(of: RiskPageStyle.text.utf8.span))'; "
    + "script-src 'sha256-\(SHA256Digest.base64(of: RiskPageScript.text.utf8.span))'; connect-src 'self'; "
    + "base-uri 'none'; form-action 'none'"

  /// The page.
  ///
  /// - Parameter refresh: nil for a page that stays as it is.
  package static func render(_ data: RiskPageData, refresh: Refresh? = nil) -> [UInt8] {
    let attributes = refresh.map { #" data-refresh="\#($0.url)" data-refresh-seconds="\#($0.seconds)""# } ?? ""
    let head = """
      <!doctype html>
      <html lang="en"\(attributes)>
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" content="\(contentSecurityPolicy)">
      <title>Hostfence: risk</title>
      <style>\(RiskPageStyle.text)</style>
      </head>
      <body>
      \(RiskPageMarkup.text)
      <script type="application/json" id="data">
      """
    let tail = """
      </script>
      <script>\(RiskPageScript.text)</script>
      </body>
      </html>

      """
    return Array(head.utf8) + harmless(data.json) + Array(tail.utf8)
  }

  /// JSON in which nothing looks like markup.
  private static func harmless(_ json: [UInt8]) -> [UInt8] {
    json.flatMap { $0 == UInt8(ascii: "<") ? Array(#"\u003c"#.utf8) : [$0] }
  }
}
