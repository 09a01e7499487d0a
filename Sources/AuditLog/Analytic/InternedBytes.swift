// Distinct byte strings in little more than their own space.

internal import Glibc

/// Keeps each byte string once and numbers them from 0 in the order they come.
///
/// The bytes lie in chunks, as one growing array would need three times its size whenever it grows. The hash is the
/// standard library's, keyed at random for each process, so nobody who writes logs can aim at collisions.
@safe
struct InternedBytes: Sendable {
  private struct Place {
    var chunk: UInt32
    var offset: UInt32
    var count: UInt32
    var hash: UInt32
  }

  /// Bytes of a chunk; a longer string has a chunk to itself.
  private static let chunkBytes = 256 << 10

  private var chunks: [[UInt8]] = []
  private var places: [Place] = []
  /// By hash: the number of a string plus one, or 0; the count is a power of two, and a quarter at least is 0.
  private var slots = [UInt32](repeating: 0, count: 16)
  private var textBytes = 0

  /// How many there are.
  var count: Int { places.count }

  /// Bytes in use, within a few percent.
  var bytesInUse: Int { textBytes + places.count * (MemoryLayout<Place>.stride + 6) }

  /// The number of a byte string, kept from now on, and whether it is new; each is shorter than 4 GiB.
  mutating func intern(_ bytes: UnsafeRawBufferPointer) -> (number: UInt32, isNew: Bool) {
    var hasher = Hasher()
    unsafe hasher.combine(bytes: bytes)
    let hash = UInt32(truncatingIfNeeded: hasher.finalize())
    var slot = Int(hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let number = slots[slot] - 1
      if places[Int(number)].hash == hash, unsafe compare(number, bytes) == 0 { return (number, false) }
      slot = (slot + 1) & (slots.count - 1)
    }
    let number = UInt32(places.count)
    unsafe store(bytes, hash: hash)
    slots[slot] = number + 1
    if places.count * 4 > slots.count * 3 { growSlots() }
    return (number, true)
  }

  /// Interns the bytes of a text.
  mutating func intern(_ text: String) -> UInt32 {
    var text = text
    return text.withUTF8 { bytes in unsafe intern(UnsafeRawBufferPointer(bytes)).number }
  }

  /// Interns a list of numbers.
  mutating func intern(_ numbers: [UInt32]) -> (number: UInt32, isNew: Bool) {
    unsafe numbers.withUnsafeBytes { unsafe intern($0) }
  }

  /// A byte string as text.
  func text(_ number: UInt32) -> String {
    unsafe withBytes(number) { unsafe String(decoding: $0, as: UTF8.self) }
  }

  /// A byte string that was interned as a list of numbers.
  func numbers(_ number: UInt32) -> [UInt32] {
    unsafe withBytes(number) { bytes in
      stride(from: 0, to: bytes.count, by: 4).map { unsafe bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self) }
    }
  }

  /// One number of a byte string that was interned as a list of them.
  func element(_ place: Int, of number: UInt32) -> UInt32 {
    unsafe withBytes(number) { unsafe $0.loadUnaligned(fromByteOffset: place * 4, as: UInt32.self) }
  }

  /// For each number its place in the order of the byte strings.
  func ranks() -> [UInt32] {
    let sorted = (0..<UInt32(places.count)).sorted { left, right in
      unsafe withBytes(right) { unsafe compare(left, $0) } < 0
    }
    var ranks = [UInt32](repeating: 0, count: sorted.count)
    for (rank, number) in sorted.enumerated() { ranks[Int(number)] = UInt32(rank) }
    return ranks
  }

  // MARK: - Storage

  private func withBytes<Result>(_ number: UInt32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let place = places[Int(number)]
    let start = Int(place.offset)
    return unsafe chunks[Int(place.chunk)].withUnsafeBytes { chunk in
      unsafe body(UnsafeRawBufferPointer(rebasing: chunk[start..<start + Int(place.count)]))
    }
  }

  /// Below 0 when a kept string comes before `other`, 0 when they are equal, above 0 otherwise: by bytes, unsigned.
  private func compare(_ number: UInt32, _ other: UnsafeRawBufferPointer) -> Int {
    unsafe withBytes(number) { bytes in
      guard let left = bytes.baseAddress, let right = other.baseAddress else { return bytes.count - other.count }
      let order = unsafe memcmp(left, right, min(bytes.count, other.count))
      return order == 0 ? bytes.count - other.count : Int(order)
    }
  }

  private mutating func store(_ bytes: UnsafeRawBufferPointer, hash: UInt32) {
    if chunks.isEmpty || chunks[chunks.count - 1].count + bytes.count > Self.chunkBytes {
      var chunk: [UInt8] = []
      chunk.reserveCapacity(max(Self.chunkBytes, bytes.count))
      chunks.append(chunk)
    }
    let chunk = chunks.count - 1
    places.append(
      Place(
        chunk: UInt32(chunk),
        offset: UInt32(chunks[chunk].count),
        count: UInt32(bytes.count),
        hash: hash
      )
    )
    unsafe chunks[chunk].append(contentsOf: bytes)
    textBytes += bytes.count
  }

  private mutating func growSlots() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for (number, place) in places.enumerated() {
      var slot = Int(place.hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(number) + 1
    }
  }
}
