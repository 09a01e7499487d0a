// From the collected combinations to rows: sorted, with their groups.

extension AnalyticTable {
  /// The rows after `fillnull`, `stats` and `rename`, sorted by the by-fields in the order of their bytes.
  package func rows() -> [AnalyticRow] {
    var rows: [AnalyticRow] = []
    rows.reserveCapacity(absentFields.isEmpty ? counts.count : 0)
    forEachRow { rows.append($0) }
    return rows
  }

  /// Hands on one row after the other, as above, without holding them all as text.
  package func forEachRow(_ body: (AnalyticRow) -> Void) {
    guard absentFields.isEmpty else { return }
    let ranks = texts.ranks()
    let otherLists = otherGroupLists.sorted()
    var groups = GroupColumn(table: self, ranks: ranks)
    let sorted = (0..<UInt32(counts.count)).sorted { precedes($0, $1, ranks) }
    for combination in sorted {
      var lists = [firstGroupLists[Int(combination)]]
      Self.appendLists(of: combination, from: otherLists, to: &lists)
      body(
        AnalyticRow(
          values: combinations.numbers(combination).map { texts.text($0) },
          count: counts[Int(combination)],
          userGroups: groups.cell(lists)
        )
      )
    }
  }

  /// Whether the row of a combination comes before that of another.
  private func precedes(_ left: UInt32, _ right: UInt32, _ ranks: [UInt32]) -> Bool {
    for field in AnalyticSearch.fieldNames.indices {
      let first = ranks[Int(combinations.element(field, of: left))]
      let second = ranks[Int(combinations.element(field, of: right))]
      if first != second { return first < second }
    }
    return false
  }

  /// Finds the further lists of a combination among all of them, which are sorted.
  private static func appendLists(of combination: UInt32, from sorted: [UInt64], to lists: inout [UInt32]) {
    let key = UInt64(combination) << 32
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = low + (high - low) / 2
      if sorted[middle] < key { low = middle + 1 } else { high = middle }
    }
    while low < sorted.count, sorted[low] >> 32 == UInt64(combination) {
      lists.append(UInt32(truncatingIfNeeded: sorted[low]))
      low += 1
    }
  }
}

/// Makes the column `user_groups`; rows with the same lists of groups share its text.
private struct GroupColumn {
  let table: AnalyticTable
  let ranks: [UInt32]
  private var lists: [UInt32] = []
  private var texts: [String] = []

  init(table: AnalyticTable, ranks: [UInt32]) {
    self.table = table
    self.ranks = ranks
  }

  /// The distinct values of a few lists; an event without groups gives `fillnull`'s value when another has groups.
  mutating func cell(_ lists: [UInt32]) -> [String] {
    guard lists != self.lists else { return texts }
    self.lists = lists
    var groups: Set<UInt32> = []
    for list in lists {
      let members = table.groupLists.numbers(list)
      groups.formUnion(members)
      if members.isEmpty, table.hasGroups { groups.insert(AnalyticTable.filling) }
    }
    texts = groups.sorted { ranks[Int($0)] < ranks[Int($1)] }.map { table.texts.text($0) }
    return texts
  }
}
