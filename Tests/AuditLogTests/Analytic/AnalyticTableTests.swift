// What becomes of the events the search finds: fillnull, stats, rename.

import TestSupport
import Testing

@testable import AuditLog

@Suite struct AnalyticTableTests {
  /// A hit with one value in every field; `changes` gives other values by the field's name.
  private func hit(_ changes: [String: [String]] = [:], groups: [String] = ["devs"]) -> AnalyticHit {
    AnalyticHit(fields: AnalyticSearch.fieldNames.map { changes[$0] ?? ["x"] }, userGroups: groups)
  }

  private func table(_ hits: AnalyticHit...) -> AnalyticTable {
    var table = AnalyticTable()
    for hit in hits { table.add(hit) }
    return table
  }

  private func column(_ name: String, _ table: AnalyticTable) throws -> [String] {
    let place = try #require(AnalyticSearch.fieldNames.firstIndex(of: name))
    return table.rows().map { $0.values[place] }
  }

  @Test func `columns are the by-fields, renamed, then the count and the groups`() {
    #expect(
      AnalyticTable.columns == [
        "kind", "objectRef.name", "objectRef.namespace", "objectRef.resource", "requestObject.kind",
        "responseStatus.code", "src_ip", "stage", "user", "userAgent", "verb",
        "requestObject.metadata.annotations.kubectl.kubernetes.io/last-applied-configuration", "count", "user_groups",
      ]
    )
  }

  @Test func `without events there are no rows, and no field is missed`() {
    #expect(table().rows().isEmpty)
    #expect(table().absentFields.isEmpty)
  }

  @Test func `events with the same values are one row with their count`() {
    let rows = table(hit(), hit(), hit(["verb": ["update"]])).rows()
    #expect(rows.map(\.count) == [1, 2])
  }

  @Test func `a field that another event has, earlier or later, is filled with 0`() throws {
    let without = hit(["objectRef.name": []])
    #expect(try column("objectRef.name", table(without, hit())) == ["0", "x"])
    #expect(try column("objectRef.name", table(hit(), without)) == ["0", "x"])
  }

  @Test func `a field that no event has drops every row, and is named`() {
    let table = table(hit(["objectRef.name": [], "responseStatus.code": []]), hit(["objectRef.name": []]))
    #expect(table.rows().isEmpty)
    #expect(table.absentFields == ["objectRef.name"])
  }

  @Test func `a filled value and a real 0 are one row`() {
    let rows = table(hit(["objectRef.name": []], groups: ["a"]), hit(["objectRef.name": ["0"]], groups: ["b"])).rows()
    #expect(rows.map(\.count) == [2])
    #expect(rows.map(\.userGroups) == [["a", "b"]])
  }

  @Test func `several values make a row for each combination`() throws {
    let rows = table(hit(["sourceIPs{}": ["1", "2"], "verb": ["create", "update", "x"]])).rows()
    #expect(rows.map(\.count) == Array(repeating: 1, count: 6))
    #expect(
      rows.map { [$0.values[6], $0.values[10]] } == [
        ["1", "create"], ["1", "update"], ["1", "x"], ["2", "create"], ["2", "update"], ["2", "x"],
      ]
    )
  }

  @Test func `a value that an event repeats counts each time`() {
    #expect(table(hit(["sourceIPs{}": ["1", "2", "1"]])).rows().map(\.count) == [2, 1])
    #expect(table(hit(["sourceIPs{}": ["1", "1"], "verb": ["v", "v", "v"]])).rows().map(\.count) == [6])
  }

  @Test func `values are told apart by their bytes: case, and forms that Unicode calls equal`() throws {
    let names = ["Alice", "alice", "\u{E9}", "e\u{301}", ""]
    var table = AnalyticTable()
    for name in names { table.add(hit(["user.username": [name]])) }
    let sorted = ["", "Alice", "alice", "e\u{301}", "\u{E9}"].map { Array($0.utf8) }
    #expect(try column("user.username", table).map { Array($0.utf8) } == sorted)
  }

  @Test func `rows come in the order of their bytes, the first field first`() throws {
    var table = AnalyticTable()
    for value in ["9", "a", "10", "\u{1F600}", "A", "100", "\u{FF5E}", "70", "a\u{0}"] {
      table.add(hit(["kind": [value]]))
    }
    #expect(try column("kind", table) == ["10", "100", "70", "9", "A", "a", "a\u{0}", "\u{FF5E}", "\u{1F600}"])
    let two = self.table(hit(["kind": ["b"], "verb": ["1"]]), hit(["kind": ["a"], "verb": ["2"]]))
    #expect(try column("kind", two) == ["a", "b"])
  }

  @Test func `groups are distinct and in the order of their bytes`() {
    let table = table(
      hit(groups: ["9", "devs", "10", "devs"]),
      hit(groups: ["Devs", "100", "70"]),
      hit(groups: ["9"])
    )
    #expect(table.rows().map(\.userGroups) == [["10", "100", "70", "9", "Devs", "devs"]])
  }

  @Test func `an event without groups has 0 when another has groups, and none otherwise`() {
    let alone = hit(groups: [])
    #expect(table(alone).rows().map(\.userGroups) == [[]])
    #expect(table(alone, hit(["kind": ["y"]], groups: ["a"])).rows().map(\.userGroups) == [["0"], ["a"]])
    #expect(table(alone, hit(groups: ["a"])).rows().map(\.userGroups) == [["0", "a"]])
    #expect(table(hit(groups: ["a"]), alone).absentFields.isEmpty)
  }

  @Test func `rows that share nothing with the row before have groups of their own`() {
    var table = AnalyticTable()
    for number in 0..<500 {
      table.add(hit(["kind": ["\(1_000 + number % 250)"]], groups: ["\(number % 3)", "\(number % 7)"]))
    }
    let expected = (0..<250).map { row in
      Set([row, row + 250].flatMap { ["\($0 % 3)", "\($0 % 7)"] }).sorted()
    }
    #expect(table.rows().map(\.userGroups) == expected)
  }

  @Test func `one event makes a bounded number of rows, and the rest is counted`() {
    let values = (0..<150).map { "\($0)" }
    let table = table(hit(["sourceIPs{}": values, "verb": values]))
    #expect(table.rows().count == AuditLogLimits.analyticCombinationsMax)
    #expect(table.omissions.combinations == 150 * 150 - AuditLogLimits.analyticCombinationsMax)
    let all = hit(Dictionary(uniqueKeysWithValues: AnalyticSearch.fieldNames.map { ($0, values) }))
    #expect(self.table(all, all).omissions.combinations == .max)
  }

  @Test func `a full table leaves further events out, and counts them`() {
    var table = AnalyticTable(bytesMax: 10_000)
    for number in 0..<1_000 { table.add(hit(["kind": ["\(number)"]])) }
    let rows = table.rows().count
    #expect(rows > 10 && rows < 1_000)
    #expect(table.omissions.events == 1_000 - rows)
    #expect(!table.omissions.isEmpty)
  }

  @Test func `rows are handed on one by one as they are in the list`() {
    var generator = AnalyticEventGenerator(seed: 0)
    guard let table = try? AnalyticTable.of(generator.lines(500)) else { return }
    var rows: [AnalyticRow] = []
    table.forEachRow { rows.append($0) }
    #expect(rows == table.rows() && !rows.isEmpty)
  }
}

