// `hostfence policy test`: how the cases went, for people and for CI.

internal import Evaluation
internal import Manifests
package import PolicyFile

/// The results of a run of policy tests.
package enum PolicyTestReport {
  /// One line per case that failed and per problem.
  package static func text(_ run: PolicyTestRun, style: TextStyle) -> [UInt8] {
    var text = ""
    for result in run.results {
      let place = "\(result.file):\(result.position.line):\(result.position.column)"
      if result.failures.isEmpty {
        text += "\(style.place(place)): \(style.pass("pass")): \(style.plain(result.name))\n"
      } else {
        text += "\(style.place(place)): \(style.failure("FAIL")): \(style.plain(result.name))\n"
        for failure in result.failures { text += "  \(style.plain(failure))\n" }
      }
    }
    for problem in run.problems { text += ProblemLine.text(problem, style.failure("error"), style) }
    return Array(text.utf8)
  }

  /// JUnit's XML, as CI systems read it; a test that could not be run is an error.
  package static func junit(_ run: PolicyTestRun) -> [UInt8] {
    let failed = run.results.count { !$0.failures.isEmpty }
    let counts =
      "tests=\"\(run.results.count + run.problems.count)\" failures=\"\(failed)\" errors=\"\(run.problems.count)\""
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"hostfence policy test\" \(counts)>\n"
    text += "  <testsuite name=\"hostfence policy test\" \(counts)>\n"
    for result in run.results {
      text += "    <testcase classname=\"\(escaped(result.file))\" name=\"\(escaped(result.name))\""
      text += " file=\"\(escaped(result.file))\" line=\"\(result.position.line)\""
      if result.failures.isEmpty {
        text += "/>\n"
      } else {
        let message = escaped(result.failures[0])
        text +=
          ">\n      <failure message=\"\(message)\">\(escaped(result.failures.joined(separator: "\n")))</failure>\n"
        text += "    </testcase>\n"
      }
    }
    for problem in run.problems {
      text += "    <testcase classname=\"\(escaped(problem.file))\" name=\"can be run\">\n"
      text += "      <error message=\"\(escaped(problem.message))\"/>\n    </testcase>\n"
    }
    text += "  </testsuite>\n</testsuites>\n"
    return Array(text.utf8)
  }

  /// One sentence.
  package static func summary(_ run: PolicyTestRun) -> String {
    let failed = run.results.count { !$0.failures.isEmpty }
    var text = "\(NumberText.counted(run.results.count, "case")), \(failed) failed"
    if !run.problems.isEmpty { text += ", \(NumberText.counted(run.problems.count, "problem"))" }
    return text
  }

  /// All passed, some failed, or some could not be run.
  package static func exitCode(_ run: PolicyTestRun) -> ExitCode {
    if !run.problems.isEmpty { return .unjudged }
    return run.results.allSatisfy(\.failures.isEmpty) ? .clean : .found
  }

  /// XML 1.0 has no other control characters, not even escaped.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\n": escaped += "&#10;"
      case "\t": escaped += "\t"
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}

/// A format of `hostfence policy test --output`.
package enum PolicyTestFormat: String, Sendable, CaseIterable {
  case text
  case junit
}
