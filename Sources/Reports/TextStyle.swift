// Colours, on a terminal only.

internal import Evaluation

/// How text for people is decorated.
package struct TextStyle: Sendable {
  private let isColoured: Bool

  /// Creates a style; colours belong on terminals only, and not where NO_COLOR is set.
  package init(isColoured: Bool) { self.isColoured = isColoured }

  func place(_ text: String) -> String { paint(plain(text), "1") }
  func heading(_ text: String) -> String { paint(text, "1") }
  func pass(_ text: String) -> String { paint(text, "32") }
  func caution(_ text: String) -> String { paint(text, "33") }
  func failure(_ text: String) -> String { paint(text, "1;31") }

  func verdict(_ verdict: Verdict) -> String {
    switch verdict {
    case .deny: paint("deny", "1;31")
    case .warn: paint("warn", "33")
    case .allow: paint("allow", "32")
    }
  }

  /// Text from an input, with what a terminal would obey taken out.
  func plain(_ text: String) -> String { Wording.singleLine(text) }

  private func paint(_ text: String, _ code: String) -> String {
    isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
