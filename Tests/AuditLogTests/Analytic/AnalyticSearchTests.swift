// Which events the search finds, and what it says of the others.

import TestSupport
import Testing

@testable import AuditLog

/// Events written by hand, as small as the search allows.
enum SmallEvent {
  static let key = "kubectl.kubernetes.io/last-applied-configuration"
  static let annotation = #"{"spec":{"hostNetwork":true}}"#

  /// An event; `more` is JSON that begins with a comma.
  static func of(
    verb: String = "create",
    resource: String = "pods",
    annotation: String = annotation,
    more: String = ""
  ) -> String {
    let text = TestJSON.string(annotation).text
    return #"{"verb":"\#(verb)","objectRef":{"resource":"\#(resource)"},"#
      + #""requestObject":{"metadata":{"annotations":{"\#(key)":\#(text)}}}\#(more)}"#
  }

  /// An event whose annotations are given as JSON.
  static func of(annotations: String) -> String {
    #"{"verb":"create","objectRef":{"resource":"pods"},"requestObject":{"metadata":{"annotations":\#(annotations)}}}"#
  }
}

@Suite struct AnalyticSearchTests {
  private func finds(_ event: String) throws -> Bool { try AnalyticSearch.hit(inJSON: event) != nil }

  @Test(arguments: ["create", "update", "CREATE", "Update"])
  func `create and update are found whatever their case`(verb: String) throws {
    #expect(try finds(SmallEvent.of(verb: verb)))
  }

  @Test(arguments: ["patch", "delete", "created", " create", ""])
  func `other verbs are not found`(verb: String) throws {
    #expect(try !finds(SmallEvent.of(verb: verb)))
  }

  @Test func `OR binds tighter than the AND between terms, so an update needs the other conditions too`() throws {
    #expect(try !finds(SmallEvent.of(verb: "update", resource: "deployments")))
    #expect(try !finds(SmallEvent.of(verb: "update", annotation: "{}")))
    #expect(try !finds(SmallEvent.of(verb: "create", resource: "deployments")))
  }

  @Test(arguments: [("pods", true), ("Pods", true), ("pod", false), ("pods/status", false), ("pod\u{17F}", false)])
  func `the resource is pods, in ASCII of any case`(resource: String, isFound: Bool) throws {
    #expect(try finds(SmallEvent.of(resource: resource)) == isFound)
  }

  @Test(arguments: [
    #""hostNetwork":true"#, #"{"HOSTNETWORK":TRUE}"#, #"{"hostNetwork":trueish}"#, "\n\"hostNetwork\":true\n",
    #"""hostNetwork":true"#,
  ])
  func `the text may stand anywhere in the annotation`(annotation: String) throws {
    #expect(try finds(SmallEvent.of(annotation: annotation)))
  }

  @Test(arguments: [
    #"{"hostNetwork": true}"#, #"{"hostNetwork" :true}"#, #"{"a":"\"hostNetwork\":true"}"#, #"{"hostNetwork":false}"#,
    #"{"hostNetwork":"true"}"#, #""hostNetwork":tru"#, "{\"hostNetwor\u{212A}\":true}", "",
  ])
  func `a text that differs by one byte is not found`(annotation: String) throws {
    #expect(try !finds(SmallEvent.of(annotation: annotation)))
  }

  @Test func `one of several values is enough`() throws {
    #expect(try finds(SmallEvent.of(verb: "get", more: #","verb":"create""#)))
    let second = #","requestObject.metadata.annotations.\#(SmallEvent.key)":"\"hostNetwork\":true""#
    #expect(try finds(SmallEvent.of(annotation: "{}", more: second)))
  }

  @Test(arguments: [
    #"{"verb":"create","OBJECTREF":{"resource":"pods"}}"#, #"{"Verb":"create","objectRef":{"resource":"pods"}}"#,
  ])
  func `names of fields keep their case`(event: String) throws {
    let more = #","requestObject":{"metadata":{"annotations":{"\#(SmallEvent.key)":"\"hostNetwork\":true"}}}}"#
    #expect(try !finds(event.dropLast() + more))
  }

  @Test(arguments: [
    #"{"kubectl":{"kubernetes":{"io/last-applied-configuration":"\"hostNetwork\":true"}}}"#,
    #"{"kubectl.kubernetes":{"io/last-applied-configuration":"\"hostNetwork\":true"}}"#,
    #"{"kubectl":{"kubernetes.io/last-applied-configuration":"\"hostNetwork\":true"}}"#,
    #"{"\u006bubectl.kubernetes.io/last-applied-configuration":"\u0022hostNetwork\u0022:true"}"#,
  ])
  func `places whose flattened names are the same are the same field`(annotations: String) throws {
    #expect(try finds(SmallEvent.of(annotations: annotations)))
  }

  @Test(arguments: [
    #"{"kubectl.kubernetes.io/last-applied-configuration":["\"hostNetwork\":true"]}"#,
    #"[{"kubectl.kubernetes.io/last-applied-configuration":"\"hostNetwork\":true"}]"#,
    #"{"kubectl.kubernetes.io/last-applied-configuration":{"":"\"hostNetwork\":true"}}"#,
    #"{"":{"kubectl.kubernetes.io/last-applied-configuration":"\"hostNetwork\":true"}}"#,
  ])
  func `places whose flattened names differ are other fields`(annotations: String) throws {
    #expect(try !finds(SmallEvent.of(annotations: annotations)))
  }

