// Whole files: what comes out is written beside each fixture.

import Foundation
import Testing

@testable import Manifests

@Suite struct `Manifest fixtures` {
  @Test(arguments: [
    "workloads.yaml", "anchors.yaml", "list.json", "windows.yaml", "helm-template.yaml", "duplicate-keys.yaml",
    "truncated.json",
    "tab-indented.yaml", "mixed-documents.yaml",
  ])
  func `a file reads as its expectation says`(name: String) throws {
    var report = ""
    for result in ManifestText.documents(in: try fixture(name)) {
      switch result {
      case .success(let document):
        report += "document at \(document.start)\n\(String(decoding: document.json, as: UTF8.self))\n"
        report += "keys at " + places(document).joined(separator: " ") + "\n"
        for warning in document.warnings { report += "warning at \(warning.position): \(warning.message)\n" }
      case .failure(let error): report += "error at \(error)\n"
      }
    }
    #expect(report == String(decoding: try fixture(name + ".expected"), as: UTF8.self))
  }
}
