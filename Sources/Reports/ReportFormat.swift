// The formats a report can be had in, and where each goes.

/// A format of `--output` of `hostfence check` and `hostfence policy check`.
package enum ReportFormat: String, Sendable, CaseIterable {
  /// For people: one line per finding, as compilers print.
  case text
  /// For programs: one object, whose names are a contract.
  case json
}

/// One `--output FORMAT[=FILE]`, with the formats of a subcommand.
package struct ReportOutput<Format: RawRepresentable<String> & Sendable & Equatable>: Sendable, Equatable {
  package var format: Format
  /// Nil is standard output.
  package var file: String?

  /// Creates an output.
  package init(format: Format, file: String? = nil) {
    self.format = format
    self.file = file
  }

  /// Reads `FORMAT` or `FORMAT=FILE`; nil when the format is unknown or the file name empty.
  package init?(_ argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let format = Format(rawValue: String(parts[0])) else { return nil }
    if parts.count == 2, parts[1].isEmpty { return nil }
    self.init(format: format, file: parts.count == 2 ? String(parts[1]) : nil)
  }
}
