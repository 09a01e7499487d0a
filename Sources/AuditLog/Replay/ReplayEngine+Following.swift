// A replay of logs that are being written.

extension ReplayEngine {
  /// One of the files that are followed.
  private struct FollowedFile {
    var state: FileState
    /// The beginning of a line that has not ended yet.
    var carried: [UInt8] = []
    /// Whether the beginning of that line was scanned already, as it is longer than any record.
    var continuesLine = false
  }

  /// Replays files from their beginning and goes on with what is appended, until nothing more comes or somebody says so.
  ///
  /// - Parameter pause: called when there is nothing new, to wait a moment; false ends the replay.
  package func follow(_ files: [LogFile], pause: @escaping () -> Bool) {
    var goesOn = true
    let follower = LogFollower(files) { goesOn = pause() }
    let scanner = SegmentScanner(settings)
    let buffer = SegmentBuffer()
    var followed = files.map { file in
      FollowedFile(state: FileState(name: file.name, recordBytesMax: settings.recordBytesMax))
    }
    countFiles(files.count)
    while goesOn {
      switch unsafe follower.next(into: buffer.room(from: 0)) {
      case .bytes(let count, let file):
        add(bytes: count)
        unsafe followed[file].carried += buffer.text(count)
        scan(&followed[file], scanner, buffer, isAtEnd: false)
      case .restarted(let file):
        scan(&followed[file], scanner, buffer, isAtEnd: true)
      case .ended(let file, let problem):
        scan(&followed[file], scanner, buffer, isAtEnd: true)
        if let problem { receive(problem: problem, with: files[file].name) }
      case .idle: continue
      case .finished: return
      }
    }
    for place in followed.indices { scan(&followed[place], scanner, buffer, isAtEnd: true) }
  }

  /// Scans the lines that have ended, or what there is when no more comes.
  private func scan(_ file: inout FollowedFile, _ scanner: SegmentScanner, _ buffer: SegmentBuffer, isAtEnd: Bool) {
    exchange(&file.state)
    defer { exchange(&file.state) }
    let lineEnd = file.carried.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let isTooLong = lineEnd == 0 && file.carried.count >= settings.recordBytesMax
    let count = isAtEnd || isTooLong ? file.carried.count : lineEnd
    if count > 0 {
      while buffer.capacity < count { buffer.grow(keeping: 0) }
      unsafe buffer.room(from: 0).copyBytes(from: file.carried[..<count])
      file.carried.removeFirst(count)
      let end: SegmentEnd = count == lineEnd ? .lineFeed : (isAtEnd ? .cut : .open)
      apply(unsafe scanner.scan(buffer.text(count), continuesLine: file.continuesLine, end: end))
      file.continuesLine = end == .open
      buffer.shrink()
    }
    if isAtEnd {
      file.continuesLine = false
      endFile()
      restartFile()
    }
  }
}
