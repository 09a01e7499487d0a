// The offline door: manifests in, findings out, through the same evaluator as the webhook.

package import Evaluation
internal import JSONDocument

/// Sees each request that a checker judges.
package typealias RequestVisitor = (borrowing AdmissionRequest) -> Void

/// Judges manifests.
package struct ManifestChecker {
  private let evaluator: Evaluator
  private let user: UserInfo
  private let namespace: String?
  private let time: Timestamp
  private let duplicateKeys: DuplicateKeyRule
  private let visit: RequestVisitor?
  private let parser = JSONParser(
    bytesMax: ManifestLimits.inputBytesMax + ManifestLimits.aliasExpansionBytesMax,
    levelsMax: JSONLimits.nestingLevelsMax
  )
  /// What was found so far.
  package private(set) var result = CheckResult()

  /// Creates a checker that judges manifests as if `user` created them at `time`.
  ///
  /// - Parameters:
  ///   - namespace: that of manifests that name none.
  ///   - visit: sees each request before it is judged.
  package init(
    policy: Policy,
    as user: UserInfo,
    in namespace: String? = nil,
    at time: Timestamp,
    duplicateKeys: DuplicateKeyRule,
    visit: RequestVisitor? = nil
  ) {
    evaluator = Evaluator(policy: policy)
    self.user = user
    self.namespace = namespace
    self.time = time
    self.duplicateKeys = duplicateKeys
    self.visit = visit
  }

  /// Notes a problem that arose before there was any text.
  package mutating func add(_ problem: InputProblem) { result.unreadable.append(problem) }

  /// Judges every document of one input.
  ///
  /// - Parameter mustHoldObjects: that an input without any Kubernetes object is an error: the user named this very file.
  package mutating func check(_ bytes: [UInt8], file: String, mustHoldObjects: Bool) {
    result.fileCount += 1
    let objectsBefore = result.objectCount
    let problemsBefore = result.unreadable.count
    for document in ManifestText.documents(in: bytes, duplicateKeys: duplicateKeys) {
      switch document {
      case .failure(let error):
        result.unreadable.append(InputProblem(file: file, position: error.position, message: error.message))
      case .success(let rendered):
        for warning in rendered.warnings {
          result.warnings.append(InputProblem(file: file, position: warning.position, message: warning.message))
        }
        check(rendered, file)
      }
    }
    if mustHoldObjects, result.objectCount == objectsBefore, result.unreadable.count == problemsBefore {
      result.unreadable.append(
        InputProblem(file: file, message: "there is no Kubernetes object here: none with apiVersion and kind")
      )
    }
  }

  private mutating func check(_ rendered: RenderedDocument, _ file: String) {
    var document = DocumentCheck(rendered: rendered, file: file, visit: visit)
    do throws(JSONError) {
      try parser.withDocument(rendered.json) { root in
        document.judge(root, evaluator, Requester(user: user, namespace: namespace, time: time))
      }
    } catch {
      document.result.unreadable.append(InputProblem(file: file, position: rendered.start, message: "\(error)"))
    }
    result.findings += document.result.findings
    result.unreadable += document.result.unreadable
    result.objectCount += document.result.objectCount
    result.otherDocumentCount += document.result.otherDocumentCount
  }
}

/// Who would create manifests, where and when.
private struct Requester {
  let user: UserInfo
  let namespace: String?
  let time: Timestamp
}

/// The judging of one document: a review, an object, or a list of objects.
private struct DocumentCheck {
  let rendered: RenderedDocument
  let file: String
  let visit: RequestVisitor?
  var result: CheckResult
  private var keys = JSONKeyCounter()

  init(rendered: RenderedDocument, file: String, visit: RequestVisitor?) {
    self.rendered = rendered
    self.file = file
    self.visit = visit
    result = CheckResult()
  }

  /// An object still to be judged, and what its list says of it.
  private struct Pending {
    let index: Int
    let inherited: GroupVersionKind?
  }

  mutating func judge(_ root: borrowing JSONValue, _ evaluator: Evaluator, _ requester: Requester) {
    // Lists may hold lists: a work list instead of recursion, in the order of the document.
    var pending = [Pending(index: root.index, inherited: nil)]
    while let next = pending.popLast() {
      let object = root.value(at: next.index)
      let items = object.member("items")
      // kubectl creates what is in `items`, whatever the kind says; and other clients the object itself.
      if let items, items.isArray {
        let kind = object.string("kind").map {
          GroupVersionKind(apiVersion: object.string("apiVersion") ?? "", kind: $0)
        }
        pending += Self.pendingItems(of: items, itemKind: kind.flatMap(Self.itemKind)).reversed()
        if kind?.kind.hasSuffix("List") ?? true, object.object("metadata")?.member("name") == nil { continue }
      }
      if AdmissionRequest.isReview(object) {
        judgeReview(object, evaluator, requester.time, root)
      } else if let kind = kind(of: object, inherited: next.inherited, root) {
        let request = AdmissionRequest(
          creating: object,
          kind: kind,
          as: requester.user,
          in: requester.namespace,
          at: requester.time
        )
        judge(request, evaluator, root)
      }
    }
  }

