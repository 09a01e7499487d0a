// Every product's log gives back the events that the API server wrote.

import AuditLog
import Foundation
import TestSupport
import Testing

@Suite struct UnwrapperTests {
  /// All recorded events with bodies, and some of the others.
  private func recordedEvents() throws -> [String] {
    let all = try Fixtures.text("audit-log/audit.jsonl").split(separator: "\n").map(String.init)
    return all.enumerated().filter { $0.offset % 8 == 0 || $0.element.contains("Object\":{") }.map(\.element)
  }

  @Test(arguments: LogWrapper.allCases)
  func `every product's log gives back the events that went into it`(_ wrapper: LogWrapper) throws {
    let events = try recordedEvents().filter { wrapper.carries(try LogJSON.object($0)) }
    #expect(events.count > 40)
    let unwrapper = Unwrapper()
    var sink = UnwrappedSink()
    for line in try wrapper.wrap(events).split(separator: UInt8(ascii: "\n")) {
      let outcome = unwrapper.unwrap(String(decoding: line, as: UTF8.self), into: &sink)
      try #require(outcome == .events, "\(String(decoding: line.prefix(300), as: UTF8.self))")
    }
    #expect(sink.unreadable.isEmpty)
    #expect(sink.others == 0)
    try #require(sink.events.count == events.count)
    for (event, came) in zip(events, sink.events) {
      let expected = try LogJSON.text(wrapper.expected(LogJSON.object(event)))
      try #require(LogJSON.text(wrapper.comparable(came)) == expected)
    }
  }

  // MARK: - What is no event

  @Test(arguments: [
    #"{"kind":"Event","apiVersion":"v1","involvedObject":{"kind":"Pod"},"reason":"Started"}"#,
    #"{"kind":"Event","apiVersion":"events.k8s.io/v1","regarding":{"kind":"Pod"}}"#,
    #"{"kind":"List","apiVersion":"v1","items":[{"kind":"Event","apiVersion":"v1"}]}"#,
    #"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[]}"#,
    #"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":null}"#,
    #"{"auditID":"a","requestURI":"/v3","method":"GET","responseCode":200}"#,
    #"{"messageType":"CONTROL_MESSAGE","logEvents":[{"message":"CWL CONTROL MESSAGE"}]}"#,
    #"{"protoPayload":{"serviceName":"compute.googleapis.com","methodName":"v1.compute","resourceName":"x"}}"#,
    #"{"category":"kube-controller-manager","properties":{"log":"I0101 00:00:00 controller.go:1] x\n"}}"#,
    #"{"message":"I0101 not JSON","kubernetes":{"pod":"p"}}"#,
    #"{"message":"{not JSON either}"}"#,
    #"{"a":1}"#, "{}", "[]", "[1,[2]]", "[[[[[[[[[[[[1]]]]]]]]]]]]", #""text""#, "{\"log\":{\"level\":\"info\"}}",
  ])
  func `other JSON is another log's record, of which nothing is handed on`(_ text: String) {
    var sink = UnwrappedSink()
    #expect(Unwrapper().unwrap(text, into: &sink) == .other)
    #expect(sink.events.isEmpty && sink.unreadable.isEmpty && sink.others == 0 && sink.cut.isEmpty)
  }

  @Test func `an EKS log stream of another part of the control plane is left alone`() throws {
    for (stream, outcome) in [("authenticator-1", Unwrapper.Outcome.other), ("kube-apiserver-audit-1", .events)] {
      let events = [["message": HostileLogs.event]]
      let object: [String: Any] = ["logGroup": "/aws/eks/c/cluster", "logStream": stream, "logEvents": events]
      var sink = UnwrappedSink()
      #expect(Unwrapper().unwrap(try LogJSON.text(object), into: &sink) == outcome)
      #expect(sink.events.count == (outcome == .events ? 1 : 0))
    }
  }

