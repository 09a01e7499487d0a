// What `hostfence certs create` makes: an authority, a serving certificate, and their keys, as PEM.

/// Four PEM files that belong together.
package struct CertificateBundle: Sendable {
  /// The authority's certificate, `ca.crt`: what goes into `caBundle`.
  package let authorityCertificate: [UInt8]
  /// The authority's private key, `ca.key`: not needed to serve, so it need not go into the cluster.
  package let authorityKey: [UInt8]
  /// The serving certificate, `tls.crt`, alone.
  ///
  /// A client trusts the authority because it has it, not because the server sends it (RFC 8446, 4.4.2 lets a server
  /// leave it out), and every handshake is half a kilobyte smaller.
  package let certificate: [UInt8]
  /// The serving certificate's private key, `tls.key`.
  package let key: [UInt8]

  /// Writes `ca.crt`, `ca.key`, `tls.crt` and `tls.key` into `directory`, which is created (0755) if it is missing.
  ///
  /// Keys have mode 0600 from the moment they exist, certificates 0644, both less the process's umask. Without
  /// `overwriting`, nothing is written if any of the four is there. With it, all four are written and synchronised
  /// under other names first, so a crash can leave old and new files side by side only between the four renames.
  ///
  /// - Throws: `fileExists` naming the file; `fileSystem` naming the file and the system's reason.
  package func write(toDirectory directory: String, overwriting: Bool) throws(TLSError) {
    let files = [
      PEMFile(name: "ca.crt", bytes: authorityCertificate, mode: 0o644),
      PEMFile(name: "ca.key", bytes: authorityKey, mode: 0o600),
      PEMFile(name: "tls.crt", bytes: certificate, mode: 0o644),
      PEMFile(name: "tls.key", bytes: key, mode: 0o600),
    ]
    let target = PEMDirectory(path: directory)
    try target.createIfMissing()
    if overwriting {
      try target.replace(files)
    } else {
      try target.create(files)
    }
  }
}
