// What following logs gives.

/// What happened next in logs that are followed; `file` is a place among the files given.
package enum FollowEvent: Sendable, Hashable {
  /// So many bytes were put into the buffer, which go on where the last ones of this file ended.
  case bytes(count: Int, file: Int)
  /// What follows of this file begins at the beginning of another one, or of the same one after it was emptied.
  ///
  /// A line that was not yet ended will not be.
  case restarted(file: Int)
  /// Nothing more comes of this file: a pipe that was closed, or, with a message, one that cannot be followed.
  case ended(file: Int, problem: String?)
  /// There was nothing new, and a pause was made.
  case idle
  /// Nothing more comes of any file.
  case finished
}
