// One fuzzer per parser, chosen by FUZZ_TARGET: any input gives a result or an error, never a crash.

import AuditLog
import CFuzzer
import Evaluation
import Foundation
import JSONDocument
import Manifests
import PolicyFile

/// What an input is fed to.
enum Target: String, CaseIterable {
  case review
  case yaml
  case json
  case audit
  case policy

  static let chosen: Target = {
    let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
    guard let target = Target(rawValue: name) else {
      let names = Target.allCases.map(\.rawValue).joined(separator: ", ")
      preconditionFailure("set FUZZ_TARGET to one of: \(names)")
    }
    return target
  }()

  func run(_ bytes: [UInt8]) {
    switch self {
    case .review: Self.judgeReview(bytes)
    case .json: Self.check(bytes)
    // The marker keeps the input off the JSON path.
    case .yaml: Self.check(Array("--- \n".utf8) + bytes)
    case .audit: Self.replay(bytes)
    case .policy: Self.read(policy: bytes)
    }
  }

  /// Keeps the lines of what a replay finds.
  private struct FoundLines: ReplayHandler, Equatable {
    var lines: [Int] = []

    mutating func receive(_ finding: ReplayFinding) { lines.append(finding.line) }
    mutating func receive(_ compared: ComparedEvent) { lines.append(compared.line) }
  }

  /// A log is replayed twice, with the same outcome, and all that is found lies in it.
  private static func replay(_ bytes: [UInt8]) {
    let outcomes = (0..<2).map { _ in
      let settings = ReplaySettings(policy: Policy(mode: .deny), compares: true, recordBytesMax: 1 << 20)
      let engine = ReplayEngine(settings, handler: FoundLines())
      engine.replay(text: bytes, file: "input")
      return (engine.handler, engine.summary)
    }
    precondition(outcomes[0] == outcomes[1], "the same log was replayed differently")
    let lines = bytes.count { $0 == 0x0A } + 1
    precondition(outcomes[0].0.lines.allSatisfy { (1...lines).contains($0) }, "a finding lies behind the input")
    let places = outcomes[0].1.unreadable + outcomes[0].1.cutLastRecords
    precondition(places.allSatisfy { (0...lines).contains($0.line) }, "a problem lies behind the input")
  }

  /// A policy is read twice, with the same outcome: it can be used, or something is wrong with it at a place it has.
  private static func read(policy bytes: [UInt8]) {
    let now = Timestamp(microseconds: 0)
    let loads = (0..<2).map { _ in PolicyLoad([PolicyText(file: "policy", content: .success(bytes))], at: now) }
    precondition(loads[0].policy == loads[1].policy, "the same policy was read differently")
    precondition((loads[0].policy == nil) == !loads[0].errors.isEmpty, "a policy can be used, or it has errors")
    precondition(loads[0].policy.map { $0.revision.utf8.count == 12 } ?? true, "a policy has a revision")
    let lines = bytes.count { $0 == 0x0A || $0 == 0x0D } + 1
    let problems = loads[0].errors + loads[0].warnings
    precondition(problems.allSatisfy { $0.position?.line ?? 0 <= lines }, "a problem lies behind the input")
  }

  /// A review is judged twice by one parser: the outcome depends on the input alone.
  private static func judgeReview(_ bytes: [UInt8]) {
    let parser = JSONParser()
    let outcomes = (0..<2).map { _ in
      try? parser.withDocument(bytes) { document -> Decision? in
        let time = Timestamp(microseconds: 0)
        guard let request = try? AdmissionRequest(review: document.value(at: document.index), at: time) else {
          return nil
        }
        let decision = try? Evaluator(policy: Policy(mode: .deny)).evaluate(request)
        if let decision {
          let wording = Wording(for: request)
          precondition(
            wording.warnings(decision).allSatisfy { $0.unicodeScalars.count <= 120 },
            "a warning is too long"
          )
          precondition((decision.verdict == .deny) == !wording.denial(decision).isEmpty, "a denial has words")
          precondition(
            decision.riskEvents(for: request).count <= decision.attachments.count,
            "events match attachments"
          )
        }
        return decision
      }
    }
    precondition(outcomes[0] == outcomes[1], "the same review was judged differently")
  }

  /// Every document comes out as JSON that parses, and every finding has a place in the input.
  private static func check(_ bytes: [UInt8]) {
    for document in ManifestText.documents(in: bytes, duplicateKeys: .error) {
      guard case .success(let rendered) = document else { continue }
      let keys = try? JSONParser().withDocument(rendered.json) { root in
        var walker = JSONObjectWalker(root.value(at: root.index))
        var count = 0
        while let object = walker.next() {
          var members = object.members
          while members.next() != nil { count += 1 }
        }
        return count
      }
      precondition(keys == nil || keys == rendered.keyPositions.count, "every key has a position")
    }
    var checker = ManifestChecker(
      policy: Policy(mode: .deny),
      as: UserInfo(username: "", groups: []),
      at: Timestamp(microseconds: 0),
      duplicateKeys: .warn
    )
    checker.check(bytes, file: "input", mustHoldObjects: true)
    let lines = bytes.count { $0 == 0x0A || $0 == 0x0D } + 1
    precondition(checker.result.findings.allSatisfy { $0.position.line <= lines }, "a finding lies behind the input")
  }
}

@main
enum Fuzzer {
  static func main() {
    _ = Target.chosen
    var count = CommandLine.argc
    var arguments = unsafe CommandLine.unsafeArgv as UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    let code = unsafe LLVMFuzzerRunDriver(&count, &arguments) { data, size in
      Target.chosen.run(unsafe Array(UnsafeBufferPointer(start: data, count: size)))
      return 0
    }
    exit(code)
  }
}
