// One pass over a log: where its lines end, and which of them hold what the scanner looks for.
#ifndef HOSTFENCE_CLINESCAN_H
#define HOSTFENCE_CLINESCAN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Bytes behind the text that must be readable, whatever they hold.
#define HOSTFENCE_SCAN_PADDING_BYTES 64

/// The line may set `hostNetwork`: a key of that name with a value other than false and null, or a JSON Pointer that ends
/// in it.
#define HOSTFENCE_LINE_SETS_HOST_NETWORK 1u
/// The line holds a JSON escape of an ASCII letter (`\u0041` to `\u007a`), which may spell any name.
#define HOSTFENCE_LINE_ESCAPES_A_LETTER 2u
/// The line holds `"audit.k8s.io/` more often than once.
#define HOSTFENCE_LINE_NAMES_AUDIT_TWICE 4u
/// The line holds `hostNetwork`, in whatever case, before an escape: text in a string may hold JSON that names it.
#define HOSTFENCE_LINE_QUOTES_HOST_NETWORK 8u

/// A line: where it begins, where its line feed stands (or the text ends), and what it holds.
typedef struct {
  uint32_t begin;
  uint32_t end;
  uint32_t marks;
} hostfence_line;

/// Finds up to `lines_max` lines in `count` bytes, from `offset` on, and returns how many.
///
/// The last line of the text need not end in a line feed. The text is at most 4 GiB - 64 long. `bytes` is followed by
/// HOSTFENCE_SCAN_PADDING_BYTES readable bytes.
size_t hostfence_scan_lines(const uint8_t *_Nonnull bytes, size_t count, size_t offset, hostfence_line *_Nonnull lines,
                            size_t lines_max);

/// The first occurrence of `needle` in `count` bytes, or null, as memmem has it; fast where text and needle are short.
const uint8_t *_Nullable hostfence_find(const void *_Nullable bytes, size_t count, const void *_Nonnull needle,
                                        size_t needle_count);

#ifdef __cplusplus
}
#endif
#endif
