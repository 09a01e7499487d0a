// Where delivery to a collector begins.

internal import ArgumentParser

/// The first event that is delivered, where the ledger does not know of any delivery.
enum CollectorBeginning: String, ExpressibleByArgument, CaseIterable {
  /// The first that the ledger has.
  case first
  /// The next one to be recorded, as after an import of what was delivered elsewhere.
  case now
}
