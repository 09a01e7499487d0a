// What people are told: one sentence per verdict, the same at every door.

internal import JSONDocument

/// The words of a decision, for one object.
package struct Wording: Sendable {
  private let object: String

  /// Prepares the words for the object of a request.
  package init(for request: borrowing AdmissionRequest) {
    self.init(kind: request.kind, namespace: request.namespace, name: request.name)
  }

  /// As above, for a request whose document is gone.
  package init(for subject: RequestSubject) {
    self.init(kind: subject.kind, namespace: subject.namespace, name: subject.name)
  }

  private init(kind: GroupVersionKind, namespace: String, name: String) {
    let place = namespace.isEmpty ? name : "\(namespace)/\(name)"
    object = Self.singleLine(place.isEmpty ? kind.kind : "\(kind.kind) \(place)")
  }

  /// What, where, why and how to fix it, for one attachment.
  package func reason(_ judged: Decision.JudgedAttachment) -> String {
    let attachment = judged.attachment
    var text = object
    text.reserveCapacity(Self.usualReasonBytes)
    let (verb, ending) =
      attachment.certainty == .certain
      ? (" uses the node's network: ", " is true") : (" may use the node's network: ", " is set")
    text += verb
    text += attachment.field
    text += ending
    let details = Self.details(attachment)
    if !details.isEmpty {
      text += " ("
      text += details
      text += ")"
    }
    text += ". "
    switch judged.rule {
    case .exemption: text += "The exemption \(judged.exemption ?? "") frees it."
    case .mirrorPod: text += "It mirrors a static pod of its own node, which runs whatever is decided here."
    case .notIntroduced: text += "It was there before this update, so the update passes; \(Self.remedy)"
    case .escalation:
      text += Self.danger
      text += " A warning is a denial here, as the requester's risk is above the policy's threshold. Fix: "
      text += Self.remedy
    case .mode, .notJudged, .noAttachment, .beingDeleted:
      text += Self.danger
      text += " Fix: "
      text += Self.remedy
    }
    return Self.shortened(Self.singleLine(text), toBytes: EvaluationLimits.reasonBytesMax)
  }

  /// The message of a denial: every attachment that is denied, the reason in full for the first.
  package func denial(_ decision: Decision) -> String {
    let denied = decision.attachments.filter { $0.verdict == .deny }
    guard let first = denied.first else { return "" }
    let text = reason(first)
    guard denied.count > 1 else { return text }
    let others = denied.dropFirst().map(\.attachment.field).joined(separator: ", ")
    return Self.shortened("\(text) Also: \(Self.singleLine(others))", toBytes: EvaluationLimits.reasonBytesMax)
  }

  /// One warning per attachment that is not denied, each a single line within the API server's limits.
  package func warnings(_ decision: Decision) -> [String] {
    let warned = decision.attachments.filter { $0.verdict == .warn }
    var warnings = warned.prefix(EvaluationLimits.warningsMax).map { judged in
      let verb = judged.attachment.certainty == .certain ? "uses" : "may use"
      let remedy = judged.introduced ? "; remove hostNetwork" : " (as before this update)"
      // The object's name is what gives way, as kubectl has just printed it.
      let fixed = ": \(object) \(verb) the node's network\(remedy)"
      return Self.shortened(
        Self.singleLine(judged.attachment.field + fixed),
        toCharacters: EvaluationLimits.warningCharactersMax
      )
    }
    if warned.count > EvaluationLimits.warningsMax {
      warnings[EvaluationLimits.warningsMax - 1] =
        "\(warned.count - EvaluationLimits.warningsMax + 1) more places of this object use the node's network"
    }
    return warnings
  }

  // MARK: - Pieces

  /// Bytes of most reasons.
  private static let usualReasonBytes = 512

  private static let danger =
    "Such a pod sees all traffic of its node, reaches services bound to the node's localhost and escapes NetworkPolicy."

  private static let remedy =
    "remove hostNetwork or set it to false, and expose ports with a Service or hostPort instead."

  private static func details(_ attachment: HostNetworkAttachment) -> String {
    var parts: [String] = []
    if !attachment.containers.isEmpty {
      var text = attachment.containers.count == 1 ? "container " : "containers "
      for (index, container) in attachment.containers.prefix(4).enumerated() {
        if index > 0 { text += ", " }
        text += container.name
        if !container.name.isEmpty, !container.image.isEmpty { text += " " }
        text += container.image
        if container.name.isEmpty, container.image.isEmpty { text += "without a name" }
      }
      if attachment.containers.count > 4 { text += " and \(attachment.containers.count - 4) more" }
      parts.append(text)
    }
    if !attachment.hostPorts.isEmpty {
      let more = attachment.hostPorts.count > 8 ? " and \(attachment.hostPorts.count - 8) more" : ""
      parts.append("opens node ports \(attachment.hostPorts.prefix(8).joined(separator: ", "))\(more)")
    }
    if !attachment.aggravations.isEmpty {
      parts.append("worse with \(attachment.aggravations.map(\.rawValue).joined(separator: ", "))")
    }
    return parts.joined(separator: "; ")
  }

  /// Control characters become spaces: the API server drops a warning that has one, and a terminal would obey it.
  package static func singleLine(_ text: String) -> String {
    // Almost all text is plain ASCII, which needs no look into Unicode's tables.
    if isPlainASCII(text.utf8.span) { return text }
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { line.append(isControl(scalar) ? " " : scalar) }
    return String(line)
  }

  private static func isPlainASCII(_ utf8: Span<UInt8>) -> Bool {
    unsafe utf8.withUnsafeBufferPointer { bytes in
      // Without a way out in the middle, so that the compiler has many bytes looked at at once.
      var found: UInt8 = 0
      for index in bytes.indices { found |= unsafe (bytes[index] &- 0x20 < 0x5F ? 0 : 1) }
      return found == 0
    }
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .lineSeparator
      || scalar.properties.generalCategory == .paragraphSeparator || scalar.properties.generalCategory == .format
  }

  private static func shortened(_ text: String, toCharacters limit: Int) -> String {
    guard text.unicodeScalars.count > limit else { return text }
    return String(text.unicodeScalars.prefix(limit - 1)) + "…"
  }

  private static func shortened(_ text: String, toBytes limit: Int) -> String {
    guard text.utf8.count > limit else { return text }
    var kept = String.UnicodeScalarView()
    var bytes = "…".utf8.count
    for scalar in text.unicodeScalars {
      bytes += scalar.utf8.count
      if bytes > limit { break }
      kept.append(scalar)
    }
    return String(kept) + "…"
  }
}

extension Unicode.Scalar {
  fileprivate var utf8: UTF8.EncodedScalar { UTF8.encode(self) ?? UTF8.encodedReplacementCharacter }
}
