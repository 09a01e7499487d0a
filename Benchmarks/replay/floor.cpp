// The floors under `hostfence replay --semantics splunk`: the analytic's table for as little work as it takes, in one
// thread.
//
//   floor prefilter FILE   search the log for hostNetwork, parse the lines that have it
//   floor memmem FILE      the same with the search of the C library
//   floor everyline FILE   parse every line
//   floor search FILE      only count the lines that have it
//
// A FILE that ends in .gz is inflated by ISA-L in this process. The rows go to standard output as JSON arrays: the
// count, the twelve by-fields, the groups. Unlike Splunk and Hostfence this takes every text as it is spelled: letters
// in other cases or escaped are not found. The log it is made for has none.
#include <simdjson.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "line_chunks.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

using namespace simdjson;

namespace {

constexpr std::string_view needle = "hostNetwork";
constexpr std::string_view attached = "\"hostNetwork\":true";
constexpr char annotation[] = "kubectl.kubernetes.io/last-applied-configuration";

// The table

void append_quoted(std::string &output, std::string_view text) {
  output += '"';
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20) {
      char escape[8];
      snprintf(escape, sizeof escape, "\\u%04x", byte);
      output += escape;
      continue;
    }
    if (byte == '"' || byte == '\\') output += '\\';
    output += character;
  }
  output += '"';
}

class Table {
 public:
  void add(const std::string &key, const std::vector<std::string_view> &groups) {
    Row &row = rows_[key];
    row.count += 1;
    row.groups.insert(groups.begin(), groups.end());
  }

  void print() const {
    std::string line;
    for (const auto &[key, row] : rows_) {
      line = "[" + std::to_string(row.count) + "," + key + ",[";
      for (const auto &group : row.groups) {
        if (line.back() != '[') line += ',';
        append_quoted(line, group);
      }
      line += "]]\n";
      fwrite(line.data(), 1, line.size(), stdout);
    }
  }

 private:
  struct Row {
    long count = 0;
    std::set<std::string> groups;
  };
  std::unordered_map<std::string, Row> rows_;
};

// The analytic

// What Splunk's fillnull puts where an event has nothing.
constexpr std::string_view nothing = "0";

std::string_view text_of(ondemand::object &object, const char *key) {
  std::string_view text;
  return object.find_field_unordered(key).get_string().get(text) ? nothing : text;
}

std::vector<std::string_view> texts_of(ondemand::object &object, const char *key) {
  std::vector<std::string_view> texts;
  ondemand::array array;
  if (!object.find_field_unordered(key).get_array().get(array)) {
    for (auto element : array) {
      std::string_view text;
      if (!element.get_string().get(text)) texts.push_back(text);
    }
  }
  if (texts.empty()) texts.push_back(nothing);
  return texts;
}

// Gives up on a line at the first thing that rules it out, as most lines are.
template <class Document>
void judge(Document &&document, Table &table) {
  ondemand::object event, reference, request, metadata, annotations, part;
  if (document.get_object().get(event)) fail("a line is no JSON object");
  const std::string_view verb = text_of(event, "verb");
  if (verb != "create" && verb != "update") return;
  if (event.find_field_unordered("objectRef").get_object().get(reference)) return;
  const std::string_view resource = text_of(reference, "resource");
  if (resource != "pods") return;
  const std::string_view name_space = text_of(reference, "namespace");
  const std::string_view name = text_of(reference, "name");
  if (event.find_field_unordered("requestObject").get_object().get(request)) return;
  const std::string_view kind = text_of(request, "kind");
  if (request.find_field_unordered("metadata").get_object().get(metadata)) return;
  if (metadata.find_field_unordered("annotations").get_object().get(annotations)) return;
  const std::string_view applied = text_of(annotations, annotation);
  if (memmem(applied.data(), applied.size(), attached.data(), attached.size()) == nullptr) return;

  std::string code(nothing);
  int64_t number;
  if (!event.find_field_unordered("responseStatus").get_object().get(part) &&
      !part.find_field_unordered("code").get_int64().get(number)) {
    code = std::to_string(number);
  }
  const std::vector<std::string_view> addresses = texts_of(event, "sourceIPs");
  std::string_view user = nothing;
  std::vector<std::string_view> groups{nothing};
  if (!event.find_field_unordered("user").get_object().get(part)) {
    user = text_of(part, "username");
    groups = texts_of(part, "groups");
  }
  const std::string_view event_kind = text_of(event, "kind");
  const std::string_view stage = text_of(event, "stage");
  const std::string_view agent = text_of(event, "userAgent");
  for (const std::string_view address : addresses) {
    std::string key;
    for (const std::string_view field :
         {event_kind, name, name_space, resource, kind, std::string_view(code), address, stage, user, agent, verb}) {
      append_quoted(key, field);
      key += ',';
    }
    append_quoted(key, applied);
    table.add(key, groups);
  }
}