@Suite struct InternedBytesTests {
  @Test(arguments: 0..<4)
  func `each text is kept once, found again, and ranked by its bytes`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var interned = InternedBytes()
    var numbers: [[UInt8]: UInt32] = [:]
    for _ in 0..<3_000 {
      // Few letters, so that many are equal or begin alike; now and then one longer than a chunk, or none.
      let length = Int.random(in: 0..<100, using: &generator) == 0 ? 300_000 : Int.random(in: 0...5, using: &generator)
      let letter = ["a", "b", "é"].randomElement(using: &generator) ?? ""
      let text = String(repeating: letter, count: length) + "\(Int.random(in: 0..<300, using: &generator))"
      let bytes = Array(text.utf8)
      let number = interned.intern(text)
      #expect(numbers[bytes] ?? UInt32(numbers.count) == number)
      numbers[bytes] = number
    }
    #expect(interned.count == numbers.count)
    let ranks = interned.ranks()
    let sorted = numbers.keys.sorted { $0.lexicographicallyPrecedes($1) }
    for (rank, bytes) in sorted.enumerated() {
      guard let number = numbers[bytes] else { continue }
      #expect(ranks[Int(number)] == UInt32(rank))
      #expect(Array(interned.text(number).utf8) == bytes)
    }
  }

  @Test func `a copy goes its own way`() {
    var first = InternedBytes()
    _ = first.intern("a")
    var second = first
    #expect(first.intern("b") == 1)
    #expect(second.intern("c") == 1)
    #expect(first.text(1) == "b" && second.text(1) == "c")
  }

  @Test func `lists of numbers come back as they were`() {
    var interned = InternedBytes()
    for list in [[], [1], [1, .max, 0]] as [[UInt32]] {
      let number = interned.intern(list).number
      #expect(interned.numbers(number) == list)
      #expect(interned.intern(list) == (number, false))
    }
    #expect(interned.element(1, of: 2) == .max)
  }
}
