// The version of the product.

/// What `hostfence --version` prints.
enum Version {
  static let text = "0.1.0"
}
