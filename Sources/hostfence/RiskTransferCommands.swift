// `hostfence risk export` and `hostfence risk import`

internal import ArgumentParser
internal import AuditLog
internal import Compression
internal import Evaluation
internal import RiskLedger

struct RiskExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write all risk events as JSON lines, to move a ledger or to keep a copy.",
    discussion: """
      In the order in which they were recorded, while a server goes on recording; what comes meanwhile is not part of it.

      EXAMPLE
        hostfence risk export --ledger sqlite:ledger.sqlite | gzip > ledger.jsonl.gz
        hostfence risk import --ledger postgres://hostfence@db.example.com/risk ledger.jsonl.gz
      """
  )

  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var selection: RiskPeriodOptions

  func validate() throws { try ledger.requireEvents() }

  func run() throws {
    let store = try ledger.openForReading()
    let query = RiskEventQuery(selection.period, order: .recorded)
    let stream = try OutputStream(nil)
    let unreadable = try stream.writeEach(of: store, query, \.line)
    try stream.close()
    try Failure.require(unreadable: unreadable)
  }
}

struct RiskImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Record risk events that were exported; what is there already changes nothing.",
    discussion: "Files may be compressed (gzip, zstd); - is standard input. After an error it can be run again."
  )

  @OptionGroup var ledger: LedgerOptions

  @Argument(help: ArgumentHelp("Files of hostfence risk export.", valueName: "file"))
  var files: [String]

  /// Bytes that are read at once.
  private static let chunkBytes = 256 << 10

  func validate() throws {
    if ledger.ledger == .none { throw ValidationError("the ledger none keeps nothing; name one: --ledger sqlite:PATH") }
    if files.isEmpty { throw ValidationError("name a file, or - for standard input") }
  }

  func run() throws {
    let store = try ledger.ledger.open(.readWrite)
    let files = files.map { LogFile(at: $0) }
    var progress = ReplayProgressLine(totalBytes: files.reduce(0) { $0 + $1.size })
    defer { progress.end() }
    var (count, bytes) = (0, 0)
    for file in files {
      count += try take(file, into: store) { progress.show(bytes: bytes + $0) }
      bytes += file.size
    }
    progress.end()
    StandardStream.error.write("hostfence: the ledger has \(count) events of these now\n")
  }

  private func take(_ file: LogFile, into store: any RiskLedger, _ progress: (_ bytesRead: Int) -> Void) throws -> Int {
    var transfer = RiskEventImport(into: store)
    do {
      let reader = try file.open()
      var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
      while true {
        let count = try unsafe chunk.withUnsafeMutableBytes { try unsafe reader.read(into: $0) }
        guard count > 0 else { break }
        try transfer.add(chunk[..<count])
        progress(reader.compressedBytesRead)
      }
      try transfer.finish()
    } catch let error as RiskImportError {
      throw Failure("\(file.name): \(error)")
    } catch {
      throw Failure("\(file.name) \(error)")
    }
    return transfer.count
  }
}
