// The header of a gzip member.

/// Reads over the header of a gzip member (RFC 1952, 2.3), which may come in pieces.
///
/// What it tells, as the name of the file, is of no use here; so its own checksum, which hardly anybody writes, is not
/// compared either.
struct GzipHeader {
  private enum Part {
    case fixed
    case extraLength
    case extra
    case name
    case comment
    case checksum
    case end
  }

  private enum Flag {
    static let checksum: UInt8 = 1 << 1
    static let extra: UInt8 = 1 << 2
    static let name: UInt8 = 1 << 3
    static let comment: UInt8 = 1 << 4
    static let reserved: UInt8 = 0b1110_0000
  }

  private var part = Part.fixed
  /// Bytes of this part that were read.
  private var count = 0
  private var flags: UInt8 = 0
  private var extraBytes = 0

  /// Whether the whole header was read.
  var isAtEnd: Bool { part == .end }

  /// Takes the next byte; false when it cannot be one of a header.
  mutating func take(_ byte: UInt8) -> Bool {
    count += 1
    switch part {
    case .fixed:
      switch count {
      case 1: return byte == 0x1F
      case 2: return byte == 0x8B
      // Deflate, the only method there is.
      case 3: return byte == 8
      case 4:
        flags = byte
        return flags & Flag.reserved == 0
      // A time, hints and a system.
      case 10: go(to: .extraLength)
      default: return true
      }
    case .extraLength:
      extraBytes |= Int(byte) << (8 * (count - 1))
      if count == 2 { go(to: .extra) }
    case .extra: if count == extraBytes { go(to: .name) }
    case .name: if byte == 0 { go(to: .comment) }
    case .comment: if byte == 0 { go(to: .checksum) }
    case .checksum: if count == 2 { go(to: .end) }
    case .end: return false
    }
    return true
  }

  /// Goes to a part, or to the first one behind it that the flags say is there.
  private mutating func go(to next: Part) {
    count = 0
    part = next
    switch next {
    case .extraLength: if flags & Flag.extra == 0 { go(to: .name) }
    case .extra: if extraBytes == 0 { go(to: .name) }
    case .name: if flags & Flag.name == 0 { go(to: .comment) }
    case .comment: if flags & Flag.comment == 0 { go(to: .checksum) }
    case .checksum: if flags & Flag.checksum == 0 { go(to: .end) }
    case .fixed, .end: break
    }
  }
}
