// The C face of simdjson's DOM parser: parse once, then read the tape (simdjson doc/tape.md). No C++ exception crosses it.
#ifndef HOSTFENCE_CSIMDJSON_H
#define HOSTFENCE_CSIMDJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Bytes that must be readable (whatever they hold) behind a document for it to be parsed in place.
#define HOSTFENCE_JSON_PADDING_BYTES 64

/// A parser with the memory of its last document; used by one thread at a time.
typedef struct hostfence_json_parser hostfence_json_parser;

/// The parsed document: borrowed from the parser, valid until the parser parses again or is freed.
typedef struct {
  /// One 64-bit word per scalar or bracket (numbers take two), type in the top byte; word 0 is the root.
  const uint64_t *_Nullable tape;
  /// Unescaped strings: 4 bytes of length in native order, the bytes, a NUL.
  const uint8_t *_Nullable strings;
} hostfence_json_tape;

/// Makes a parser that refuses documents over `bytes_max` bytes or `depth_max` levels. Null when memory is short.
hostfence_json_parser *_Nullable hostfence_json_parser_new(size_t bytes_max, size_t depth_max);

/// Frees a parser and the document it holds.
void hostfence_json_parser_free(hostfence_json_parser *_Nonnull parser);

/// Parses one document of `count` bytes. Returns 0 and fills `out`, or simdjson's error code.
/// `padded` says that HOSTFENCE_JSON_PADDING_BYTES bytes behind the document may be read; otherwise it is copied.
int32_t hostfence_json_parse(hostfence_json_parser *_Nonnull parser, const uint8_t *_Nullable bytes, size_t count,
                             bool padded, hostfence_json_tape *_Nonnull out);

/// What an error code means, in simdjson's words; never null, lives for ever.
const char *_Nonnull hostfence_json_error_message(int32_t code);

/// Codes told apart by the caller: the document is too large, nested too deeply, empty, or memory is short.
extern const int32_t hostfence_json_error_capacity;
extern const int32_t hostfence_json_error_depth;
extern const int32_t hostfence_json_error_empty;
extern const int32_t hostfence_json_error_memory;

#ifdef __cplusplus
}
#endif
#endif
