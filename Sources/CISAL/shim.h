// ISA-L for Swift, which cannot hold its state itself: it has arrays of more than 64 KiB inside.
#ifndef HOSTFENCE_CISAL_SHIM_H
#define HOSTFENCE_CISAL_SHIM_H

#include <isa-l/igzip_lib.h>
#include <stddef.h>
#include <stdint.h>

/// What one call of the decoder did.
typedef struct hf_inflate_step {
  /// ISAL_DECOMP_OK or a positive code to go on with; negative when the data is damaged.
  int status;
  /// Whether the member ended, with the right checksum and length.
  int is_done;
  size_t consumed;
  size_t produced;
} hf_inflate_step;

/// How many bytes a decoder's state has.
static inline size_t hf_inflate_state_bytes(void) { return sizeof(struct inflate_state); }

/// Makes a state ready for what follows the header of a gzip member.
///
/// The library reads headers, too, but version 2.30 forgets a header's flags, and goes by what is on the stack, when the
/// header is cut in two by the end of the input.
static inline void hf_inflate_begin(void *_Nonnull memory) {
  struct inflate_state *state = (struct inflate_state *)memory;
  isal_inflate_init(state);
  state->crc_flag = ISAL_GZIP_NO_HDR_VER;
}

/// Decodes as much as the input has and the output takes.
static inline hf_inflate_step hf_inflate_run(
    void *_Nonnull memory, const void *_Nullable input, size_t input_length, void *_Nonnull output,
    size_t output_length) {
  struct inflate_state *state = (struct inflate_state *)memory;
  uint32_t input_part = input_length > UINT32_MAX ? UINT32_MAX : (uint32_t)input_length;
  uint32_t output_part = output_length > UINT32_MAX ? UINT32_MAX : (uint32_t)output_length;
  state->next_in = (uint8_t *)input;
  state->avail_in = input_part;
  state->next_out = (uint8_t *)output;
  state->avail_out = output_part;
  hf_inflate_step step;
  step.status = isal_inflate(state);
  step.is_done = state->block_state == ISAL_BLOCK_FINISH;
  step.consumed = input_part - state->avail_in;
  step.produced = output_part - state->avail_out;
  // Neither belongs to the decoder once the call is over.
  state->next_in = NULL;
  state->next_out = NULL;
  return step;
}

/// Compresses a whole input into a gzip member; the bytes that it has, or 0 when the output is too small.
static inline size_t hf_deflate_gzip(const void *_Nullable input, uint32_t input_length, void *_Nonnull output,
                                     uint32_t output_length, void *_Nonnull level_buffer,
                                     uint32_t level_buffer_length) {
  struct isal_zstream stream;
  isal_deflate_stateless_init(&stream);
  stream.next_in = (uint8_t *)input;
  stream.avail_in = input_length;
  stream.next_out = (uint8_t *)output;
  stream.avail_out = output_length;
  stream.end_of_stream = 1;
  stream.flush = NO_FLUSH;
  stream.gzip_flag = IGZIP_GZIP;
  stream.level = 1;
  stream.level_buf = (uint8_t *)level_buffer;
  stream.level_buf_size = level_buffer_length;
  return isal_deflate_stateless(&stream) == COMP_OK ? stream.total_out : 0;
}

/// Bytes that the compressor wants for its tables.
static inline uint32_t hf_deflate_level_bytes(void) { return ISAL_DEF_LVL1_DEFAULT; }

#endif
