#include "proxy/shell/toxiproxy_json.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cctype>

namespace halfopen {
namespace {

using boost::json::value;

constexpr std::size_t kDepthMax = 32;

// A character in the quotes of Go's messages.
std::string quoted(char letter) {
  switch (letter) {
    case '\'':
      return R"('\'')";
    case '\n':
      return R"('\n')";
    case '\t':
      return R"('\t')";
    case '\r':
      return R"('\r')";
    case '\\':
      return R"('\\')";
    default:
      break;
  }
  const auto code = static_cast<unsigned char>(letter);
  if (code >= 0x20 && code < 0x7f) return std::string("'") + letter + "'";
  constexpr std::string_view kDigits = "0123456789abcdef";
  return std::string("'\\x") + kDigits[code >> 4U] + kDigits[code & 15U] + "'";
}

bool is_space(char letter) {
  return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n';
}
bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

// Goes over one value and notes the first thing that is wrong. Depth is bounded, so recursion is.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Result<std::size_t> scan() {
    skip_spaces();
    if (at_ == text_.size()) return Problem{"EOF"};
    scan_value(0);
    if (problem_) return *problem_;
    return at_;
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  void skip_spaces() {
    while (!at_end() && is_space(text_[at_]))
      ++at_;
  }
  void fail(std::string_view where) {
    if (problem_) return;
    problem_ = at_end() ? Problem{"unexpected EOF"}
                        : Problem{"invalid character ", quoted(text_[at_]), " ", where};
  }
  // The next character that is no space, taken if it is one of these.
  char take(std::string_view expected, std::string_view where) {
    skip_spaces();
    if (problem_) return '\0';
    if (!at_end() && expected.find(text_[at_]) != std::string_view::npos) return text_[at_++];
    fail(where);
    return '\0';
  }
  [[nodiscard]] char peek() {
    skip_spaces();
    return at_end() ? '\0' : text_[at_];
  }

  void scan_value(std::size_t depth) {
    if (problem_) return;
    if (depth > kDepthMax) {
      problem_ = Problem{"exceeded max depth"};
      return;
    }
    switch (peek()) {
      case '{':
        return scan_object(depth);
      case '[':
        return scan_array(depth);
      case '"':
        return scan_string();
      case 't':
        return scan_literal("true");
      case 'f':
        return scan_literal("false");
      case 'n':
        return scan_literal("null");
      default:
        break;
    }
    if (!at_end() && (text_[at_] == '-' || is_digit(text_[at_]))) return scan_number();
    fail("looking for beginning of value");
  }

  void scan_object(std::size_t depth) {
    ++at_;
    if (peek() == '}') {
      ++at_;
      return;
    }
    while (!problem_) {
      if (peek() != '"') return fail("looking for beginning of object key string");
      scan_string();
      (void)take(":", "after object key");
      scan_value(depth + 1);
      if (take(",}", "after object key:value pair") == '}') return;
    }
  }

  void scan_array(std::size_t depth) {
    ++at_;
    if (peek() == ']') {
      ++at_;
      return;
    }
    while (!problem_) {
      scan_value(depth + 1);
      if (take(",]", "after array element") == ']') return;
    }
  }

  void scan_string() {
    ++at_;
    while (true) {
      if (at_end() || static_cast<unsigned char>(text_[at_]) < 0x20) {
        return fail("in string literal");
      }
      const char letter = text_[at_++];
      if (letter == '"') return;
      if (letter == '\\') scan_escape();
      if (problem_) return;
    }
  }

  void scan_escape() {
    if (at_end() || std::string_view("bfnrt\\/\"u").find(text_[at_]) == std::string_view::npos) {
      return fail("in string escape code");
    }
    if (text_[at_++] != 'u') return;
    for (int i = 0; i < 4; ++i) {
      if (at_end() || std::isxdigit(static_cast<unsigned char>(text_[at_])) == 0) {
        return fail("in \\u hexadecimal character escape");
      }
      ++at_;
    }
  }

