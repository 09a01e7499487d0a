// The scanner's inner loop. Every byte of a log passes here once; vector instructions look at 32 of them at a time.
#define _GNU_SOURCE
#include "CLineScan.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static const char host_network[] = "hostNetwork";
static const char host_network_folded[] = "hostnetwork";
static const char audit_group[] = "\"audit.k8s.io/";
enum {
  host_network_length = sizeof host_network - 1,
  // Of `hostNetwork`, the second t: it and the w behind it are what the vectors look for, a rare pair.
  host_network_pivot = 6,
  audit_group_length = sizeof audit_group - 1,
  // Of `"audit.`, the t before the dot.
  audit_group_pivot = 5,
};

// What is known of the line being scanned.
typedef struct {
  const uint8_t *begin;
  uint32_t marks;
  bool names_audit;
} line_state;

static bool equals_ignoring_case(const uint8_t *text, const char *lowercase, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if ((text[i] | 0x20) != (uint8_t)lowercase[i]) return false;
  }
  return true;
}

static const uint8_t *skip_blanks(const uint8_t *at, const uint8_t *end) {
  while (at < end && (*at == ' ' || *at == '\t' || *at == '\r')) at++;
  return at;
}

// What `hostNetwork`, in whatever case, means where it stands; there is a byte before it and one behind it.
static uint32_t marks_of_host_network(const uint8_t *name, const uint8_t *end) {
  const uint8_t *at = name + host_network_length;
  if (*at == '\\') return HOSTFENCE_LINE_QUOTES_HOST_NETWORK;
  if (*at != '"' || memcmp(name, host_network, host_network_length) != 0) return 0;
  // The end of a JSON Pointer, as in a JSON Patch.
  if (name[-1] == '/') return HOSTFENCE_LINE_SETS_HOST_NETWORK;
  if (name[-1] != '"') return 0;
  at = skip_blanks(at + 1, end);
  if (at == end || *at != ':') return 0;
  at = skip_blanks(at + 1, end);
  const bool is_unset = end - at >= 5 && (memcmp(at, "false", 5) == 0 || memcmp(at, "null", 4) == 0);
  return is_unset ? 0 : HOSTFENCE_LINE_SETS_HOST_NETWORK;
}

// Looks closer at a byte that one of the pairs begins with.
static inline void look(const uint8_t *at, const uint8_t *end, line_state *line) {
  if (*at == '\\') {
    // `\u00` and then 4 to 7: a letter, or one of a few signs between the letters.
    if (end - at >= 5 && at[1] == 'u' && at[2] == '0' && at[3] == '0' && at[4] >= '4' && at[4] <= '7') {
      line->marks |= HOSTFENCE_LINE_ESCAPES_A_LETTER;
    }
    return;
  }
  if (at[1] == '.') {
    if (at - line->begin >= audit_group_pivot && end - at >= audit_group_length - audit_group_pivot &&
        memcmp(at - audit_group_pivot, audit_group, audit_group_length) == 0) {
      if (line->names_audit) line->marks |= HOSTFENCE_LINE_NAMES_AUDIT_TWICE;
      line->names_audit = true;
    }
    return;
  }
  if (at - line->begin > host_network_pivot && end - at > host_network_length - host_network_pivot &&
      equals_ignoring_case(at - host_network_pivot, host_network_folded, host_network_length)) {
    line->marks |= marks_of_host_network(at - host_network_pivot, end);
  }
}

// One loop for each way to find the interesting bytes of a block: `FIND(p)` gives a mask with a bit for every byte that
// is a line feed, a backslash before u, or a t before w or a dot.
#define SCAN_LINES(FIND)                                                     \
  const uint8_t *const end = bytes + count;                                  \
  const uint8_t *block = bytes + offset;                                     \
  line_state line = {block, 0, false};                                       \
  size_t found = 0;                                                          \
  while (block < end) {                                                      \
    uint32_t mask = FIND(block);                                             \
    while (mask != 0) {                                                      \
      const uint8_t *at = block + __builtin_ctz(mask);                       \
      mask &= mask - 1;                                                      \
      if (at >= end) break;                                                  \
      if (*at != '\n') {                                                     \
        look(at, end, &line);                                                \
        continue;                                                            \
      }                                                                      \
      lines[found++] = (hostfence_line){(uint32_t)(line.begin - bytes), (uint32_t)(at - bytes), line.marks}; \
      line = (line_state){at + 1, 0, false};                                 \
      if (found == lines_max) return found;                                  \
    }                                                                        \
    block += 32;                                                             \
  }                                                                          \
  if (line.begin < end) {                                                    \
    lines[found++] = (hostfence_line){(uint32_t)(line.begin - bytes), (uint32_t)count, line.marks}; \
  }                                                                          \
  return found;

#if defined(__x86_64__)

