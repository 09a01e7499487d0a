// What reports for programs tell: names and values.

internal import JSONDocument

/// A value of a report for programs.
enum ReportValue: Sendable, Equatable {
  /// Nil where the log does not say.
  case text(String?)
  case number(Int)
  case flag(Bool)
  case texts([String])
}

/// A named value; the names are a contract.
struct ReportField<Subject>: Sendable {
  let name: String
  let value: @Sendable (Subject) -> ReportValue

  init(_ name: String, _ value: @escaping @Sendable (Subject) -> ReportValue) {
    self.name = name
    self.value = value
  }
}

extension JSONWriter {
  /// Writes a field of a subject as a member.
  mutating func write<Subject>(_ field: ReportField<Subject>, of subject: Subject) {
    write(field.name, field.value(subject))
  }

  /// Writes a member.
  mutating func write(_ name: String, _ value: ReportValue) {
    switch value {
    case .text(let text): field(name, text)
    case .number(let number): field(name, number)
    case .flag(let flag): field(name, flag)
    case .texts(let texts): field(name, texts)
    }
  }
}
