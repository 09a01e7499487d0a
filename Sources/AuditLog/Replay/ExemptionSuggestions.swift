// Exemptions for what a log shows again and again: steady attachments, which a stricter policy would stop.

package import Evaluation

/// Collects attachments that no exemption frees, and makes exemptions of those that recur.
package struct ExemptionSuggestions {
  /// An exemption without a reason and an owner, and what it rests on.
  package struct Suggestion: Sendable, Equatable {
    package let id: String
    package let conditions: RequestConditions
    /// Attachments of the log that it frees.
    package let evidence: Int
    /// How many of them nothing came of, as the API server rejected the request or it was a dry run.
    package let unstored: Int
    package let first: Timestamp
    package let last: Timestamp
  }

  /// Attachments that no condition can tell apart.
  private struct Sample: Sendable {
    let subject: RequestSubject
    let attachment: HostNetworkAttachment
    var count = 0
    var unstored = 0
    var first: Timestamp
    var last: Timestamp

    mutating func add(_ time: Timestamp, isStored: Bool) {
      count += 1
      if !isStored { unstored += 1 }
      first = min(first, time)
      last = max(last, time)
    }
  }

  /// What conditions look at.
  private struct Key: Hashable {
    let bucket: Bucket
    let name: String
    let owner: Owner?
    let images: Set<String>
  }

  /// An owner, whichever of its incarnations.
  private struct Owner: Hashable {
    let kind: String
    let name: String
  }

  /// What every suggestion names, so that it is looked for among few.
  private struct Bucket: Hashable {
    let namespace: String
    let group: String
    let kind: String
    let user: String
  }

  /// Samples that are kept apart; a log of a large cluster stays below it.
  package static let samplesMax = 100_000

  /// How often an attachment must have been stored to be steady: what was refused may have been refused for good reason.
  package static let evidenceMin = 2

  private let canName: (RequestConditions) -> Bool
  private var samples: [Key: Sample] = [:]
  /// Attachments that no exemption can name exactly, and those beyond `samplesMax`.
  package private(set) var leftOut = 0

  /// Begins with nothing.
  ///
  /// - Parameter canName: whether a policy file can say conditions.
  package init(canName: @escaping (RequestConditions) -> Bool) { self.canName = canName }

  /// Takes the attachments of a request that no exemption frees.
  package mutating func add(_ finding: ReplayFinding) {
    for judged in finding.decision.attachments where !judged.rule.frees {
      add(finding.subject, judged.attachment, isStored: finding.outcome == .written)
    }
  }

  private mutating func add(_ subject: RequestSubject, _ attachment: HostNetworkAttachment, isStored: Bool) {
    let key = Key(
      bucket: Bucket(
        namespace: subject.namespace,
        group: subject.kind.group,
        kind: subject.kind.kind,
        user: subject.user.username
      ),
      name: subject.matchedName,
      owner: subject.controller.map { Owner(kind: $0.kind, name: $0.name) },
      images: Set(attachment.containers.map(\.image))
    )
    if samples[key] == nil {
      let sample = Sample(subject: subject, attachment: attachment, first: subject.time, last: subject.time)
      guard samples.count < Self.samplesMax, canName(Self.conditions(sample)), isExact(key) else {
        leftOut += 1
        return
      }
      samples[key] = sample
    }
    samples[key]?.add(subject.time, isStored: isStored)
  }

  /// Whether patterns say exactly this: wildcards in a name would be wildcards of a pattern, and without images every
  /// image would be meant.
  private func isExact(_ key: Key) -> Bool {
    let texts = [key.bucket.user, key.bucket.kind, key.name, key.owner?.name ?? "", key.owner?.kind ?? ""] + key.images
    return !key.images.isEmpty && texts.allSatisfy { !$0.contains("*") && !$0.contains("?") }
  }

  // MARK: - Suggesting

  /// One exemption for each steady attachment, those with the most evidence first.
  ///
  /// What a suggestion frees is counted by matching it against everything that was collected, so its evidence is all
  /// that it frees. One that frees no more than another does is left out.
  package var suggestions: [Suggestion] {
    let reach = Reach(samples.keys)
    var found: [(conditions: RequestConditions, freed: Set<Key>)] = []
    for (conditions, alike) in Dictionary(grouping: samples, by: { Self.conditions($0.value) }) {
      guard alike.reduce(0, { $0 + $1.value.count - $1.value.unstored }) >= Self.evidenceMin,
        let bucket = alike.first?.key.bucket
      else {
        continue
      }
      let freed = reach.keys(bucket, conditions).filter { key in
        samples[key].map { conditions.firstFailure($0.subject, $0.attachment) == nil } ?? false
      }
      found.append((conditions, Set(freed)))
    }
    let byID = Dictionary(grouping: found.indices) { Self.id(found[$0].conditions) }
    let needed = found.filter { candidate in
      let rivals = byID[Self.id(candidate.conditions)] ?? []
      return !rivals.contains { found[$0].freed.isStrictSuperset(of: candidate.freed) }
    }
    return named(needed.map { summed($0.conditions, $0.freed) }.sorted(by: Self.precedes))
  }

  /// Finds the samples that conditions can reach at all, by the names that they give.
  private struct Reach {
    private struct Place: Hashable {
      let bucket: Bucket
      let name: String
    }

    private var byName: [Place: [Key]] = [:]
    private var byOwner: [Place: [Key]] = [:]
    private var byBucket: [Bucket: [Key]] = [:]

    init(_ keys: some Sequence<Key>) {
      for key in keys {
        byName[Place(bucket: key.bucket, name: key.name), default: []].append(key)
        if let owner = key.owner { byOwner[Place(bucket: key.bucket, name: owner.name), default: []].append(key) }
        byBucket[key.bucket, default: []].append(key)
      }
    }

    func keys(_ bucket: Bucket, _ conditions: RequestConditions) -> [Key] {
      if let owner = conditions.ownerWorkloads.first {
        let place = Place(bucket: bucket, name: owner.name.text)
        return (byOwner[place] ?? []) + (byName[place] ?? [])
      }
      guard let name = conditions.names.first, name.isLiteral else { return byBucket[bucket] ?? [] }
      return byName[Place(bucket: bucket, name: name.text)] ?? []
    }
  }

  private func summed(_ conditions: RequestConditions, _ keys: Set<Key>) -> Suggestion {
    let freed = keys.compactMap { samples[$0] }
    let start = freed.map(\.first).min() ?? Timestamp(microseconds: 0)
    return Suggestion(
      id: Self.id(conditions),
      conditions: conditions,
      evidence: freed.reduce(0) { $0 + $1.count },
      unstored: freed.reduce(0) { $0 + $1.unstored },
      first: start,
      last: freed.map(\.last).max() ?? start
    )
  }

  private static func precedes(_ left: Suggestion, _ right: Suggestion) -> Bool {
    if left.evidence != right.evidence { return left.evidence > right.evidence }
    return (left.id, left.conditions.images.map(\.text).joined(separator: "\n"), left.first)
      < (right.id, right.conditions.images.map(\.text).joined(separator: "\n"), right.first)
  }

  /// Gives each its own id.
  private func named(_ suggestions: [Suggestion]) -> [Suggestion] {
    var uses: [String: Int] = [:]
    return suggestions.map { suggestion in
      uses[suggestion.id, default: 0] += 1
      let number = uses[suggestion.id] ?? 1
      return Suggestion(
        id: number == 1 ? suggestion.id : "\(suggestion.id)--\(number)",
        conditions: suggestion.conditions,
        evidence: suggestion.evidence,
        unstored: suggestion.unstored,
        first: suggestion.first,
        last: suggestion.last
      )
    }
  }

  /// Everything that a condition can say about an attachment.
  private static func conditions(_ sample: Sample) -> RequestConditions {
    let subject = sample.subject
    var conditions = RequestConditions()
    if !subject.namespace.isEmpty { conditions.namespaces = [Glob(subject.namespace)] }
    conditions.kinds = [KindPattern("\(subject.kind.group.isEmpty ? "core" : subject.kind.group)/\(subject.kind.kind)")]
    if let account = ServiceAccountPattern(subject.user.username), account.username == subject.user.username {
      conditions.serviceAccounts = [account]
    } else {
      conditions.users = [Glob(subject.user.username)]
    }
    if let owner = subject.controller {
      conditions.ownerWorkloads = [WorkloadPattern(kind: Glob(owner.kind), name: Glob(owner.name))]
    } else {
      conditions.names = [subject.namePattern]
    }
    conditions.images = Set(sample.attachment.containers.map(\.image)).sorted().map(Glob.init)
    return conditions
  }

  /// `namespace-workload`, of the characters that an id may have.
  private static func id(_ conditions: RequestConditions) -> String {
    let name = conditions.ownerWorkloads.first?.name.text ?? conditions.names.first?.text ?? ""
    let words = (conditions.namespaces.map(\.text) + [name]).joined(separator: "-")
    let plain = words.lowercased().unicodeScalars.map { scalar -> Character in
      ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) ? Character(scalar) : "-"
    }
    let trimmed = String(plain).split(separator: "-").joined(separator: "-").prefix(48)
    let id = trimmed.hasSuffix("-") ? trimmed.dropLast() : trimmed
    return id.isEmpty ? "suggested" : String(id)
  }
}
