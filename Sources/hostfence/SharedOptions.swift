// Options and conversions that several subcommands share.

internal import ArgumentParser
internal import Evaluation
internal import Glibc
internal import PolicyFile
internal import Reports

extension Mode: ExpressibleByArgument {}
extension FailOn: ExpressibleByArgument {}

extension ReportOutput: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }

  package var defaultValueDescription: String { file.map { "\(format.rawValue)=\($0)" } ?? format.rawValue }
}

/// Refuses outputs that would write over each other; nil is standard output.
///
/// - Throws: `ValidationError`.
func validateOutputs(_ files: [String?]) throws {
  if files.count(where: { $0 == nil }) > 1 {
    throw ValidationError("only one report can go to standard output; write the other to a file: --output json=FILE")
  }
  let named = files.compactMap(\.self)
  if Set(named).count < named.count { throw ValidationError("two reports cannot go to one file") }
}

/// A moment of a command line: RFC 3339, a date, or a time before now.
struct PastMoment: ExpressibleByArgument {
  static let sinceHelp = "The first moment: 2026-11-23, 2026-11-23T10:00:00Z, or 7d for seven days ago."
  static let untilHelp = "The end: the first moment that is left out."

  let time: Timestamp

  init?(argument: String) {
    if let seconds = PolicyMoment.seconds(argument) {
      time = SystemClock.now().adding(seconds: -seconds)
    } else if let moment = PolicyMoment.read(argument) {
      time = moment
    } else {
      return nil
    }
  }
}

/// The wall clock.
enum SystemClock {
  static func now() -> Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }
}

extension ReportOutput {
  /// Colours on a terminal only.
  var style: TextStyle { file == nil ? StandardStream.output.style : TextStyle(isColoured: false) }

  /// The width of the terminal, or nil where there is none.
  var widthColumns: Int? { file == nil ? StandardStream.output.widthColumns : nil }

  /// Writes a report to its file or to standard output.
  ///
  /// - Throws: `Failure` when the file cannot be written.
  func deliver(_ bytes: [UInt8]) throws(Failure) {
    guard let file else { return try StandardStream.output.deliver(bytes) }
    guard let stream = unsafe fopen(file, "w") else {
      throw Failure("\(file) cannot be written: \(unsafe String(cString: strerror(errno)))")
    }
    let written = unsafe bytes.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, stream) }
    guard unsafe fclose(stream) == 0, written == bytes.count else {
      throw Failure("\(file) cannot be written: \(unsafe String(cString: strerror(errno)))")
    }
  }
}
