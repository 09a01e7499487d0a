// `hostfence check --output text`: for people, and for editors that jump to `file:line:column`.

internal import Evaluation
package import Manifests

/// The result of a check in lines.
package enum CheckTextReport {
  /// One line per finding and problem.
  package static func render(_ result: CheckResult, style: TextStyle) -> [UInt8] {
    var text = ""
    for finding in result.findings {
      let place = "\(finding.file):\(finding.position.line):\(finding.position.column)"
      text += "\(style.place(place)): \(style.verdict(finding.judged.verdict)): \(style.plain(finding.message))\n"
    }
    for warning in result.warnings { text += ProblemLine.text(warning, style.caution("note"), style) }
    for problem in result.unreadable { text += ProblemLine.text(problem, style.failure("unreadable"), style) }
    return Array(text.utf8)
  }

  /// One sentence that sums the result up.
  package static func summary(_ result: CheckResult) -> String {
    var parts = [
      "\(NumberText.counted(result.objectCount, "object")) in \(NumberText.counted(result.fileCount, "file"))",
      "\(result.count(.deny)) denied", "\(result.count(.warn)) warned",
    ]
    if result.count(.allow) > 0 { parts.append("\(result.count(.allow)) allowed and recorded") }
    if !result.unreadable.isEmpty { parts.append("\(NumberText.counted(result.unreadable.count, "place")) unreadable") }
    if result.otherDocumentCount > 0 {
      parts.append("\(NumberText.counted(result.otherDocumentCount, "document")) without apiVersion and kind left out")
    }
    return parts.joined(separator: ", ")
  }
}
