// A YAML document as plain data: every value knows the file, line and column that it came from, so
// that any later complaint can point at it. Only yaml_reader.cpp knows yaml-cpp.
//
// Scalars keep their text; what "3s" or "true" means is decided where it is used.
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace halfopen {

struct Mark {
  std::string file;
  int line = 0;  // from 1; 0 when there is none (a value made by the program)
  int column = 0;
  // "file:line:column"
  [[nodiscard]] std::string text() const;
};

// A Problem that says where: "file:12:3: unknown key \"nodez\"; expected one of ...".
// Always one line: where the text quotes a file's line breaks, they become spaces.
[[nodiscard]] Problem problem_at(const Mark& mark, const std::string& text);

// The beginning of a text, for a message: at most so many bytes, cut between characters.
[[nodiscard]] std::string excerpt(const std::string& text, std::size_t bytes_max = 64);

struct Document;

struct DocumentEntry;

struct Document {
  enum class Kind { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  Mark mark;
  std::string scalar;
  bool quoted = false;          // a quoted scalar is always a string, never a number or a boolean
  std::vector<Document> items;  // of a sequence
  std::vector<DocumentEntry> entries;  // of a map, in the file's order, keys unique

  // The value under `key`, or nullptr. Only for maps.
  [[nodiscard]] const Document* find(std::string_view key) const;
  [[nodiscard]] Document* find(std::string_view key);
};

struct DocumentEntry {
  std::string key;
  Mark key_mark;
  Document value;
};

// Duplicate keys, aliases and tags beyond the core schema are Problems. Limits: 1 MiB of text,
// nesting 32 deep.
[[nodiscard]] Result<Document> parse_yaml(const std::string& text, const std::string& file);

// JSON by YAML's core schema: unquoted true/false, null, integers and decimals become typed.
[[nodiscard]] boost::json::value to_json(const Document& document);

}  // namespace halfopen
