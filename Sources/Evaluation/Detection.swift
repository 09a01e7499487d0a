// What is looked for, and what a hit means to a security analyst.

package import JSONDocument

/// One thing to look for in objects; a further one is a file that makes another of these.
package struct Detection: Sendable {
  /// The analytic's id in Splunk security content.
  package let analyticID: String
  /// Its name there.
  package let title: String
  /// The saved search's name in Splunk, which is the `source` of its risk events.
  package let searchName: String
  /// What it finds, in a sentence.
  package let summary: String
  package let annotations: RiskAnnotations
  /// The risk message for a user.
  package let message: @Sendable (_ user: String) -> String
  /// Finds the places in an object of a kind; `digesting` asks to keep what the pod specs say as well.
  package let locate:
    @Sendable (_ object: borrowing JSONValue, _ kind: GroupVersionKind, _ digesting: Bool) throws(EvaluationError)
      -> LocatedAttachments
}

/// The annotations of a Splunk analytic (contentctl: `action.correlationsearch.annotations`).
package struct RiskAnnotations: Sendable, Equatable {
  package let analyticStories: [String]
  package let cis20: [String]
  package let killChainPhases: [String]
  package let mitreAttack: [String]
  package let nist: [String]
  package let dataSources: [String]
  /// A JSON object of all of them, by Enterprise Security's names; made once, as every risk event has it.
  package let json: String

  init(
    analyticStories: [String],
    cis20: [String],
    killChainPhases: [String],
    mitreAttack: [String],
    nist: [String],
    dataSources: [String]
  ) {
    self.analyticStories = analyticStories
    self.cis20 = cis20
    self.killChainPhases = killChainPhases
    self.mitreAttack = mitreAttack
    self.nist = nist
    self.dataSources = dataSources
    var writer = JSONWriter()
    writer.beginObject()
    writer.field("analytic_story", analyticStories)
    writer.field("cis20", cis20)
    writer.field("data_source", dataSources)
    writer.field("kill_chain_phases", killChainPhases)
    writer.field("mitre_attack", mitreAttack)
    writer.field("nist", nist)
    writer.field("type", "Anomaly")
    writer.endObject()
    json = writer.text
  }
}