  @Test func `other records beside events are counted`() throws {
    let records = [["properties": ["log": HostileLogs.event]], ["properties": ["log": "text"]]]
    let text = try LogJSON.text(["records": records])
    var sink = UnwrappedSink()
    #expect(Unwrapper().unwrap(text, into: &sink) == .events)
    #expect(sink.events.count == 1 && sink.others == 1)
  }

  @Test(arguments: ["", " \n", "I0101 00:00:00 text", "{\"kind\":\"Event\",", "[1,", "{} {}", "nonsense"])
  func `what is not one JSON document is said to be none`(_ text: String) {
    var sink = UnwrappedSink()
    guard case .notJSON = Unwrapper().unwrap(text, into: &sink) else {
      Issue.record("\(text)")
      return
    }
    #expect(sink.unreadable.isEmpty)
  }

  @Test(arguments: [
    ("core/v1/namespaces/n/pods/p", ["resource": "pods", "namespace": "n", "name": "p", "apiVersion": "v1"]),
    ("core/v1/namespaces/n/pods", ["resource": "pods", "namespace": "n", "name": "sent", "apiVersion": "v1"]),
    (
      "apps/v1/namespaces/n/deployments/d/scale",
      [
        "resource": "deployments", "namespace": "n", "name": "d", "apiGroup": "apps", "apiVersion": "v1",
        "subresource": "scale",
      ]
    ),
    (
      "core/v1/namespaces/n/services/s/proxy/a/b",
      ["resource": "services", "namespace": "n", "name": "s", "apiVersion": "v1", "subresource": "proxy"]
    ),
    ("core/v1/nodes/m", ["resource": "nodes", "name": "m", "apiVersion": "v1"]),
    ("core/v1/namespaces/n", ["resource": "namespaces", "namespace": "n", "name": "n", "apiVersion": "v1"]),
    (
      "core/v1/namespaces/n/finalize",
      ["resource": "namespaces", "namespace": "n", "name": "n", "apiVersion": "v1", "subresource": "finalize"]
    ),
  ])
  func `GKE's path names the object`(_ path: String, _ expected: [String: String]) throws {
    let event = try #require(try googleEvent(["resourceName": path]))
    #expect(event["objectRef"] as? [String: String] == expected)
  }

  @Test(arguments: [(0, 201), (3, 400), (5, 404), (6, 409), (7, 403), (16, 401), (13, 500), (2, 500), (409, 409)])
  func `GKE's code of an answer is gRPC's`(_ code: Int, _ expected: Int) throws {
    let event = try #require(try googleEvent(["status": ["code": code]]))
    #expect((event["responseStatus"] as? [String: Any])?["code"] as? Int == expected)
  }

  @Test func `GKE's requester is whoever it names`() throws {
    for field in ["principalEmail", "principalSubject", "authoritySelector"] {
      let event = try #require(try googleEvent(["authenticationInfo": [field: "somebody"]]))
      #expect(event["user"] as? [String: String] == ["username": "somebody"])
    }
  }

  private func googleEvent(_ fields: [String: Any]) throws -> [String: Any]? {
    let payload: [String: Any] = [
      "serviceName": "k8s.io", "methodName": "io.k8s.core.v1.pods.create",
      "resourceName": "core/v1/namespaces/n/pods/p",
      "request": ["@type": "core.k8s.io/v1.Pod", "metadata": ["name": "sent"]],
    ]
    let entry: [String: Any] = ["insertId": "i", "protoPayload": payload.merging(fields) { _, new in new }]
    var sink = UnwrappedSink()
    #expect(Unwrapper().unwrap(try LogJSON.text(entry), into: &sink) == .events)
    return sink.events.first
  }

