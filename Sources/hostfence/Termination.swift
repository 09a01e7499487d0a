// How the command ends, and what it says then.

internal import ArgumentParser
internal import Glibc
internal import Reports

/// A failure that was explained in words already.
struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Ends the process.
enum Termination {
  /// Prints what went wrong and exits with 2; help and version that were asked for exit with 0.
  static func exit(after error: any Error, command: any ParsableCommand.Type) -> Never {
    if let code = error as? ArgumentParser.ExitCode { Glibc.exit(code.rawValue) }
    let parserCode = command.exitCode(for: error)
    if parserCode == .success {
      StandardStream.output.write(command.fullMessage(for: error) + "\n")
      Glibc.exit(0)
    }
    let message = parserCode == .validationFailure ? command.fullMessage(for: error) : "Error: \(error)"
    StandardStream.error.write(message + "\n")
    Glibc.exit(Reports.ExitCode.unjudged.rawValue)
  }

  /// The error that ends the command with an exit code of the product.
  static func code(_ code: Reports.ExitCode) -> any Error {
    ArgumentParser.ExitCode(code.rawValue)
  }
}
