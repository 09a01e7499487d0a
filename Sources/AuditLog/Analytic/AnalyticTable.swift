// The result of the search: `fillnull | stats count, values(user.groups{}) by ... | rename`.

/// Collects what the search finds; one entry for each combination of values, in little more than their own space.
///
/// `fillnull` puts `0` where an event lacks a field that another event has, wherever in the log that one stands. A
/// by-field that no event has costs all rows, so a by-field is either filled or of no account, and is filled at once.
/// Whether groups are filled is known only at the end.
package struct AnalyticTable: Sendable {
  /// The columns after the renames, in Splunk's order.
  package static let columns =
    AnalyticSearch.fieldNames.map { renames[$0] ?? $0 } + ["count", "user_groups"]

  private static let renames = ["sourceIPs{}": "src_ip", "user.username": "user"]

  /// The number of `fillnull`'s value among the texts.
  static let filling: UInt32 = 0

  /// What is left out of the rows.
  package private(set) var omissions = AnalyticOmissions()

  /// All values of all fields; the first is `0`.
  private(set) var texts = InternedBytes()
  /// Combinations of values: for each field the number of a text.
  private(set) var combinations = InternedBytes()
  /// Lists of groups: numbers of texts, distinct, in the order in which the texts came.
  private(set) var groupLists = InternedBytes()
  /// For each combination, how often it occurs.
  private(set) var counts: [Int] = []
  /// For each combination, the list of groups that it first occurs with.
  private(set) var firstGroupLists: [UInt32] = []
  /// Further lists of groups: the combination in the upper half, the list in the lower.
  private(set) var otherGroupLists: Set<UInt64> = []
  /// Whether an event has groups.
  private(set) var hasGroups = false

  private var isPresent = [Bool](repeating: false, count: AnalyticSearch.fieldNames.count)
  private let bytesMax: Int

  /// Creates a table of nothing.
  package init() { self.init(bytesMax: AuditLogLimits.analyticTableBytes) }

  /// Creates a table that is full at `bytesMax` bytes.
  init(bytesMax: Int) {
    self.bytesMax = bytesMax
    _ = texts.intern("0")
  }

  /// The by-fields that no event has, which `fillnull` therefore does not fill.
  ///
  /// `stats` drops an event that lacks a by-field: when this is not empty, there are no rows.
  package var absentFields: [String] {
    guard !counts.isEmpty else { return [] }
    return zip(AnalyticSearch.fieldNames, isPresent).filter { !$0.1 }.map(\.0)
  }

  /// Adds an event.
  package mutating func add(_ hit: AnalyticHit) {
    precondition(hit.fields.count == isPresent.count, "a hit has the fields of the search")
    guard bytesInUse < bytesMax else {
      omissions.events += 1
      return
    }
    omissions.values += hit.leftOutValues
    let groups = internGroups(hit.userGroups)
    var values: [[UInt32]] = []
    values.reserveCapacity(hit.fields.count)
    for (place, field) in hit.fields.enumerated() {
      if !field.isEmpty { isPresent[place] = true }
      values.append(field.isEmpty ? [Self.filling] : field.map { texts.intern($0) })
    }
    addCombinations(of: values, groups: groups)
  }

  private var bytesInUse: Int {
    texts.bytesInUse + combinations.bytesInUse + groupLists.bytesInUse + counts.count * 12 + otherGroupLists.count * 16
  }

  private mutating func internGroups(_ groups: [String]) -> UInt32 {
    if !groups.isEmpty { hasGroups = true }
    return groupLists.intern(Set(groups.map { texts.intern($0) }).sorted()).number
  }

  /// Adds each combination of values, up to the bound; a value that an event repeats counts each time.
  private mutating func addCombinations(of values: [[UInt32]], groups: UInt32) {
    var left = Self.product(values.map(\.count))
    if left > AuditLogLimits.analyticCombinationsMax {
      let leftOut = left - AuditLogLimits.analyticCombinationsMax
      let (sum, overflow) = omissions.combinations.addingReportingOverflow(leftOut)
      omissions.combinations = overflow ? .max : sum
      left = AuditLogLimits.analyticCombinationsMax
    }
    var places = [Int](repeating: 0, count: values.count)
    var combination = values.map { $0[0] }
    while left > 0 {
      add(combination, groups: groups)
      left -= 1
      // The next combination, as an odometer counts: the last field turns fastest.
      var field = values.count - 1
      while field >= 0 {
        places[field] += 1
        if places[field] == values[field].count { places[field] = 0 }
        combination[field] = values[field][places[field]]
        if places[field] > 0 { break }
        field -= 1
      }
    }
  }

  private mutating func add(_ combination: [UInt32], groups: UInt32) {
    let (number, isNew) = combinations.intern(combination)
    if isNew {
      counts.append(1)
      firstGroupLists.append(groups)
      return
    }
    counts[Int(number)] += 1
    if firstGroupLists[Int(number)] != groups { otherGroupLists.insert(UInt64(number) << 32 | UInt64(groups)) }
  }

  private static func product(_ counts: [Int]) -> Int {
    var product = 1
    for count in counts {
      let (next, overflow) = product.multipliedReportingOverflow(by: count)
      if overflow { return .max }
      product = next
    }
    return product
  }
}
