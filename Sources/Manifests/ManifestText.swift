// The entrance of the text layer: the bytes of one input become documents.

/// Reads the text of manifests, YAML or JSON, as kubectl would.
package enum ManifestText {
  /// The documents of one input (a file, or standard input) in their order, each readable or not.
  ///
  /// An input whose first character is `{` is JSON, as for kubectl, and YAML only if it is no JSON. Empty documents,
  /// comments alone and `null` yield nothing. After a syntax error nothing more of the input is read; its error comes
  /// last and says so. Other errors concern one document.
  package static func documents(in bytes: [UInt8], duplicateKeys: DuplicateKeyRule = .error) -> [ManifestResult] {
    guard bytes.count <= ManifestLimits.inputBytesMax else {
      let message = "The input is larger than \(ManifestLimits.inputBytesMax >> 20) MiB; split it."
      return [.failure(UnreadableInput(position: SourcePosition(line: 1, column: 1), message: message))]
    }
    let encoding = InputEncoding(of: bytes)
    guard isJSON(bytes, from: encoding.textStart) else {
      return YAMLDocuments(bytes, encoding, duplicateKeys: duplicateKeys).results
    }
    let json = JSONDocuments(bytes, encoding, duplicateKeys: duplicateKeys)
    guard let jsonError = json.syntaxErrorOffset else { return json.results }
    let yaml = YAMLDocuments(bytes, encoding, duplicateKeys: duplicateKeys)
    guard let yamlError = yaml.syntaxErrorOffset else { return yaml.results }
    // Neither: a template is told so; else it was meant as JSON, unless unquoted words say otherwise.
    let isTemplate =
      HelmTemplate.firstAction(in: bytes, from: encoding.textStart, to: min(bytes.count, max(jsonError, yamlError) + 2))
      != nil
    return isTemplate || (json.stoppedAtBareWord && yamlError > jsonError) ? yaml.results : json.results
  }

  private static func isJSON(_ bytes: [UInt8], from start: Int) -> Bool {
    let first = bytes[start...].first {
      $0 != ASCII.space && $0 != ASCII.tab && $0 != ASCII.lineFeed && $0 != ASCII.carriageReturn
    }
    return first == ASCII.leftBrace
  }
}
