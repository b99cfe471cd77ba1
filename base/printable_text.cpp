#include "base/printable_text.hpp"

#include <algorithm>
#include <array>

namespace halfopen {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
  bool is_valid = false;
};

struct LeadByte {
  unsigned first;
  unsigned last;
  std::size_t bytes;
  char32_t smallest;  // what is smaller is written with too many bytes (RFC 3629)
};
constexpr std::array kLeadBytes{LeadByte{0x00, 0x7F, 1, 0}, LeadByte{0xC2, 0xDF, 2, 0x80},
                                LeadByte{0xE0, 0xEF, 3, 0x800}, LeadByte{0xF0, 0xF4, 4, 0x10000}};

Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const auto* kind = std::find_if(kLeadBytes.begin(), kLeadBytes.end(), [&](const LeadByte& one) {
    return lead >= one.first && lead <= one.last;
  });
  if (kind == kLeadBytes.end() || text.size() < kind->bytes) return {};
  if (kind->bytes == 1) return {lead, 1, true};
  char32_t code = lead & (0x7FU >> kind->bytes);
  for (const char next : text.substr(1, kind->bytes - 1)) {
    const auto byte = static_cast<unsigned char>(next);
    if ((byte & 0xC0U) != 0x80U) return {};
    code = (code << 6U) | (byte & 0x3FU);
  }
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kind->smallest || code > 0x10FFFF || is_surrogate) return {};
  return {code, kind->bytes, true};
}

bool obeyed_by_terminals(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x200E || code == 0x200F ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

bool stands_in_xml(char32_t code) {
  if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
  return code != 0xFFFE && code != 0xFFFF;
}

// Calls `put` with what stands for each character in turn, until it answers false.
template <class Replace, class Put>
void for_each_character(std::string_view text, const Replace& replace, const Put& put) {
  while (!text.empty()) {
    const Character character = first_character(text);
    const std::string_view bytes =
        character.is_valid ? text.substr(0, character.bytes) : kReplacement;
    if (!put(character.is_valid ? replace(character.code, bytes) : bytes)) return;
    text.remove_prefix(character.bytes);
  }
}

template <class Replace>
std::string replaced(std::string_view text, const Replace& replace) {
  std::string result;
  result.reserve(text.size());
  for_each_character(text, replace, [&](std::string_view bytes) {
    result += bytes;
    return true;
  });
  return result;
}

}  // namespace

std::string printable(std::string_view text, std::size_t bytes_max) {
  const auto replace = [](char32_t code, std::string_view bytes) {
    return obeyed_by_terminals(code) ? std::string_view(" ") : bytes;
  };
  std::string result;
  for_each_character(text, replace, [&](std::string_view bytes) {
    const bool fits = result.size() + bytes.size() <= bytes_max;
    result += fits ? bytes : "...";
    return fits;
  });
  return result;
}

std::string valid_utf8(std::string_view text) {
  return replaced(text, [](char32_t, std::string_view bytes) { return bytes; });
}

std::string xml_text(std::string_view text) {
  return replaced(text, [](char32_t code, std::string_view bytes) {
    return stands_in_xml(code) ? bytes : kReplacement;
  });
}

}  // namespace halfopen
