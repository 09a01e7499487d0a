// When a log begins.

internal import Compression
internal import Evaluation

/// Finds the time of the first event of a log, without taking its records apart.
enum FirstTime {
  /// Fields of an audit event that hold the time of the request; in wrappers their quotes may be escaped.
  private static let fields = ["requestReceivedTimestamp", "stageTimestamp"].map { Array($0.utf8) }

  /// The time of the first event, else the first time of any kind at the beginning; nil when there is none.
  ///
  /// Damaged data counts as far as it can be read: the replay will tell of it.
  ///
  /// - Throws: `InputError.cannotOpen`.
  static func of(_ file: LogFile) throws(InputError) -> Timestamp? {
    let reader = DecompressingReader(try file.source(), inputBytes: AuditLogLimits.headInputBytes)
    var head: [UInt8] = []
    append(from: reader, to: &head, upTo: AuditLogLimits.headBytes)
    if let time = time(ofEventIn: head) { return time }
    // A large object was written first: the times of the event stand behind it.
    append(from: reader, to: &head, upTo: AuditLogLimits.longHeadBytes)
    return time(ofEventIn: head) ?? firstTime(in: head[...], within: AuditLogLimits.headBytes)
  }

  private static func append(from reader: DecompressingReader, to head: inout [UInt8], upTo count: Int) {
    var filled = head.count
    guard filled < count else { return }
    head += [UInt8](repeating: 0, count: count - filled)
    while filled < count {
      let added = unsafe head.withUnsafeMutableBytes { memory in
        do throws(InputError) {
          return try unsafe reader.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[filled...]))
        } catch {
          return 0
        }
      }
      if added == 0 { break }
      filled += added
    }
    head.removeLast(head.count - filled)
  }

  /// The time behind the first field that has one.
  static func time(ofEventIn head: [UInt8]) -> Timestamp? {
    for field in fields {
      var start = 0
      while let end = end(of: field, in: head, from: start) {
        // Behind the name come a quote, a colon and a quote, perhaps with backslashes and spaces among them.
        if let time = firstTime(in: head[end...], within: 24) { return time }
        start = end
      }
    }
    return nil
  }

  /// The offset behind the first occurrence of a name.
  private static func end(of name: [UInt8], in head: [UInt8], from start: Int) -> Int? {
    unsafe head.withUnsafeBytes { bytes in
      var place = start
      while place + name.count <= bytes.count {
        if unsafe bytes[place] == name[0], unsafe bytes[place..<place + name.count].elementsEqual(name) {
          return place + name.count
        }
        place += 1
      }
      return nil
    }
  }

  /// The first RFC 3339 time that begins within so many bytes and is not before 1970.
  private static func firstTime(in bytes: ArraySlice<UInt8>, within count: Int) -> Timestamp? {
    for place in bytes.indices.prefix(count) where isDigit(bytes[place]) {
      // A fifth digit before the year would make it another number.
      guard place == bytes.startIndex || !isDigit(bytes[place - 1]) else { continue }
      let rest = bytes[place...]
      guard rest.count >= 20, rest[place + 4] == UInt8(ascii: "-"), rest[place + 10] == UInt8(ascii: "T") else {
        continue
      }
      let text = rest.prefix(Self.timeBytesMax).prefix { isPartOfTime($0) }
      guard let time = Timestamp(rfc3339: String(decoding: text, as: UTF8.self)), time.microseconds >= 0 else {
        continue
      }
      return time
    }
    return nil
  }

  /// Nanoseconds and an offset: `2026-11-23T16:43:03.123456789+01:00`.
  private static let timeBytesMax = 35

  private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

  private static func isPartOfTime(_ byte: UInt8) -> Bool {
    isDigit(byte) || "T:.+-Z".utf8.contains(byte)
  }
}
