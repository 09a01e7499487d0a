// A dictionary that forgets what has not been looked at for long, so that what never ends stays small.

/// Entries in two generations: when the younger is full, the older is forgotten and the younger takes its place.
package struct RecentEntries<Key: Hashable, Value> {
  private let entriesMax: Int
  private var young: [Key: Value] = [:]
  private var old: [Key: Value] = [:]

  /// Remembers at least half as many entries as `entriesMax`, and never more.
  package init(entriesMax: Int) { self.entriesMax = entriesMax }

  /// An entry; looking at it keeps it.
  package subscript(key: Key) -> Value? {
    mutating get {
      if let value = young[key] { return value }
      guard let value = old.removeValue(forKey: key) else { return nil }
      insert(value, for: key)
      return value
    }
    set {
      old[key] = nil
      if let newValue { insert(newValue, for: key) } else { young[key] = nil }
    }
  }

  private mutating func insert(_ value: Value, for key: Key) {
    if young.count >= entriesMax / 2 {
      old = young
      young = [:]
    }
    young[key] = value
  }
}

extension RecentEntries: Sendable where Key: Sendable, Value: Sendable {}
