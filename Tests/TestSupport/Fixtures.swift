// Where the fixtures are, and how to read them.

package import Foundation
internal import Testing

/// The fixtures folder of this package.
package enum Fixtures {
  /// `Tests/Fixtures`.
  package static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures")

  /// The root of the package.
  package static let packageRoot = root.deletingLastPathComponent().deletingLastPathComponent()

  /// The bytes of a fixture.
  package static func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: root.appending(path: path)))
  }

  /// The text of a fixture.
  package static func text(_ path: String) throws -> String {
    String(decoding: try bytes(path), as: UTF8.self)
  }

  /// The names of the files of a folder with an extension, sorted.
  package static func files(in folder: String, withExtension pathExtension: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)
      .filter { $0.hasSuffix(".\(pathExtension)") }.sorted()
  }
}

/// One row of `admission-reviews/expected.tsv`.
package struct ExpectedReview: Sendable, CustomTestStringConvertible {
  package let file: String
  package let verdict: String
  package let rule: String
  package let introduced: Bool?
  package let events: Int

  package var testDescription: String { file }

  /// Every row of the table.
  package static func all() throws -> [ExpectedReview] {
    try Fixtures.text("admission-reviews/expected.tsv").split(separator: "\n").map { line in
      let columns = line.split(separator: "\t").map(String.init)
      guard columns.count == 5, let events = Int(columns[4]) else { throw MalformedTable(line: String(line)) }
      return ExpectedReview(
        file: columns[0],
        verdict: columns[1],
        rule: columns[2],
        introduced: columns[3] == "-" ? nil : columns[3] == "true",
        events: events
      )
    }
  }
}

/// A line of a table of expectations that cannot be read.
package struct MalformedTable: Error {
  package let line: String
}
