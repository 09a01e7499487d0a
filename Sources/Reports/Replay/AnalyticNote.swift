// What the rows of the Splunk search do not say by themselves.

package import AuditLog

/// Notes on the rows of the Splunk search.
package enum AnalyticNote {
  /// Why rows are missing, in a few sentences; nil when none are.
  ///
  /// - Parameters:
  ///   - absentFields: by-fields that no match has.
  ///   - omissions: what was too large to keep.
  package static func text(absentFields: [String], omissions: AnalyticOmissions) -> String? {
    var sentences: [String] = []
    if !absentFields.isEmpty {
      let isOne = absentFields.count == 1
      sentences.append(
        """
        The search matches events, but none of them has the \(isOne ? "field" : "fields") \
        \(absentFields.joined(separator: ", ")). fillnull fills a field in only where some match has it, and stats drops \
        every event that lacks a field it groups by: Splunk shows no rows, and so there are none here. Leave out \
        --semantics splunk to see what was written.
        """
      )
    }
    let parts = [
      (omissions.events, "event", "events"),
      (omissions.combinations, "combination of fields", "combinations of fields"),
      (omissions.values, "value of a field", "values of a field"),
    ]
    let leftOut = parts.filter { $0.0 > 0 }.map { NumberText.counted($0.0, $0.1, $0.2) }
    if !leftOut.isEmpty {
      sentences.append("Too large to keep, and missing from the rows: \(leftOut.joined(separator: ", ")).")
    }
    return sentences.isEmpty ? nil : sentences.joined(separator: " ")
  }
}
