// Makes a certificate authority and the webhook's serving certificate, for `hostfence certs create`.

internal import COpenSSL

/// A certificate authority for one purpose: signing the certificate that the API server checks against `caBundle`.
package enum CertificateAuthority {
  /// Makes a new authority and a serving certificate for the given names and addresses, valid for `days`.
  ///
  /// The authority is valid for `TLSLimits.authorityDays`, so that the serving certificate can be renewed with its
  /// key, and `caBundle` stays as it is; it can sign no further authority. Both keys are ECDSA P-256.
  ///
  /// - Throws: `invalidRequest` naming what is wrong with a name, an address or `days`; `cryptographyFailed`.
  package static func create(
    dnsNames: [String],
    ipAddresses: [String],
    days: Int
  ) throws(TLSError) -> CertificateBundle {
    let names = try alternativeNames(dnsNames: dnsNames, ipAddresses: ipAddresses)
    guard TLSLimits.certificateDays.contains(days) else {
      throw TLSError(
        .invalidRequest,
        "A certificate cannot be valid for \(days) days; give \(TLSLimits.certificateDays.lowerBound) to "
          + "\(TLSLimits.certificateDays.upperBound), the days its authority is valid"
      )
    }

    let authorityKey = try SigningKey()
    let authority = try Certificate.unsigned(
      commonName: "Hostfence CA",
      for: authorityKey,
      days: TLSLimits.authorityDays
    )
    try authority.add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
    try authority.add(NID_key_usage, "critical,keyCertSign,cRLSign")
    try authority.add(NID_subject_key_identifier, "hash")
    try authority.selfSign(with: authorityKey)

    let key = try SigningKey()
    // No client looks for a name in the subject any more, so none has to fit there.
    let certificate = try Certificate.unsigned(commonName: "Hostfence admission webhook", for: key, days: days)
    try certificate.add(NID_basic_constraints, "critical,CA:FALSE")
    try certificate.add(NID_key_usage, "critical,digitalSignature")
    try certificate.add(NID_ext_key_usage, "serverAuth")
    try certificate.add(NID_subject_alt_name, names.map(\.configurationText).joined(separator: ","))
    try certificate.add(NID_subject_key_identifier, "hash")
    try certificate.addAuthorityKeyIdentifier(of: authority)
    try certificate.sign(as: authority, with: authorityKey)

    return CertificateBundle(
      authorityCertificate: try authority.pem(),
      authorityKey: try authorityKey.pem(),
      certificate: try certificate.pem(),
      key: try key.pem()
    )
  }

  private static func alternativeNames(
    dnsNames: [String],
    ipAddresses: [String]
  ) throws(TLSError) -> [CertificateName] {
    guard dnsNames.count + ipAddresses.count <= TLSLimits.alternativeNamesMax else {
      throw TLSError(
        .invalidRequest,
        "A certificate cannot have \(dnsNames.count + ipAddresses.count) names; "
          + "\(TLSLimits.alternativeNamesMax) is the most, use a wildcard"
      )
    }
    var names: [CertificateName] = []
    for text in dnsNames { names.append(try CertificateName(dnsName: text)) }
    for text in ipAddresses { names.append(try CertificateName(ipAddress: text)) }
    guard !names.isEmpty else {
      throw TLSError(
        .invalidRequest,
        "A certificate needs a DNS name or an IP address; give the Service's name, such as NAME.NAMESPACE.svc"
      )
    }
    var seen: Set<CertificateName> = []
    return names.filter { seen.insert($0).inserted }
  }
}
