// Which database, and how to get there; what goes into errors and what never does.

internal import CPostgreSQL
internal import Glibc

/// The connection parameters of a `postgres://` URL, with defaults that are safe and bounded.
package struct PostgreSQLAddress: Sendable, Equatable {
  /// The whole URL, password and all.
  private let url: String

  /// Takes a URL, of which only the scheme was looked at.
  init(url: String) { self.url = url }

  /// Without what may be secret: the user, the password and the parameters; nothing where it is not clear what is what.
  package var description: String { "postgres://\(PostgreSQLPlace(url: url)?.text ?? "…")" }

  /// Certificates of the authorities that the system trusts, where Debian keeps them.
  private static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

  /// The parameters to connect with, by libpq's names.
  ///
  /// - Throws: `LedgerError.malformedAddress`.
  func parameters(_ access: LedgerURL.Access) throws(LedgerError) -> [(name: String, value: String)] {
    // What libpq would take for a host or a port goes into its errors.
    guard let place = PostgreSQLPlace(url: url), place.isUnambiguous else { throw .malformedAddress }
    var given = try parse()
    func add(_ name: String, _ value: String) { if given[name] == nil { given[name] = value } }
    add("application_name", "hostfence")
    add("connect_timeout", "\(LedgerLimits.connectSeconds)")
    add("tcp_user_timeout", "\(LedgerLimits.replyMilliseconds)")
    add("keepalives_idle", "\(LedgerLimits.keepaliveIdleSeconds)")
    add("keepalives_interval", "\(LedgerLimits.keepaliveIntervalSeconds)")
    add("keepalives_count", "\(LedgerLimits.keepalivesMax)")
    add("target_session_attrs", access == .readWrite ? "read-write" : "any")
    given["client_encoding"] = "UTF8"
    if !isLocal(given) {
      add("sslmode", "verify-full")
      // Without one libpq takes the file in the user's folder, which few have.
      if unsafe getenv("PGSSLROOTCERT") == nil, unsafe Glibc.access(Self.systemAuthorities, R_OK) == 0 {
        add("sslrootcert", Self.systemAuthorities)
      }
    }
    return given.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Whether nobody else is on the way: every host is a socket of this machine, or its loopback.
  ///
  /// What the address leaves out libpq takes from the environment (PostgreSQL, Environment Variables); a service may name
  /// any host.
  private func isLocal(_ given: [String: String]) -> Bool {
    func parameter(_ name: String, _ variable: String) -> String? {
      if let value = given[name] { return value }
      return unsafe getenv(variable).map { unsafe String(cString: $0) }
    }
    guard parameter("service", "PGSERVICE") == nil else { return false }
    let hosts = parameter("hostaddr", "PGHOSTADDR") ?? parameter("host", "PGHOST") ?? ""
    return hosts.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { host in
      host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost" || host == "::1"
        || host.wholeMatch(of: /127\.\d{1,3}\.\d{1,3}\.\d{1,3}/) != nil
    }
  }

  private func parse() throws(LedgerError) -> [String: String] {
    // libpq's reason is not asked for: some repeat a part of the URL.
    guard let options = unsafe PQconninfoParse(url, nil) else { throw .malformedAddress }
    defer { unsafe PQconninfoFree(options) }
    var given: [String: String] = [:]
    var option = unsafe options
    while let name = unsafe option.pointee.keyword {
      if let value = unsafe option.pointee.val { unsafe given[String(cString: name)] = unsafe String(cString: value) }
      unsafe option += 1
    }
    return given
  }
}
