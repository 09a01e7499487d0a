// The formats a report can be had in, and where each goes.

/// A format of `--output`.
package enum ReportFormat: String, Sendable, CaseIterable {
  /// For people: one line per finding, as compilers print.
  case text
  /// For programs: one object, whose names are a contract.
  case json
}

/// One `--output FORMAT[=FILE]`.
package struct ReportOutput: Sendable, Equatable {
  package var format: ReportFormat
  /// Nil is standard output.
  package var file: String?

  /// Creates an output.
  package init(format: ReportFormat, file: String? = nil) {
    self.format = format
    self.file = file
  }

  /// Reads `FORMAT` or `FORMAT=FILE`; nil when the format is unknown or the file name empty.
  package init?(_ argument: String) {
    guard let (format, file) = OutputArgument.parse(argument, as: ReportFormat.self) else { return nil }
    self.init(format: format, file: file)
  }
}

/// Takes `FORMAT[=FILE]` apart.
enum OutputArgument {
  /// The format and the file; nil when the format is unknown or the file name empty.
  static func parse<Format: RawRepresentable<String>>(
    _ argument: String,
    as format: Format.Type
  ) -> (format: Format, file: String?)? {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let format = Format(rawValue: String(parts[0])) else { return nil }
    if parts.count == 2, parts[1].isEmpty { return nil }
    return (format, parts.count == 2 ? String(parts[1]) : nil)
  }
}