  @Test func `only a dot stands between the steps of a name`() throws {
    let rest =
      #","objectRef":{"resource":"pods"},"requestObject":{"metadata":{"annotations":"#
      + #"{"\#(SmallEvent.key)":"\"hostNetwork\":true"}}}}"#
    #expect(try finds(#"{"verb":"create""# + rest))
    #expect(try !finds(#"{"ver":{"":"create"}"# + rest))
    let hit = try AnalyticSearch.hit(inJSON: SmallEvent.of(more: #","sourceIPs":{"}":"10.0.0.1"}"#))
    #expect(try #require(hit).fields[6] == [])
  }

  @Test func `scalars become text, null and containers nothing`() throws {
    let more =
      #","responseStatus":{"code":201},"kind":null,"stage":true,"userAgent":1.50,"user":{"username":{}},"#
      + #""sourceIPs":["10.0.0.1",null,["x"],2]"#
    let hit = try #require(try AnalyticSearch.hit(inJSON: SmallEvent.of(more: more)))
    let byName = Dictionary(uniqueKeysWithValues: zip(AnalyticSearch.fieldNames, hit.fields))
    #expect(byName["responseStatus.code"] == ["201"])
    #expect(byName["kind"] == [])
    #expect(byName["stage"] == ["true"])
    #expect(byName["userAgent"] == ["1.5"])
    #expect(byName["user.username"] == [])
    #expect(byName["sourceIPs{}"] == ["10.0.0.1", "2"])
    #expect(hit.userGroups == [])
  }

  @Test func `a deeply nested event is searched as quickly as a flat one`() throws {
    let deep = String(repeating: #"{"objectRef":"#, count: 5_000) + "1" + String(repeating: "}", count: 5_000)
    #expect(try finds(SmallEvent.of(more: #","objectRef.x":\#(deep)"#)))
    let arrays = String(repeating: "[", count: 5_000) + String(repeating: "]", count: 5_000)
    #expect(try finds(SmallEvent.of(more: #","sourceIPs":\#(arrays)"#)))
  }

  @Test func `values above the bound are counted, not kept`() throws {
    let count = AuditLogLimits.analyticValuesMax + 3
    let addresses = Array(repeating: #""a""#, count: count).joined(separator: ",")
    let hit = try #require(try AnalyticSearch.hit(inJSON: SmallEvent.of(more: #","sourceIPs":[\#(addresses)]"#)))
    #expect(hit.fields[6].count == AuditLogLimits.analyticValuesMax)
    #expect(hit.leftOutValues == 3)
  }

  // MARK: - Explanations

  @Test func `an event that is found needs no explanation`() throws {
    #expect(try AnalyticSearch.explain(json: SmallEvent.of()) == nil)
  }

  static let misses: [(String, AnalyticMiss)] = [
    (SmallEvent.of(resource: "deployments"), .resourceIsNotPods("deployments")),
    (SmallEvent.of(verb: "patch", resource: "deployments"), .resourceIsNotPods("deployments")),
    (#"{"verb":"create"}"#, .noResource),
    (SmallEvent.of(verb: "patch"), .verbIsNotCreateOrUpdate("patch")),
    (#"{"objectRef":{"resource":"pods"}}"#, .noVerb),
    (#"{"verb":"create","objectRef":{"resource":"pods"}}"#, .noRequestObject),
    (#"{"verb":"create","objectRef":{"resource":"pods"},"requestObject":null}"#, .noRequestObject),
    (SmallEvent.of(annotations: "{}"), .noAnnotation),
    (SmallEvent.of(annotations: #"{"\#(SmallEvent.key)":null}"#), .noAnnotation),
    (SmallEvent.of(annotation: #"{"hostNetwork": true}"#), .annotationWithWhiteSpace),
    (SmallEvent.of(annotation: "{\"hostNetwork\"x,\"hostNetwork\"\n:\ttrue}"), .annotationWithWhiteSpace),
    (SmallEvent.of(annotation: #"{"hostNetwork": false}"#), .annotationWithoutText),
    (SmallEvent.of(annotation: #"{"hostNetwork""#), .annotationWithoutText),
    (SmallEvent.of(annotation: ""), .annotationWithoutText),
  ]

  @Test(arguments: misses)
  func `an event that is not found is explained by the first condition it fails`(
    event: String,
    miss: AnalyticMiss
  ) throws {
    #expect(try AnalyticSearch.explain(json: event) == miss)
  }

  @Test func `explanations are sentences of their own, and repeat a bounded piece of the event`() throws {
    #expect(Set(Self.misses.map(\.1.description)).count == Set(Self.misses.map { "\($0.1)" }).count)
    let long = String(repeating: "é", count: 1_000)
    let miss = try #require(try AnalyticSearch.explain(json: SmallEvent.of(verb: long)))
    let kept = String(repeating: "é", count: AuditLogLimits.analyticQuoteBytes / 2)
    #expect(miss == .verbIsNotCreateOrUpdate(kept + "…"))
    let odd = try #require(try AnalyticSearch.explain(json: SmallEvent.of(verb: "x" + long)))
    #expect(odd == .verbIsNotCreateOrUpdate("x" + kept.dropLast() + "…"))
  }
}
