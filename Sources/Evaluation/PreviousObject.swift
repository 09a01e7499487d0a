// What has to be known of an object before an update, to tell what the update introduces.

internal import JSONDocument

/// The attachments that an object had before an update, and whether it was being deleted.
package struct PreviousObject: Sendable, Equatable {
  /// An attachment as it was, without what only reports want.
  struct Attachment: Sendable, Equatable {
    let identity: [UInt8]
    let certainty: HostNetworkAttachment.Certainty
    let podSpec: JSONContentDigest?
  }

  let attachments: [Attachment]
  /// Whether the stored object carried a `deletionTimestamp`.
  package var isBeingDeleted: Bool

  /// Keeps what matters of the attachments that were located in an object.
  ///
  /// - Parameter podSpecsAreKnown: whether the pod specs were what they are in `located`, beside hostNetwork.
  package init(_ located: LocatedAttachments, isBeingDeleted: Bool, podSpecsAreKnown: Bool = true) {
    attachments = located.map {
      Attachment(
        identity: $0.identity,
        certainty: $0.attachment.certainty,
        podSpec: podSpecsAreKnown ? $0.podSpec : nil
      )
    }
    self.isBeingDeleted = isBeingDeleted
  }

  /// For each attachment the one that it was before, or nil where it is new.
  func counterparts(of located: LocatedAttachments) -> [Attachment?] {
    // A multiset: of two elements with one name, one new among them is still one more than before.
    var old = Dictionary(grouping: attachments, by: \.identity)
    return located.map { attachment in
      let certainty = attachment.attachment.certainty
      let candidates = old[attachment.identity] ?? []
      // A field that may attach was never a pod spec that does; the other way round it was even more.
      guard
        let match = candidates.firstIndex(where: { $0.certainty == certainty })
          ?? (certainty == .possible ? candidates.indices.first : nil)
      else { return nil }
      return old[attachment.identity]?.remove(at: match)
    }
  }
}
