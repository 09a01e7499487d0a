// Where something stands in an input.

/// A place in the text of an input, as editors and compilers count.
///
/// Lines end at LF, CRLF or CR. A column counts characters (Unicode scalars), so a tab is one column; a byte order mark
/// at the start of the input is not counted.
package struct SourcePosition: Hashable, Comparable, Sendable, CustomStringConvertible {
  private let lineNumber: UInt32
  private let columnNumber: UInt32

  /// Creates a position; values below 1 become 1.
  package init(line: Int, column: Int) {
    lineNumber = UInt32(clamping: max(1, line))
    columnNumber = UInt32(clamping: max(1, column))
  }

  /// The line, counted from 1.
  package var line: Int { Int(lineNumber) }

  /// The column in Unicode scalars, counted from 1.
  package var column: Int { Int(columnNumber) }

  /// The position in words.
  package var description: String { "line \(line), column \(column)" }

  /// Whether `left` stands before `right` in the text.
  package static func < (left: SourcePosition, right: SourcePosition) -> Bool {
    (left.lineNumber, left.columnNumber) < (right.lineNumber, right.columnNumber)
  }
}
