// A log as chunks of whole lines, from a plain file or inflated by ISA-L on the way.
#pragma once

#include <fcntl.h>
#include <isa-l/igzip_lib.h>
#include <simdjson.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

// Large enough that the part of a line carried over to the next chunk is nothing beside it, small enough for the cache.
constexpr size_t chunk_size = 1 << 20;

[[noreturn]] inline void fail(const char *what) {
  fprintf(stderr, "floor: %s\n", what);
  exit(1);
}

class Source {
 public:
  virtual ~Source() = default;
  // Returns how many bytes it put there; 0 at the end.
  virtual size_t read(char *bytes, size_t count) = 0;
};

class PlainFile : public Source {
 public:
  explicit PlainFile(const char *path) : descriptor_(open(path, O_RDONLY)) {
    if (descriptor_ < 0) fail("cannot open the log");
  }
  ~PlainFile() override { close(descriptor_); }

  size_t read(char *bytes, size_t count) override {
    const ssize_t got = ::read(descriptor_, bytes, count);
    if (got < 0) fail("cannot read the log");
    return static_cast<size_t>(got);
  }

 private:
  int descriptor_;
};

class GzipFile : public Source {
 public:
  explicit GzipFile(const char *path) : file_(path), compressed_(256 << 10) { begin_member(); }

  size_t read(char *bytes, size_t count) override {
    state_.next_out = reinterpret_cast<uint8_t *>(bytes);
    state_.avail_out = static_cast<uint32_t>(count);
    while (state_.avail_out > 0) {
      if (state_.avail_in == 0) {
        state_.next_in = reinterpret_cast<uint8_t *>(compressed_.data());
        state_.avail_in = static_cast<uint32_t>(file_.read(compressed_.data(), compressed_.size()));
        if (state_.avail_in == 0) {
          if (is_inside_member_) fail("the gzip file is cut off");
          break;
        }
      }
      if (!is_inside_member_) begin_member();
      if (isal_inflate(&state_) != ISAL_DECOMP_OK) fail("the gzip file is damaged");
      is_inside_member_ = state_.block_state != ISAL_BLOCK_FINISH;
    }
    return count - state_.avail_out;
  }

 private:
  // A gzip file may be several, one behind the other; what is set here leaves the buffers of the state as they are.
  void begin_member() {
    const inflate_state before = state_;
    isal_inflate_init(&state_);
    state_.crc_flag = ISAL_GZIP;
    state_.next_in = before.next_in;
    state_.avail_in = before.avail_in;
    state_.next_out = before.next_out;
    state_.avail_out = before.avail_out;
    is_inside_member_ = true;
  }

  PlainFile file_;
  std::vector<char> compressed_;
  inflate_state state_{};
  bool is_inside_member_ = false;
};

// Whole lines at a time, in one buffer that grows when a line is longer than it.
class LineChunks {
 public:
  explicit LineChunks(Source &source) : source_(source), buffer_(chunk_size + simdjson::SIMDJSON_PADDING) {}

  // The next whole lines, with SIMDJSON_PADDING bytes behind them; empty at the end.
  std::string_view next() {
    memmove(buffer_.data(), buffer_.data() + given_, filled_ - given_);
    filled_ -= given_;
    given_ = 0;
    while (!is_at_end_) {
      const size_t room = buffer_.size() - simdjson::SIMDJSON_PADDING - filled_;
      if (room == 0) {
        buffer_.resize(buffer_.size() * 2);
        continue;
      }
      const size_t got = source_.read(buffer_.data() + filled_, room);
      filled_ += got;
      is_at_end_ = got == 0;
      const void *last = memrchr(buffer_.data(), '\n', filled_);
      if (got == room && last != nullptr) {
        given_ = static_cast<size_t>(static_cast<const char *>(last) + 1 - buffer_.data());
        return {buffer_.data(), given_};
      }
    }
    given_ = filled_;
    return {buffer_.data(), given_};
  }

 private:
  Source &source_;
  std::vector<char> buffer_;
  size_t filled_ = 0;
  size_t given_ = 0;
  bool is_at_end_ = false;
};
