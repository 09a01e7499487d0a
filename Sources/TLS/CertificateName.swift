// Names and addresses that a certificate may be for, checked before OpenSSL sees them.

internal import Glibc

/// A DNS name or an IP address of a certificate's subjectAltName.
enum CertificateName: Hashable, Sendable {
  /// In lower case; the leftmost label may be `*`.
  case dns(String)
  /// In the canonical text form.
  case ip(String)

  /// Reads a DNS name; throws `invalidRequest` with the rule it breaks.
  init(dnsName text: String) throws(TLSError) {
    func refusal(_ rule: String) -> TLSError {
      TLSError(.invalidRequest, "\"\(text)\" is not a DNS name for a certificate: \(rule)")
    }
    guard !text.isEmpty else { throw refusal("it is empty; leave it out or give a name") }
    guard text.utf8.count <= TLSLimits.dnsNameBytesMax else {
      throw refusal("it has \(text.utf8.count) bytes, \(TLSLimits.dnsNameBytesMax) is the most")
    }
    guard !Self.isIPAddress(text) else { throw refusal("it is an IP address; pass it as one (--ip)") }
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    for (index, label) in labels.enumerated() {
      if index == 0, label == "*" {
        guard labels.count > 1 else { throw refusal("a wildcard needs a name behind it, such as *.example.com") }
        continue
      }
      guard !label.isEmpty else { throw refusal("it has an empty label; remove the extra dot") }
      guard label.utf8.count <= TLSLimits.dnsLabelBytesMax else {
        throw refusal("the label \(label) has more than \(TLSLimits.dnsLabelBytesMax) bytes")
      }
      guard label.utf8.allSatisfy(Self.isLetterDigitOrHyphen) else {
        throw refusal("use letters, digits and hyphens, and * only as the whole leftmost label")
      }
      guard label.utf8.first != UInt8(ascii: "-"), label.utf8.last != UInt8(ascii: "-") else {
        throw refusal("the label \(label) begins or ends with a hyphen")
      }
    }
    if let last = labels.last, last.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      throw refusal("its last label is a number, which reads as a broken IP address")
    }
    self = .dns(text.lowercased())
  }

  /// Reads an IPv4 or IPv6 address; throws `invalidRequest`.
  init(ipAddress text: String) throws(TLSError) {
    guard let canonical = Self.canonicalIPAddress(text) else {
      throw TLSError(
        .invalidRequest,
        "\"\(text)\" is not an IP address for a certificate: give IPv4 such as 10.0.0.1, or IPv6 such as fd00::1, "
          + "without brackets, port, prefix length or zone"
      )
    }
    self = .ip(canonical)
  }

  /// Whether `text` is an IPv4 or IPv6 address.
  static func isIPAddress(_ text: String) -> Bool { canonicalIPAddress(text) != nil }

  /// As x509v3_config(5) writes it; both forms are free of commas and of anything else that means something there.
  var configurationText: String {
    switch self {
    case .dns(let name): "DNS:\(name)"
    case .ip(let address): "IP:\(address)"
    }
  }

  private static func isLetterDigitOrHyphen(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  private static func canonicalIPAddress(_ text: String) -> String? {
    guard !text.utf8.contains(0) else { return nil }
    for family in [AF_INET, AF_INET6] {
      var address = in6_addr()
      guard unsafe inet_pton(family, text, &address) == 1 else { continue }
      return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
        unsafe inet_ntop(family, &address, buffer.baseAddress, socklen_t(INET6_ADDRSTRLEN)).map {
          unsafe String(cString: $0)
        }
      }
    }
    return nil
  }
}
