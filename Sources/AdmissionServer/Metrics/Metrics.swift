// Figures for Prometheus: counters and gauges, and their text.

internal import Threads

/// The figures of a process, in the order in which they were registered.
///
/// Every label value is known when a family is registered, so what a client sends cannot add time series.
package final class Metrics: Sendable {
  private enum Family: Sendable {
    case counter(MetricDescription, MetricCounter)
    case gauge(MetricDescription, @Sendable () -> Int)
    /// Anything that writes its own samples.
    case samples(MetricDescription, type: String, @Sendable (_ name: String) -> String)

    var description: MetricDescription {
      switch self {
      case .counter(let description, _), .gauge(let description, _), .samples(let description, _, _): description
      }
    }
  }

  private let families = Monitor<[Family]>([])

  /// Creates figures of nothing.
  package init() {}

  /// Registers a counter; its name ends in `_total`, and with it the unit where there is one.
  package func counter(_ name: String, help: String) -> MetricCounter {
    register(MetricDescription(name: name, help: help), MetricCounter(label: nil, values: []))
  }

  /// Registers a counter that is kept apart by the values of one label; each value is shown from the start, as 0.
  package func counter(_ name: String, help: String, label: String, values: [String]) -> MetricCounter {
    register(MetricDescription(name: name, help: help), MetricCounter(label: label, values: values))
  }

  /// Registers a figure that may go up and down; `read` is called at every scrape, on any thread, and must be quick.
  package func gauge(_ name: String, help: String, read: @escaping @Sendable () -> Int) {
    add(.gauge(MetricDescription(name: name, help: help), read))
  }

  /// Registers a counter that somebody else keeps; `read` is called at every scrape, as that of a gauge.
  package func counter(_ name: String, help: String, read: @escaping @Sendable () -> Int) {
    samples(name, type: "counter", help: help) { "\($0) \(read())\n" }
  }

  /// Registers a histogram; `bounds` are the upper ends of its ranges, rising.
  package func histogram(_ name: String, help: String, bounds: [Double]) -> MetricHistogram {
    let histogram = MetricHistogram(bounds: bounds)
    samples(name, type: "histogram", help: help) { histogram.samples($0) }
    return histogram
  }

  /// Registers a gauge that is always 1, and whose labels tell something (`hostfence_build_info`).
  package func info(_ name: String, help: String, labels: [(name: String, value: String)]) {
    let text = labels.map { "\($0.name)=\"\(MetricText.labelValue($0.value))\"" }.joined(separator: ",")
    samples(name, type: "gauge", help: help) { "\($0){\(text)} 1\n" }
  }

  /// Registers a family that writes its own samples; `write` is called at every scrape, as `read` of a gauge.
  func samples(_ name: String, type: String, help: String, write: @escaping @Sendable (_ name: String) -> String) {
    add(.samples(MetricDescription(name: name, help: help), type: type, write))
  }

  /// Everything, in Prometheus' text format 0.0.4.
  package var text: String {
    var text = ""
    for family in families.withLock({ $0 }) {
      switch family {
      case .counter(let description, let counter):
        text += description.header(type: "counter")
        for series in counter.series { text += "\(description.name)\(series.labels) \(series.count)\n" }
      case .gauge(let description, let read):
        text += description.header(type: "gauge") + "\(description.name) \(read())\n"
      case .samples(let description, let type, let write):
        text += description.header(type: type) + write(description.name)
      }
    }
    return text
  }

  /// The media type of `text`.
  package static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

  private func register(_ description: MetricDescription, _ counter: MetricCounter) -> MetricCounter {
    add(.counter(description, counter))
    return counter
  }

  private func add(_ family: Family) {
    families.withLock { families in
      let name = family.description.name
      precondition(!families.contains { $0.description.name == name }, "\(name) is registered twice")
      families.append(family)
    }
  }
}

/// What stands above the samples of a family.
struct MetricDescription: Sendable {
  let name: String
  let help: String

  func header(type: String) -> String { "# HELP \(name) \(MetricText.help(help))\n# TYPE \(name) \(type)\n" }
}

/// The escapes of the text format 0.0.4.
enum MetricText {
  /// The text behind `# HELP name`.
  static func help(_ text: String) -> String { escaped(text, quotes: false) }

  /// The text between the quotes of a label's value.
  static func labelValue(_ text: String) -> String { escaped(text, quotes: true) }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var escaped = ""
    // By scalars: a carriage return and a line feed are one Character.
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
