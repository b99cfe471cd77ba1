#include "harness/model/document.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

namespace halfopen {
namespace {

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The core schema's [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?, without its words for
// infinity and not-a-number, which JSON cannot carry: they stay text.
bool looks_decimal(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.eE+-") == std::string_view::npos &&
         text.find_first_of("0123456789") != std::string_view::npos;
}

boost::json::value plain_scalar_to_json(const std::string& text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  const bool signed_twice = digits.size() < text.size() && digits.starts_with('-');
  if (!signed_twice && looks_decimal(digits)) {
    if (const auto integer = whole_number<std::int64_t>(digits)) return *integer;
    const auto decimal = whole_number<double>(digits);
    if (decimal && std::isfinite(*decimal)) return *decimal;
  }
  return boost::json::string(text);
}

}  // namespace

std::string Mark::text() const {
  if (line == 0) return file;
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

Problem problem_at(const Mark& mark, const std::string& text) {
  std::string line = mark.text();
  if (!line.empty()) line += ": ";
  for (const char letter : text)
    line += letter == '\n' || letter == '\r' ? ' ' : letter;
  return Problem{line};
}

std::string excerpt(const std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  // A byte 10xxxxxx goes on with the character before it.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  return text.substr(0, end) + "...";
}

const Document* Document::find(std::string_view key) const {
  for (const DocumentEntry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Document* Document::find(std::string_view key) {
  for (DocumentEntry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

boost::json::value to_json(const Document& document) {
  switch (document.kind) {
    case Document::Kind::kNull:
      return nullptr;
    case Document::Kind::kScalar:
      if (document.quoted) return boost::json::string(document.scalar);
      return plain_scalar_to_json(document.scalar);
    case Document::Kind::kSequence: {
      boost::json::array array;
      for (const Document& item : document.items)
        array.push_back(to_json(item));
      return array;
    }
    case Document::Kind::kMap: {
      boost::json::object object;
      for (const DocumentEntry& entry : document.entries)
        object[entry.key] = to_json(entry.value);
      return object;
    }
  }
  return nullptr;
}

}  // namespace halfopen
