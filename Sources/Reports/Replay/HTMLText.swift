// HTML that cannot forget to escape.

internal import Evaluation

/// A piece of HTML: what is written in the source is markup, what is interpolated is text.
struct HTMLText: ExpressibleByStringInterpolation, Sendable {
  private(set) var markup: String

  init(stringLiteral markup: String) { self.markup = markup }
  init(stringInterpolation interpolation: StringInterpolation) { markup = interpolation.markup }

  static func += (left: inout HTMLText, right: HTMLText) { left.markup += right.markup }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var markup = ""

    init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(literalCapacity * 2) }
    mutating func appendLiteral(_ literal: String) { markup += literal }
    /// Text, which is escaped.
    mutating func appendInterpolation(_ text: String) { HTMLText.append(text, to: &markup) }
    /// A number as CSS and SVG write it.
    mutating func appendInterpolation(_ number: Int) { markup += String(number) }
    /// Markup made elsewhere.
    mutating func appendInterpolation(_ html: HTMLText) { markup += html.markup }
    /// Markup made elsewhere, one after another.
    mutating func appendInterpolation(_ pieces: [HTMLText]) { for piece in pieces { markup += piece.markup } }
  }

  /// Escapes text for elements and for quoted attributes; what steers terminals and readers becomes a space.
  private static func append(_ text: String, to markup: inout String) {
    for scalar in Wording.singleLine(text).unicodeScalars {
      switch scalar {
      case "&": markup += "&amp;"
      case "<": markup += "&lt;"
      case ">": markup += "&gt;"
      case "\"": markup += "&quot;"
      case "'": markup += "&#39;"
      // No characters of XML, and so none of SVG.
      case "\u{FFFE}", "\u{FFFF}": markup += "\u{FFFD}"
      default: markup.unicodeScalars.append(scalar)
      }
    }
  }
}