  void scan_literal(std::string_view word) {
    for (const char letter : word) {
      if (at_end() || text_[at_] != letter) {
        return fail("in literal " + std::string(word) + " (expecting " + quoted(letter) + ")");
      }
      ++at_;
    }
  }

  void scan_digits(std::string_view where) {
    if (at_end() || !is_digit(text_[at_])) return fail(where);
    while (!at_end() && is_digit(text_[at_]))
      ++at_;
  }

  void scan_number() {
    if (text_[at_] == '-') ++at_;
    if (!at_end() && text_[at_] == '0') {
      ++at_;
    } else {
      scan_digits("in numeric literal");
    }
    if (!problem_ && !at_end() && text_[at_] == '.') {
      ++at_;
      scan_digits("after decimal point in numeric literal");
    }
    if (!problem_ && !at_end() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (!at_end() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      scan_digits("in exponent of numeric literal");
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<Problem> problem_;
};

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

}  // namespace

std::string go_kind(const value& found) {
  switch (found.kind()) {
    case boost::json::kind::bool_:
      return "bool";
    case boost::json::kind::string:
      return "string";
    case boost::json::kind::array:
      return "array";
    case boost::json::kind::object:
      return "object";
    case boost::json::kind::null:
      return "null";
    default:
      return "number";
  }
}

Result<std::size_t> find_end_of_json(std::string_view text) {
  return Scanner{text}.scan();
}

Answer<value> read_json(std::string_view body) {
  const auto end = find_end_of_json(body);
  if (end.has_error()) return Refusal{400, "bad request body: " + end.error().text};
  boost::json::parse_options options;
  options.max_depth = kDepthMax + 2;
  boost::system::error_code error;
  value parsed = boost::json::parse(body.substr(0, *end), error, {}, options);
  // What is left for this parser to find is text that is not UTF-8.
  if (error) return Refusal{400, "bad request body: " + error.message()};
  return parsed;
}

Answer<LenientObject> LenientObject::from(const value& json, std::string_view go_type) {
  if (json.is_null()) return LenientObject{nullptr, go_type};
  if (json.is_object()) return LenientObject{&json.get_object(), go_type};
  return Refusal{400, "bad request body: json: cannot unmarshal " + go_kind(json) +
                          " into Go value of type toxiproxy." + std::string(go_type)};
}

const value* LenientObject::find(std::string_view key) const {
  if (fields_ == nullptr) return nullptr;
  const value* found = nullptr;
  for (const auto& [name, content] : *fields_) {
    if (equals_ignoring_case(name, key) && !content.is_null()) found = &content;
  }
  return found;
}

Refusal LenientObject::wrong_type(std::string_view key, const value& found,
                                  std::string_view expected) const {
  return {400, "bad request body: json: cannot unmarshal " + go_kind(found) +
                   " into Go struct field " + std::string(go_type_) + "." + std::string(key) +
                   " of type " + std::string(expected)};
}

Answer<std::optional<std::string>> LenientObject::string(std::string_view key) const {
  const value* found = find(key);
  if (found == nullptr) return std::optional<std::string>{};
  if (!found->is_string()) return wrong_type(key, *found, "string");
  return std::optional<std::string>{std::string(found->get_string())};
}

Answer<std::optional<bool>> LenientObject::boolean(std::string_view key) const {
  const value* found = find(key);
  if (found == nullptr) return std::optional<bool>{};
  if (!found->is_bool()) return wrong_type(key, *found, "bool");
  return std::optional<bool>{found->get_bool()};
}

Answer<std::optional<double>> LenientObject::number(std::string_view key) const {
  const value* found = find(key);
  if (found == nullptr) return std::optional<double>{};
  if (!found->is_number()) return wrong_type(key, *found, "float32");
  return std::optional<double>{found->to_number<double>()};
}

Answer<boost::json::object> LenientObject::object(std::string_view key) const {
  const value* found = find(key);
  if (found == nullptr) return boost::json::object{};
  if (!found->is_object()) return wrong_type(key, *found, "map");
  return found->get_object();
}

}  // namespace halfopen