__attribute__((target("avx2"))) static inline uint32_t find_avx2(const uint8_t *block) {
  const __m256i bytes = _mm256_loadu_si256((const __m256i *)block);
  const __m256i next = _mm256_loadu_si256((const __m256i *)(block + 1));
  const __m256i case_bit = _mm256_set1_epi8(0x20);
  const __m256i is_t = _mm256_cmpeq_epi8(_mm256_or_si256(bytes, case_bit), _mm256_set1_epi8('t'));
  const __m256i before_w = _mm256_cmpeq_epi8(_mm256_or_si256(next, case_bit), _mm256_set1_epi8('w'));
  const __m256i before_dot = _mm256_cmpeq_epi8(next, _mm256_set1_epi8('.'));
  const __m256i is_backslash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
  const __m256i before_u = _mm256_cmpeq_epi8(next, _mm256_set1_epi8('u'));
  const __m256i is_line_feed = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\n'));
  const __m256i pairs = _mm256_or_si256(_mm256_and_si256(is_t, _mm256_or_si256(before_w, before_dot)),
                                        _mm256_and_si256(is_backslash, before_u));
  return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(pairs, is_line_feed));
}

__attribute__((target("avx2"))) static size_t scan_avx2(const uint8_t *bytes, size_t count, size_t offset,
                                                        hostfence_line *lines, size_t lines_max) {
  SCAN_LINES(find_avx2)
}

static inline uint32_t find_sse2_half(const uint8_t *block) {
  const __m128i bytes = _mm_loadu_si128((const __m128i *)block);
  const __m128i next = _mm_loadu_si128((const __m128i *)(block + 1));
  const __m128i case_bit = _mm_set1_epi8(0x20);
  const __m128i is_t = _mm_cmpeq_epi8(_mm_or_si128(bytes, case_bit), _mm_set1_epi8('t'));
  const __m128i before_w = _mm_cmpeq_epi8(_mm_or_si128(next, case_bit), _mm_set1_epi8('w'));
  const __m128i before_dot = _mm_cmpeq_epi8(next, _mm_set1_epi8('.'));
  const __m128i is_backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const __m128i before_u = _mm_cmpeq_epi8(next, _mm_set1_epi8('u'));
  const __m128i is_line_feed = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'));
  const __m128i pairs = _mm_or_si128(_mm_and_si128(is_t, _mm_or_si128(before_w, before_dot)),
                                     _mm_and_si128(is_backslash, before_u));
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(pairs, is_line_feed));
}

static inline uint32_t find_sse2(const uint8_t *block) {
  return find_sse2_half(block) | find_sse2_half(block + 16) << 16;
}

static size_t scan_baseline(const uint8_t *bytes, size_t count, size_t offset, hostfence_line *lines,
                            size_t lines_max) {
  SCAN_LINES(find_sse2)
}

#else

static inline uint32_t find_bytewise(const uint8_t *block) {
  uint32_t mask = 0;
  for (int i = 0; i < 32; i++) {
    const uint8_t byte = block[i], next = block[i + 1];
    const bool is_pair = ((byte | 0x20) == 't' && ((next | 0x20) == 'w' || next == '.')) || (byte == '\\' && next == 'u');
    mask |= (uint32_t)(is_pair || byte == '\n') << i;
  }
  return mask;
}

static size_t scan_baseline(const uint8_t *bytes, size_t count, size_t offset, hostfence_line *lines,
                            size_t lines_max) {
  SCAN_LINES(find_bytewise)
}

#endif

// Compares the first and the last byte of the needle at 16 places at once, and the rest where both agree. The GNU C
// library's memmem prepares a table for each needle, which takes longer than most searches here.
const uint8_t *hostfence_find(const void *bytes, size_t count, const void *needle, size_t needle_count) {
  if (bytes == NULL || count < needle_count) return NULL;
#if defined(__x86_64__)
  const size_t places = count - needle_count + 1;
  if (needle_count >= 2 && places >= 16) {
    const uint8_t *const text = bytes, *const wanted = needle;
    const __m128i first = _mm_set1_epi8((char)wanted[0]);
    const __m128i last = _mm_set1_epi8((char)wanted[needle_count - 1]);
    for (size_t place = 0; place < places;) {
      const __m128i at_first = _mm_loadu_si128((const __m128i *)(text + place));
      const __m128i at_last = _mm_loadu_si128((const __m128i *)(text + place + needle_count - 1));
      const __m128i both = _mm_and_si128(_mm_cmpeq_epi8(at_first, first), _mm_cmpeq_epi8(at_last, last));
      for (unsigned mask = (unsigned)_mm_movemask_epi8(both); mask != 0; mask &= mask - 1) {
        const uint8_t *const at = text + place + __builtin_ctz(mask);
        if (memcmp(at + 1, wanted + 1, needle_count - 2) == 0) return at;
      }
      // The last step looks again at places it has seen rather than behind the text.
      if (place + 16 >= places) break;
      place = place + 32 <= places ? place + 16 : places - 16;
    }
    return NULL;
  }
#endif
  return memmem(bytes, count, needle, needle_count);
}

size_t hostfence_scan_lines(const uint8_t *bytes, size_t count, size_t offset, hostfence_line *lines,
                            size_t lines_max) {
  if (lines_max == 0) return 0;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return scan_avx2(bytes, count, offset, lines, lines_max);
#endif
  return scan_baseline(bytes, count, offset, lines, lines_max);
}
