// The only C++ of the project: simdjson's DOM parser behind C functions that catch everything.
#include "CSimdJSON.h"

#include <new>
#include <simdjson.h>

static_assert(simdjson::SIMDJSON_PADDING <= HOSTFENCE_JSON_PADDING_BYTES, "the header promises too little padding");

struct hostfence_json_parser {
  simdjson::dom::parser parser;
  size_t depth_max;
  explicit hostfence_json_parser(size_t bytes_max, size_t depth) : parser(bytes_max), depth_max(depth) {}
};

const int32_t hostfence_json_error_capacity = simdjson::CAPACITY;
const int32_t hostfence_json_error_depth = simdjson::DEPTH_ERROR;
const int32_t hostfence_json_error_empty = simdjson::EMPTY;
const int32_t hostfence_json_error_memory = simdjson::MEMALLOC;

hostfence_json_parser *hostfence_json_parser_new(size_t bytes_max, size_t depth_max) {
  try {
    return new hostfence_json_parser(bytes_max, depth_max);
  } catch (...) {
    return nullptr;
  }
}

void hostfence_json_parser_free(hostfence_json_parser *parser) { delete parser; }

int32_t hostfence_json_parse(hostfence_json_parser *parser, const uint8_t *bytes, size_t count, bool padded,
                             hostfence_json_tape *out) {
  try {
    if (count > parser->parser.max_capacity()) return simdjson::CAPACITY;
    // Growing here rather than inside parse() is what applies our depth bound instead of simdjson's default of 1,024.
    if (parser->parser.capacity() < count || parser->parser.max_depth() != parser->depth_max) {
      const auto failed = parser->parser.allocate(count < 4096 ? 4096 : count, parser->depth_max);
      if (failed) return failed;
    }
    simdjson::dom::element root;
    const auto failed = parser->parser.parse(bytes, count, !padded).get(root);
    if (failed) return failed;
    out->tape = parser->parser.doc.tape.get();
    out->strings = parser->parser.doc.string_buf.get();
    return simdjson::SUCCESS;
  } catch (...) {
    return simdjson::MEMALLOC;
  }
}

const char *hostfence_json_error_message(int32_t code) {
  return simdjson::error_message(static_cast<simdjson::error_code>(code));
}
