// Which part of a `postgres://` URL is no secret, also of one that was misspelt.

/// The hosts, the ports and the database of a URL, as libpq tells them from the rest (PostgreSQL, Connection URIs).
///
/// A password whose `/`, `@`, `?` or `:` is not written `%XX` makes libpq take a part of it for something else. So whatever
/// does not look like what it is taken for is shown to nobody.
struct PostgreSQLPlace {
  /// What may be shown.
  let text: String
  /// Whether no part of a password can have come into it.
  let isUnambiguous: Bool

  /// Takes a URL apart; nil when it cannot be told what of it is secret.
  init?(url: String) {
    let rest = url.drop { $0 != ":" }.dropFirst(3)
    let authority = rest.prefix { $0 != "/" }
    let at = authority.lastIndex(of: "@")
    let user = at.map { authority[..<$0] } ?? ""
    // A parameter is no part of a user, even if libpq takes it for one.
    guard !user.contains(/[?&](ssl)?password=/) else { return nil }
    let place = at.map { rest[rest.index(after: $0)...] } ?? rest
    let hosts = place.prefix { $0 != "/" && $0 != "?" }
    let path = place[hosts.endIndex...].prefix { $0 != "?" }
    let parameters = place[path.endIndex...].dropFirst().split(separator: "&")
    guard
      hosts.split(separator: ",", omittingEmptySubsequences: false).allSatisfy({ host in
        host.wholeMatch(of: /(\[[0-9A-Za-z:.%]+\]|[^:@\[\]=&]*)(:[0-9]*)?/) != nil
      }),
      !path.contains(where: { "@:=&".contains($0) }),
      path.endIndex == place.endIndex
        || parameters.allSatisfy({ $0.wholeMatch(of: /[a-z_]{3,}=.*/) != nil && !$0.dropFirst().contains("?password=") }
        )
    else { return nil }
    text = "\(hosts)\(path)"
    isUnambiguous = !user.contains("@")
  }
}
