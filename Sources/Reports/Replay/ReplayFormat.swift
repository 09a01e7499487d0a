// The formats of `hostfence replay --output`.

package import AuditLog

/// A format of a replay's output.
package enum ReplayFormat: String, Sendable, CaseIterable {
  /// For people: one line each, cut to the terminal.
  case table
  /// For spreadsheets and databases.
  case csv
  /// For programs: one object with a summary, whose names are a contract.
  case json
  /// For pipelines: one object a line, without a summary.
  case jsonl
  /// For people who were not there: one page with charts.
  case html
}

extension ReportOutput where Format == ReplayFormat {
  /// Begins a report.
  ///
  /// - Parameters:
  ///   - style: colours of the table.
  ///   - widthColumns: the terminal's width; nil where there is no terminal, and nothing of the table is cut.
  package func report(_ settings: ReplaySettings, style: TextStyle, widthColumns: Int?) -> any ReplayReport {
    let content: ReplayContent = settings.compares ? .compared : (settings.semantics == .splunk ? .rows : .findings)
    return switch format {
    case .table: ReplayTableReport(content, style: style, widthColumns: widthColumns)
    case .csv: ReplayCSVReport(content)
    case .json: ReplayJSONReport(content)
    case .jsonl: ReplayJSONLinesReport()
    case .html: ReplayHTMLReport(content)
    }
  }
}