using Find = const char *(*)(const char *begin, const char *end);

const char *find_by_library(const char *begin, const char *end) {
  return static_cast<const char *>(memmem(begin, static_cast<size_t>(end - begin), needle.data(), needle.size()));
}

// Where the text next comes up, or null. With AVX2 it looks at 32 places at a time for the pair `tN`, which is rare.
const char *find_by_vectors(const char *begin, const char *end) {
#if defined(__AVX2__)
  constexpr size_t pivot = 3;
  const __m256i first = _mm256_set1_epi8(needle[pivot]);
  const __m256i second = _mm256_set1_epi8(needle[pivot + 1]);
  while (end - begin >= 33 + static_cast<ptrdiff_t>(needle.size())) {
    const auto here = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(begin + pivot));
    const auto next = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(begin + pivot + 1));
    const auto pairs = _mm256_and_si256(_mm256_cmpeq_epi8(here, first), _mm256_cmpeq_epi8(next, second));
    for (auto mask = static_cast<uint32_t>(_mm256_movemask_epi8(pairs)); mask != 0; mask &= mask - 1) {
      const char *place = begin + __builtin_ctz(mask);
      if (memcmp(place, needle.data(), needle.size()) == 0) return place;
    }
    begin += 32;
  }
#endif
  return find_by_library(begin, end);
}

// Calls what it is given with each line that mentions hostNetwork.
template <Find find, class Use>
void for_each_candidate(std::string_view lines, Use use) {
  const char *const end = lines.data() + lines.size();
  const char *begin = lines.data();
  while (const char *found = find(begin, end)) {
    const auto *before = static_cast<const char *>(memrchr(begin, '\n', static_cast<size_t>(found - begin)));
    const auto *after = static_cast<const char *>(memchr(found, '\n', static_cast<size_t>(end - found)));
    const char *const line = before == nullptr ? begin : before + 1;
    begin = after == nullptr ? end : after + 1;
    use(std::string_view(line, static_cast<size_t>((after == nullptr ? end : after) - line)));
  }
}

template <Find find>
void judge_candidates(LineChunks &chunks, Table &table) {
  ondemand::parser parser;
  for (std::string_view lines = chunks.next(); !lines.empty(); lines = chunks.next()) {
    for_each_candidate<find>(lines, [&](std::string_view line) {
      ondemand::document document;
      // Whatever follows a line in its chunk, and the padding behind the last one, serves as its padding.
      if (parser.iterate(line.data(), line.size(), line.size() + SIMDJSON_PADDING).get(document)) fail("bad JSON");
      judge(document, table);
    });
  }
}

void judge_every_line(LineChunks &chunks, Table &table) {
  ondemand::parser parser;
  for (std::string_view lines = chunks.next(); !lines.empty(); lines = chunks.next()) {
    ondemand::document_stream stream;
    if (parser.iterate_many(lines.data(), lines.size(), lines.size()).get(stream)) fail("bad JSON");
    for (auto result : stream) {
      ondemand::document_reference document;
      if (std::move(result).get(document)) fail("bad JSON");
      judge(document, table);
    }
  }
}

long count_candidates(LineChunks &chunks) {
  long count = 0;
  for (std::string_view lines = chunks.next(); !lines.empty(); lines = chunks.next()) {
    for_each_candidate<find_by_vectors>(lines, [&](std::string_view) { count += 1; });
  }
  return count;
}

}  // namespace

int main(int count, char **arguments) {
  if (count != 3) fail("usage: floor prefilter|memmem|everyline|search FILE");
  const std::string_view mode = arguments[1], path = arguments[2];
  const bool is_gzip = path.size() > 3 && path.substr(path.size() - 3) == ".gz";
  std::unique_ptr<Source> source;
  if (is_gzip) {
    source = std::make_unique<GzipFile>(arguments[2]);
  } else {
    source = std::make_unique<PlainFile>(arguments[2]);
  }
  LineChunks chunks(*source);
  Table table;
  if (mode == "prefilter") {
    judge_candidates<find_by_vectors>(chunks, table);
    table.print();
  } else if (mode == "memmem") {
    judge_candidates<find_by_library>(chunks, table);
    table.print();
  } else if (mode == "everyline") {
    judge_every_line(chunks, table);
    table.print();
  } else if (mode == "search") {
    printf("%ld\n", count_candidates(chunks));
  } else {
    fail("usage: floor prefilter|memmem|everyline|search FILE");
  }
  return 0;
}
