// How much risk an attachment is worth.

/// The policy's settings for Risk-Based Alerting.
///
/// Source of the defaults: Splunk security content, id cce357cf-43a4-494a-814b-67cea90fe990 (impact 70, confidence 70).
package struct RiskSettings: Sendable, Equatable {
  /// How bad it would be, 0 to 100; by default the analytic's own.
  package var impact = 70
  /// How sure a certain attachment is one, 0 to 100; by default the analytic's own.
  package var confidence = 70
  /// The same for a field of a custom resource that may attach.
  package var possibleConfidence = 30
  /// The same attachment of the same object by the same user counts once in this time; the analytic's own throttling.
  package var deduplicationSeconds: Int64 = 24 * 3_600
  package var factors: [RiskFactor] = []
  /// Controllers beside Kubernetes' own: what they say of an object's owner is believed, to charge whoever made that.
  package var controllers: [Glob] = []
  /// When a warning becomes a denial because of who asks; nil for never.
  package var escalation: RiskEscalation?

  /// Creates the settings of the analytic.
  package init() {}

  /// Whether a user only does what somebody else's objects ask for.
  package func isController(_ user: UserInfo) -> Bool { user.isController || controllers.matchAny(user.username) }

  /// The highest score; one event should not outweigh all others.
  package static let scoreMax = 1_000

  /// The longest time in which an attachment counts once, in seconds: the longest that a policy can name.
  static let deduplicationSecondsMax: Int64 = 999_999 * 86_400

  /// Impact × confidence / 100 as Splunk's contentctl computes it, then the risk factors: all that are added first, then
  /// all that multiply (Splunk Enterprise Security, risk factors), rounded, 0 to `scoreMax`.
  func score(_ subject: RequestSubject, _ attachment: HostNetworkAttachment) -> Int {
    let confidence = attachment.certainty == .certain ? confidence : possibleConfidence
    let score = Self.hundredth(of: impact * confidence)
    guard !factors.isEmpty else { return score }
    var (sum, product) = (Double(score), 1.0)
    for factor in factors where factor.applies(subject, attachment) {
      switch factor.effect {
      case .add(let points): sum += Double(points)
      case .multiply(let multiplier): product *= multiplier
      }
    }
    return Int(min(max((sum * product).rounded(), 0), Double(Self.scoreMax)))
  }

  /// A hundredth, of two equally near numbers the even one: contentctl rounds with Python's `round`, which does so.
  private static func hundredth(of product: Int) -> Int {
    let (quotient, rest) = product.quotientAndRemainder(dividingBy: 100)
    return rest > 50 || (rest == 50 && !quotient.isMultiple(of: 2)) ? quotient + 1 : quotient
  }
}

/// When a user has done so much that a warning is no longer enough.
package struct RiskEscalation: Sendable, Equatable {
  /// The counted risk above which the mode warn is deny.
  package var above: Int
  /// The window in which risk adds up, which ends with the request.
  package var windowSeconds: Int64

  /// Creates an escalation.
  package init(above: Int, windowSeconds: Int64 = 24 * 3_600) {
    self.above = above
    self.windowSeconds = windowSeconds
  }

  /// The highest threshold; a user is remembered for as many charges.
  package static let thresholdMax = 1_000
}

/// Tells what a user was charged with in the seconds before a moment.
package typealias RiskSoFar = (_ user: String, _ time: Timestamp, _ windowSeconds: Int64) -> Int

/// Something that makes an attachment more or less of a risk.
package struct RiskFactor: Sendable, Equatable {
  /// What a factor does to a score.
  package enum Effect: Sendable, Equatable {
    case add(Int)
    case multiply(Double)
  }

  package var id: String
  package var conditions: RequestConditions
  /// Of these the attachment must have one; empty when it need not.
  package var aggravations: [HostNetworkAttachment.Aggravation]
  package var effect: Effect

  /// Creates a factor.
  package init(
    id: String,
    conditions: RequestConditions,
    aggravations: [HostNetworkAttachment.Aggravation],
    effect: Effect
  ) {
    self.id = id
    self.conditions = conditions
    self.aggravations = aggravations
    self.effect = effect
  }

  /// Whether it applies to an attachment.
  package func applies(_ subject: RequestSubject, _ attachment: HostNetworkAttachment) -> Bool {
    (aggravations.isEmpty || aggravations.contains { attachment.aggravations.contains($0) })
      && conditions.firstFailure(subject, attachment) == nil
  }
}
