#include "harness/model/triage/text_encoding.hpp"

#include <algorithm>
#include <cstdint>

namespace halfopen {
namespace {

constexpr std::size_t kBytesMax = std::size_t{4} << 20U;

void append_utf8(std::uint32_t point, std::string& out) {
  const auto continuation = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((point >> shift) & 0x3fU));
  };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0U | (point >> 6U));
    continuation(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0U | (point >> 12U));
    continuation(6);
    continuation(0);
  } else {
    out += static_cast<char>(0xf0U | (point >> 18U));
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

bool is_strange(char c) {
  const auto byte = static_cast<unsigned char>(c);
  // Tab, line feed, form feed, carriage return and the escape of colours stand in logs.
  return byte < 0x20 && c != '\t' && c != '\n' && c != '\f' && c != '\r' && c != 0x1b;
}

// A byte that begins no character and belongs to none; Latin-1 has a few of them in a line.
std::size_t count_misplaced(std::string_view text) {
  std::size_t misplaced = 0;
  unsigned open = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 && byte < 0xc0) {
      if (open == 0) ++misplaced;
      open -= open > 0 ? 1U : 0U;
      continue;
    }
    misplaced += open > 0 ? 1U : 0U;
    open = byte >= 0xf0 ? 3U : byte >= 0xe0 ? 2U : byte >= 0xc0 ? 1U : 0U;
  }
  return misplaced;
}

}  // namespace

std::optional<DecodedText> decode_utf16(std::string_view bytes) {
  const bool is_little = bytes.starts_with("\xff\xfe");
  if (!is_little && !bytes.starts_with("\xfe\xff")) return std::nullopt;
  DecodedText decoded;
  std::string& out = decoded.text;
  bytes.remove_prefix(2);
  const auto unit_at = [&](std::size_t at) -> std::uint32_t {
    const auto first = static_cast<unsigned char>(bytes[at]);
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    return is_little ? first | (std::uint32_t{second} << 8U)
                     : second | (std::uint32_t{first} << 8U);
  };
  // Of a long text the end counts, from the beginning of a line on.
  std::size_t begin = 0;
  if (bytes.size() > kBytesMax) {
    const std::size_t whole = bytes.size() - bytes.size() % 2;
    for (std::size_t at = 0; at + 1 < whole; at += 2) {
      if (unit_at(at) != '\n') continue;
      ++decoded.lines_left_out;
      begin = at + 2;
      if (whole - begin <= kBytesMax) break;
    }
    const bool is_one_line = begin == whole || whole - begin > kBytesMax;
    if (is_one_line) begin = whole - kBytesMax;
  }
  for (std::size_t at = begin; at + 1 < bytes.size(); at += 2) {
    std::uint32_t point = unit_at(at);
    const bool is_high = point >= 0xd800 && point < 0xdc00;
    const std::uint32_t low = is_high && at + 3 < bytes.size() ? unit_at(at + 2) : 0;
    if (low >= 0xdc00 && low < 0xe000) {
      point = 0x10000 + ((point - 0xd800) << 10U) + (low - 0xdc00);
      at += 2;
    } else if (point >= 0xd800 && point < 0xe000) {
      point = '?';
    }
    append_utf8(point, out);
  }
  return decoded;
}

std::string why_unreadable(std::string_view text) {
  const bool is_blank = text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
  if (is_blank) return "the text is empty";
  const auto strange =
      static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_strange));
  const auto zeros = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\0'));
  const std::string counts =
      std::to_string(zeros) + " of its " + std::to_string(text.size()) + " bytes are NUL";
  if (zeros > text.size() / 3 && zeros == strange) {
    return "this is not text (" + counts + "); UTF-16 is read where its byte order mark begins it";
  }
  if (zeros > text.size() / 100) return "this is not text (" + counts + ")";
  // One in ten: no log in any language or code page has so many.
  if (strange > text.size() / 10) return "this is not text (it is full of control characters)";
  if (count_misplaced(text) > text.size() / 4) return "this is not text (it is no UTF-8)";
  return "";
}

}  // namespace halfopen