  @Test(arguments: [
    #"{"event":{"original":EVENT,"kind":"event"},"@timestamp":"t","message":"text"}"#,
    #"{"event":"login","host":"h","message":EVENT}"#,
    #"{"message":"text","log":{"offset":1},"body":EVENT}"#,
    #"[1795452183.5,{"log":EVENT,"stream":"stdout"}]"#,
    #"[[1795452183.5,{}],{"message":EVENT}]"#,
    #"{"jsonPayload":{"message":EVENT},"insertId":"i"}"#,
    #"{"textPayload":EVENT,"insertId":"i"}"#,
    #"{"data":[{"attributes":{"message":EVENT}}]}"#,
    #"{"properties":"{\"log\":\"{}\"}","body":EVENT,"records":[{"properties":{"log":EVENT}}]}"#,
    #"{"records":[{"recordId":"1","data":EVENT}]}"#,
    #"{"short_message":"text","full_message":EVENT}"#,
  ])
  func `the field that holds the event is found among others`(_ text: String) throws {
    let record = text.replacing("EVENT", with: try LogJSON.text(HostileLogs.event))
    var sink = UnwrappedSink()
    #expect(Unwrapper().unwrap(record, into: &sink) == .events)
    #expect(sink.events.count == 1)
    #expect(sink.unreadable.isEmpty)
  }

  // MARK: - Pieces and damage

  @Test func `pieces of a line that Docker split are given back as they were`() throws {
    let unwrapper = Unwrapper()
    var sink = UnwrappedSink()
    for (text, isLast) in [(" {\"kind\": ", false), ("\"Event\"}\n", true), ("\n", true), ("klog text\n", true)] {
      let record = try LogJSON.text(["log": text, "stream": "stdout", "time": "t"])
      #expect(unwrapper.unwrap(record, into: &sink) == .fragment(text: Array(text.utf8), isLast: isLast))
    }
    let partial = try LogJSON.text(["message": "{\"kind\": ", "stream": "stdout", "logtag": "P"])
    #expect(unwrapper.unwrap(partial, into: &sink) == .fragment(text: Array("{\"kind\": ".utf8), isLast: false))
    let full = try LogJSON.text(["log": "1}", "stream": "stdout", "logtag": "F"])
    #expect(unwrapper.unwrap(full, into: &sink) == .fragment(text: Array("1}".utf8), isLast: true))
    let driver = try LogJSON.text(["log": "{", "source": "stdout", "partial_message": "true", "partial_last": "false"])
    #expect(unwrapper.unwrap(driver, into: &sink) == .fragment(text: Array("{".utf8), isLast: false))
    #expect(sink.events.isEmpty && sink.unreadable.isEmpty)
  }

  @Test func `an event that CloudWatch cut is handed on as its beginning`() throws {
    let head = #"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","requestObject":{"a":"b"#
    var sink = UnwrappedSink()
    let unwrapper = Unwrapper()
    let record = try LogJSON.text(["events": [["message": head + "[Truncated...]"]]])
    #expect(unwrapper.unwrap(record, into: &sink) == .events)
    #expect(unwrapper.unwrap(head + "[Truncated...]", into: &sink) == .events)
    #expect(unwrapper.unwrap("{\"a\":\"b[Truncated...]", into: &sink) == .other)
    #expect(sink.cut == [head, head])
  }

  @Test func `an inner event that is cut off is reported, another log's text is not`() throws {
    var sink = UnwrappedSink()
    let unwrapper = Unwrapper()
    let head = #"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Req"#
    #expect(unwrapper.unwrap(try LogJSON.text(["message": head]), into: &sink) == .events)
    #expect(unwrapper.unwrap(try LogJSON.text(["message": "{template} text"]), into: &sink) == .other)
    #expect(sink.unreadable == [.cutOff])
  }

  @Test func `the legacy format is named`() throws {
    let line = #"2026-11-23T16:37:13.8Z AUDIT: id="1" stage="ResponseComplete" ip="::1" method="get""#
    var sink = UnwrappedSink()
    #expect(Unwrapper().unwrap(line, into: &sink) == .events)
    let record = try LogJSON.text(["log": line + "\n", "stream": "stdout"])
    #expect(Unwrapper().unwrap(record, into: &sink) == .events)
    #expect(sink.unreadable == [.legacyFormat, .legacyFormat])
  }
}
