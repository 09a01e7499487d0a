// What the query of a request asks for.

internal import CLineScan
internal import Glibc

/// The query of a `requestURI`.
enum RequestQuery {
  private static let dryRun = Array("dryRun=".utf8)

  /// Whether `dryRun` was asked for, with any value: the API server knows only `All` and refuses others.
  ///
  /// Some managed services leave the query out.
  static func asksForDryRun(_ requestURI: UnsafeRawBufferPointer) -> Bool {
    guard unsafe mayAskForDryRun(requestURI), let mark = unsafe requestURI.firstIndex(of: UInt8(ascii: "?")) else {
      return false
    }
    return unsafe Array(requestURI[(mark + 1)...]).split(separator: UInt8(ascii: "&")).contains { parameter in
      let parameter = decoded(parameter)
      return parameter.count > dryRun.count && parameter.starts(with: dryRun)
    }
  }

  /// Whether `dryRun` may be asked for, also where the text still has the escapes of JSON; almost no request may.
  static func mayAskForDryRun(_ requestURI: UnsafeRawBufferPointer) -> Bool {
    guard let start = requestURI.baseAddress else { return false }
    return unsafe memchr(start, 0x25, requestURI.count) != nil
      || hostfence_find(start, requestURI.count, dryRun, dryRun.count) != nil
  }

  /// The bytes of a parameter, with `%` and two digits for the byte that they mean (RFC 3986, 2.1).
  private static func decoded(_ parameter: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    var place = parameter.startIndex
    while place < parameter.endIndex {
      let byte = parameter[place]
      place += 1
      guard byte == UInt8(ascii: "%"), place + 1 < parameter.endIndex,
        let code = UInt8(String(decoding: parameter[place..<place + 2], as: UTF8.self), radix: 16)
      else {
        bytes.append(byte)
        continue
      }
      bytes.append(code)
      place += 2
    }
    return bytes
  }
}
