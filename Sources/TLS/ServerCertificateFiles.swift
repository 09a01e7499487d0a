// The files that a server's context is made of, and whether they changed.

internal import Glibc

/// The PEM files of a server, and what is asked of its clients.
package struct ServerCertificateFiles: Sendable, Equatable {
  package var certificateChain: String
  package var privateKey: String
  /// Authorities of the certificates that clients must show; nil asks for none.
  package var clientCA: String?
  /// The names of which a client's certificate must carry one, as its common name or a DNS name; none accepts all.
  package var clientNames: [String]

  /// Names the files.
  package init(certificateChain: String, privateKey: String, clientCA: String? = nil, clientNames: [String] = []) {
    self.certificateChain = certificateChain
    self.privateKey = privateKey
    self.clientCA = clientCA
    self.clientNames = clientNames
  }

  private var paths: [String] { [certificateChain, privateKey] + (clientCA.map { [$0] } ?? []) }

  /// What the files are now; another value when one was written or replaced, also by another target of a symbolic link,
  /// as the kubelet does with mounted Secrets.
  var fingerprint: [FileFingerprint?] { paths.map(FileFingerprint.init) }
}

/// Tells a file from what it was before.
struct FileFingerprint: Sendable, Equatable {
  private let device: UInt
  private let inode: UInt
  private let size: Int
  private let modified: [Int]

  /// Follows symbolic links; nil when there is no such file.
  init?(_ path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
    size = Int(status.st_size)
    modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
  }
}
