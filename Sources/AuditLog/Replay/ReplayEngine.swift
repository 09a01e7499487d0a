// Decides what was observed, in the order of the log.

package import Evaluation
internal import JSONDocument

/// What a replay finds, as it finds it.
package protocol ReplayHandler {
  /// A request with attachments, and its verdict.
  mutating func receive(_ finding: ReplayFinding)
  /// An event that only one of the two semantics finds.
  mutating func receive(_ compared: ComparedEvent)
}

/// Decides what was observed; one for a whole replay, on one thread.
package final class ReplayEngine<Handler: ReplayHandler> {
  package var handler: Handler
  /// What is known so far.
  package private(set) var summary: ReplaySummary
  /// The rows of the Splunk search so far.
  package private(set) var table = AnalyticTable()

  let settings: ReplaySettings
  private var evaluator: Evaluator
  private let unwrapper: Unwrapper
  private var assembled: ObservationSink
  private var current: FileState
  private var history = ObjectHistory()
  private var riskSoFar = CountedRisk()
  private var deliveries = RecentEntries<ObjectKey, Void>(entriesMax: AuditLogLimits.rememberedEventsMax)

  /// Creates an engine that hands what it finds to `handler`.
  package init(_ settings: ReplaySettings, handler: Handler) {
    self.settings = settings
    self.handler = handler
    evaluator = Evaluator(policy: settings.policy)
    summary = ReplaySummary(policy: settings.policy)
    summary.isFiltered = !settings.filter.isEmpty
    summary.isShard = settings.isShard
    unwrapper = Unwrapper(recordBytesMax: settings.recordBytesMax)
    assembled = ObservationSink(EventObserver(settings))
    current = FileState(name: "", recordBytesMax: settings.recordBytesMax)
  }

  /// Judges by another policy from now on; what is remembered of objects stays.
  package func adopt(_ policy: Policy) {
    evaluator = Evaluator(policy: policy)
    assembled.adopt(policy)
  }

  // MARK: - Reading

  /// How far a file was read.
  struct FileState {
    /// As reports name it.
    let name: String
    /// Lines before the segment at hand.
    var linesBefore = 0
    var assembler: RecordAssembler

    init(name: String, recordBytesMax: Int) {
      self.name = name
      assembler = RecordAssembler(recordBytesMax: recordBytesMax)
    }
  }

  /// Begins a file.
  package func begin(file: String) {
    summary.files += 1
    current = FileState(name: file, recordBytesMax: settings.recordBytesMax)
  }

  /// Counts files that are read side by side.
  func countFiles(_ count: Int) { summary.files += count }

  /// Begins the file at hand anew: another one has its name now.
  func restartFile() { current = FileState(name: current.name, recordBytesMax: settings.recordBytesMax) }

  /// Goes on with another file, and gives back how far the one at hand was read.
  func exchange(_ file: inout FileState) { swap(&current, &file) }

  /// Takes what scanning the next segment of the file gave.
  func apply(_ result: SegmentResult) {
    add(counts: result)
    for item in result.items {
      switch item {
      case .irregular(let line): assemble(line)
      default:
        settle()
        apply(item, linesBefore: current.linesBefore)
      }
    }
    if result.endsInWholeLines { settle() }
    current.linesBefore += result.lines
    summary.lines += result.lines
  }

  /// Ends the file.
  package func endFile() {
    isAtEnd = true
    current.assembler.finish(with: unwrapper, into: &assembled)
    applyAssembled()
    isAtEnd = false
  }

  private var isAtEnd = false

  /// Reports a file, or the rest of it, that cannot be read.
  package func receive(problem: String, with file: String) {
    summary.unreadableCount += 1
    guard summary.unreadable.count < ReplaySummary.placesMax else { return }
    summary.unreadable.append(UnreadablePlace(file: file, line: 0, message: problem))
  }

  /// Counts bytes that were read.
  package func add(bytes: Int) { summary.bytes += bytes }

  /// Reads one whole record; false when it holds no audit event.
  ///
  /// It is read in place when the array has `JSONParser.paddingBytes` of spare capacity.
  package func read(record: [UInt8]) -> Bool {
    let outcome = unsafe record.withUnsafeBytes { bytes in
      let isPadded = record.capacity - record.count >= JSONParser.paddingBytes
      return unsafe unwrapper.unwrap(bytes, padded: isPadded, into: &assembled)
    }
    applyAssembled()
    return outcome == .events
  }

  /// Ends what was pending in the assembler, as whole lines stand behind it.
  private func settle() {
    guard current.assembler.isMidValue else { return }
    current.assembler.passWholeLines(with: unwrapper, into: &assembled)
    applyAssembled()
  }

  private func assemble(_ line: IrregularLine) {
    if line.followsWholeLines { settle() }
    let number = current.linesBefore + line.line
    unsafe line.bytes.withUnsafeBytes { bytes in
      unsafe current.assembler.add(
        line: bytes,
        number: number,
        endsLine: line.endsLine,
        with: unwrapper,
        into: &assembled
      )
    }
    applyAssembled()
  }

  /// Decides what the assembler put together; its lines are counted from the beginning of the file.
  private func applyAssembled() {
    let result = assembled.result
    assembled.result = SegmentResult()
    add(counts: result)
    for item in result.items { apply(item, linesBefore: 0) }
  }

  private func add(counts result: SegmentResult) {
    summary.coverage.add(result.coverage)
    summary.otherRecords += result.otherRecords
    for time in [result.firstTime, result.lastTime] { extend(to: time) }
  }

  private func extend(to time: Timestamp?) {
    guard let time, time.microseconds > 0 else { return }
    summary.firstEvent = min(summary.firstEvent ?? time, time)
    summary.lastEvent = max(summary.lastEvent ?? time, time)
  }

  private func apply(_ item: SegmentItem, linesBefore: Int) {
    switch item {
    case .change(let change): history.apply(change)
    case .event(let event): decide(event, line: linesBefore + event.line)
    case .unreadable(let line, let reason): note(reason, line: linesBefore + line)
    case .irregular: break
    }
  }

  private func note(_ reason: UnreadableReason, line: Int) {
    let place = UnreadablePlace(file: current.name, line: line, message: reason.description)
    if isAtEnd, reason == .cutOff {
      if summary.cutLastRecords.count < ReplaySummary.placesMax { summary.cutLastRecords.append(place) }
      return
    }
    summary.unreadableCount += 1
    if summary.unreadable.count < ReplaySummary.placesMax { summary.unreadable.append(place) }
  }

  // MARK: - Deciding

  private func decide(_ event: ObservedEvent, line: Int) {
    extend(to: event.facts.time)
    let isWanted = settings.filter.matches(event)
    // Splunk counts an event as often as it was delivered, and so does its table.
    if isWanted, let hit = event.hit, !settings.compares { table.add(hit) }
    guard isFirstDelivery(event) else {
      if settings.semantics == .hostfence { summary.duplicates += 1 }
      return
    }
    if let gap = event.gap {
      if isWanted { summary.coverage.count(gap, isCustom: event.isCustomGap) }
      if let object = event.object { history.apply(ObjectChange(object: object, kind: .unknown)) }
    }
    let decision = event.write.map { decide($0, event) }
    guard isWanted else { return }
    if let decision { summary.count(decision.decision.attachments) }
    let finding = decision.flatMap { $0.decision.isRecorded ? self.finding($0, event, line: line) : nil }
    if let finding { summary.count(finding) }
    if settings.compares {
      compare(event, finding, line: line)
    } else if let finding, settings.semantics == .hostfence {
      handler.receive(finding)
    }
  }

  private func isFirstDelivery(_ event: ObservedEvent) -> Bool {
    guard let delivery = event.delivery else { return true }
    guard deliveries[delivery] == nil else { return false }
    deliveries[delivery] = ()
    return true
  }

  private struct Decided {
    let write: ObservedEvent.Write
    let subject: RequestSubject
    let previous: ReplayFinding.Previous
    let decision: Decision
  }

  private func decide(_ write: ObservedEvent.Write, _ event: ObservedEvent) -> Decided {
    let facts = event.facts
    let subject = RequestSubject(
      uid: facts.auditID,
      time: facts.time,
      operation: write.operation,
      subresource: facts.subresource,
      isDryRun: write.outcome == .dryRun,
      kind: write.kind,
      namespace: facts.namespace,
      name: write.objectName,
      generateName: write.generateName,
      controller: write.owner,
      objectUID: write.objectUID,
      user: facts.user,
      // The last address is the peer of the API server; those before it are what the client claims.
      sourceIP: write.sourceIPs.last
    )
    let (previous, knowledge) = previousObject(write, event.object)
    let decision = evaluator.decide(
      write.located,
      of: subject,
      previous: previous,
      isMirrorPod: write.isMirrorPod,
      riskSoFar: { riskSoFar.risk(of: $0, at: $1, windowSeconds: $2) }
    )
    if evaluator.policy.risk.escalation != nil {
      for event in decision.riskEvents(for: subject) { riskSoFar.add(event) }
    }
    if let object = event.object, write.outcome == .written {
      history.remember(object, write.located, isBeingDeleted: write.isBeingDeleted)
    }
    return Decided(write: write, subject: subject, previous: knowledge, decision: decision)
  }

  private func finding(_ decided: Decided, _ event: ObservedEvent, line: Int) -> ReplayFinding {
    let write = decided.write
    let wording = Wording(for: decided.subject)
    return ReplayFinding(
      file: current.name,
      line: line,
      verb: event.facts.verb,
      subject: decided.subject,
      impersonator: write.impersonator,
      sourceIPs: write.sourceIPs,
      userAgent: write.userAgent,
      responseCode: event.facts.responseCode,
      outcome: write.outcome,
      evidence: write.evidence,
      previous: decided.previous,
      decision: decided.decision,
      reasons: decided.decision.attachments.map { wording.reason($0) },
      generateName: event.facts.name.isEmpty && !write.generateName.isEmpty ? write.generateName : nil
    )
  }

  private func previousObject(
    _ write: ObservedEvent.Write,
    _ object: ObjectKey?
  ) -> (PreviousObject?, ReplayFinding.Previous) {
    guard write.operation == .update else { return (nil, .none) }
    if let object, var previous = history.previous(object) {
      previous.isBeingDeleted = previous.isBeingDeleted || write.isBeingDeleted
      return (previous, .known)
    }
    guard write.proof != .nothing else { return (nil, .unknown) }
    let previous = PreviousObject(
      write.located,
      isBeingDeleted: write.isBeingDeleted,
      podSpecsAreKnown: write.proof == .sameSpec
    )
    return (previous, .known)
  }

  // MARK: - Comparing

  /// Why Hostfence reports nothing of an attachment that it saw.
  private var notFoundWords: String {
    summary.isOff
      ? "with the mode off nothing is judged" : "an object that is being deleted may keep what it had"
  }

  private func compare(_ event: ObservedEvent, _ finding: ReplayFinding?, line: Int) {
    let isHit = event.hit != nil
    guard isHit != (finding != nil) else { return }
    handler.receive(
      ComparedEvent(
        onlyIn: isHit ? .splunk : .hostfence,
        why: event.explanation ?? notFoundWords,
        file: current.name,
        line: line,
        auditID: event.facts.auditID,
        time: event.facts.time,
        user: event.facts.user.username,
        verb: event.facts.verb,
        resource: event.facts.qualifiedResource,
        namespace: event.facts.namespace,
        name: finding?.subject.name ?? event.facts.name,
        responseCode: event.facts.responseCode
      )
    )
  }
}
