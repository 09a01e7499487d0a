// Remembers the keys of the objects that are open, to find duplicates.

/// The keys of every open object, innermost last.
///
/// Narrow objects compare fingerprints one after the other; a wide object gets a hash table, seeded by the standard
/// library, so that neither a large ConfigMap nor a hostile input takes quadratic time.
struct ObjectKeys {
  /// One key of an open object.
  struct Entry {
    fileprivate let fingerprint: UInt64
    fileprivate let keyStart: Int
    fileprivate let keyEnd: Int
    /// Where the member begins in the text that is being written or read.
    let textStart: Int
    /// The index of the key's position.
    let positionIndex: Int
    /// Whether the member came through a merge key.
    let isMerged: Bool
  }

  private struct Scope {
    let entriesStart: Int
    let bytesStart: Int
    var latest: [[UInt8]: Int]?
  }

  private(set) var entries: [Entry] = []
  private var keyBytes: [UInt8] = []
  private var scopes: [Scope] = []

  /// Begins an object.
  mutating func openObject() {
    scopes.append(Scope(entriesStart: entries.count, bytesStart: keyBytes.count, latest: nil))
  }

  /// Forgets the keys of the innermost object.
  mutating func closeObject() {
    guard let scope = scopes.popLast() else { return }
    entries.removeSubrange(scope.entriesStart...)
    keyBytes.removeSubrange(scope.bytesStart...)
  }

  /// Forgets everything.
  mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
    keyBytes.removeAll(keepingCapacity: true)
    scopes.removeAll(keepingCapacity: true)
  }

  /// Adds a key to the innermost object; the index of the latest entry with the same key, if there is one.
  mutating func add(_ key: Span<UInt8>, textStart: Int, positionIndex: Int, isMerged: Bool = false) -> Int? {
    var fingerprint: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a's offset basis and, below, prime.
    let keyStart = keyBytes.count
    for index in key.indices {
      let byte = key[index]
      fingerprint = (fingerprint ^ UInt64(byte)) &* 0x100_0000_01B3
      keyBytes.append(byte)
    }
    let entry = Entry(
      fingerprint: fingerprint,
      keyStart: keyStart,
      keyEnd: keyBytes.count,
      textStart: textStart,
      positionIndex: positionIndex,
      isMerged: isMerged
    )
    let previous = latestEntry(equalTo: entry)
    entries.append(entry)
    return previous
  }

  private mutating func latestEntry(equalTo entry: Entry) -> Int? {
    guard let scope = scopes.indices.last else { return nil }
    let first = scopes[scope].entriesStart
    if scopes[scope].latest == nil {
      if entries.count - first < ManifestLimits.keysComparedLinearlyMax {
        return (first..<entries.count).last { isSameKey(entries[$0], entry) }
      }
      var latest: [[UInt8]: Int] = [:]
      for index in first..<entries.count {
        latest[Array(keyBytes[entries[index].keyStart..<entries[index].keyEnd])] = index
      }
      scopes[scope].latest = latest
    }
    return scopes[scope].latest?.updateValue(entries.count, forKey: Array(keyBytes[entry.keyStart..<entry.keyEnd]))
  }

  private func isSameKey(_ left: Entry, _ right: Entry) -> Bool {
    guard left.fingerprint == right.fingerprint, left.keyEnd - left.keyStart == right.keyEnd - right.keyStart else {
      return false
    }
    return (0..<left.keyEnd - left.keyStart).allSatisfy {
      keyBytes[left.keyStart + $0] == keyBytes[right.keyStart + $0]
    }
  }
}