  private mutating func judgeReview(
    _ review: borrowing JSONValue,
    _ evaluator: Evaluator,
    _ time: Timestamp,
    _ root: borrowing JSONValue
  ) {
    do {
      judge(try AdmissionRequest(review: review.value(at: review.index), at: time), evaluator, root)
    } catch {
      problem("\(error)", at: start(of: review, root))
    }
  }

  private mutating func judge(
    _ request: borrowing AdmissionRequest,
    _ evaluator: Evaluator,
    _ root: borrowing JSONValue
  ) {
    result.objectCount += 1
    visit?(request)
    let decision: Decision
    do throws(EvaluationError) {
      decision = try evaluator.evaluate(request)
    } catch {
      problem("\(error)", at: position(of: error, in: request, root))
      return
    }
    let wording = Wording(for: request)
    for judged in decision.attachments {
      result.findings.append(
        Finding(
          file: file,
          position: position(ofKeyAt: judged.keyIndex, root) ?? rendered.start,
          apiVersion: request.kind.apiVersion,
          kind: request.kind.kind,
          namespace: request.namespace,
          name: request.name,
          judged: judged,
          policyRevision: decision.policyRevision,
          message: wording.reason(judged)
        )
      )
    }
  }

  // MARK: - Kinds and lists

  /// The kind of an object, from itself or from its list; nil, with a word about it, when it has none.
  private mutating func kind(
    of object: borrowing JSONValue,
    inherited: GroupVersionKind?,
    _ root: borrowing JSONValue
  ) -> GroupVersionKind? {
    guard object.isObject else {
      problem("a list may only hold objects", at: rendered.start)
      return nil
    }
    switch (object.string("apiVersion"), object.string("kind")) {
    case (let apiVersion?, let kind?): return GroupVersionKind(apiVersion: apiVersion, kind: kind)
    case (let apiVersion, let kind):
      // The items of a PodList and the like leave out what the list says already.
      if let inherited, apiVersion == nil || apiVersion == inherited.apiVersion, kind == nil || kind == inherited.kind {
        return inherited
      }
      if apiVersion == nil, kind == nil, object.index == root.index {
        result.otherDocumentCount += 1
        return nil
      }
      let missing = kind == nil ? "kind" : "apiVersion"
      problem(
        "an object has no \(missing) (a string): kubectl would refuse it; add \(missing)",
        at: start(of: object, root)
      )
      return nil
    }
  }

  private static func pendingItems(of items: borrowing JSONValue, itemKind: GroupVersionKind?) -> [Pending] {
    var pending: [Pending] = []
    var elements = items.elements
    while let element = elements.next() { pending.append(Pending(index: element.index, inherited: itemKind)) }
    return pending
  }

  /// What the items of a typed list are that do not say it themselves: `PodList` holds Pods.
  private static func itemKind(_ list: GroupVersionKind) -> GroupVersionKind? {
    guard list.kind != "List", list.kind.hasSuffix("List") else { return nil }
    return GroupVersionKind(group: list.group, version: list.version, kind: String(list.kind.dropLast("List".count)))
  }

  // MARK: - Positions

  private mutating func problem(_ message: String, at position: SourcePosition) {
    result.unreadable.append(InputProblem(file: file, position: position, message: message))
  }

  private mutating func position(
    of error: EvaluationError,
    in request: borrowing AdmissionRequest,
    _ root: borrowing JSONValue
  ) -> SourcePosition {
    switch error {
    case .hostNetworkNotBoolean(let pointer, _):
      position(ofPointer: pointer, in: request, root) ?? rendered.start
    case .tooManyAttachments, .missingObject:
      rendered.start
    }
  }

  private mutating func position(
    ofPointer pointer: String,
    in request: borrowing AdmissionRequest,
    _ root: borrowing JSONValue
  ) -> SourcePosition? {
    guard let object = request.object, let key = object.keyIndex(ofPointer: pointer) else { return nil }
    return position(ofKeyAt: key, root)
  }

  private mutating func position(ofKeyAt index: Int, _ root: borrowing JSONValue) -> SourcePosition? {
    let ordinal = keys.ordinal(ofKeyAt: index, in: root)
    return rendered.keyPositions.indices.contains(ordinal) ? rendered.keyPositions[ordinal] : nil
  }

  /// Where an object's first key stands, which is the best that is known of where the object does.
  private mutating func start(of object: borrowing JSONValue, _ root: borrowing JSONValue) -> SourcePosition {
    var members = object.members
    guard let first = members.next() else { return rendered.start }
    return position(ofKeyAt: first.key.index, root) ?? rendered.start
  }
}
