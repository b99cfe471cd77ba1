#include "harness/model/triage/phrase_context.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace halfopen {
namespace {

// Between a number and the word that says what it is: "error number 10054", "error code was 10054".
constexpr std::array<std::string_view, 7> kFillers{"number", "no", "nr", "num", "is", "was", "of"};
constexpr std::array<std::string_view, 7> kErrorWords{"wsa",  "winsock",   "error", "errno",
                                                      "code", "exception", "failed"};
constexpr std::array<std::string_view, 8> kNegations{"no",   "not", "never", "without",
                                                     "zero", "0",   "isn't", "wasn't"};
// "not a broken pipe", "no more connection resets".
constexpr std::array<std::string_view, 8> kArticles{"a",    "an",     "any",     "the",
                                                    "more", "longer", "further", "single"};
constexpr std::array<std::string_view, 6> kNothings{"0", "none", "no", "false", "zero", "never"};

template <std::size_t Size>
bool is_one_of(std::string_view word, const std::array<std::string_view, Size>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '\'' || c == '_';
}

// Takes the last word off, with the separators behind it.
std::string_view take_last_word(std::string_view& text, std::string_view separators) {
  while (!text.empty() && separators.find(text.back()) != std::string_view::npos)
    text.remove_suffix(1);
  std::size_t begin = text.size();
  while (begin > 0 && is_letter(text[begin - 1]))
    --begin;
  const std::string_view word = text.substr(begin);
  text.remove_suffix(word.size());
  return word;
}

bool says_error(std::string_view word) {
  return word == "err" || std::any_of(kErrorWords.begin(), kErrorWords.end(), [&](auto part) {
           return word.find(part) != std::string_view::npos;
         });
}

bool is_called_an_error(std::string_view before, std::string_view after) {
  constexpr std::string_view kSeparators = " \t:=#.()[{<\"'";
  std::string_view word = take_last_word(before, kSeparators);
  for (int i = 0; i < 2 && is_one_of(word, kFillers); ++i)
    word = take_last_word(before, kSeparators);
  if (says_error(word)) return true;
  // "10054 (wsaeconnreset)"; of what only follows, nothing but the family's own name counts.
  const std::size_t begin = after.find_first_not_of(" \t:=([");
  return begin != std::string_view::npos && after.substr(begin).starts_with("wsa");
}

bool is_denied(std::string_view before, std::string_view after) {
  std::string_view word = take_last_word(before, " \t");
  for (int i = 0; i < 2 && is_one_of(word, kArticles); ++i)
    word = take_last_word(before, " \t");
  if (is_one_of(word, kNegations)) return true;
  // "broken pipes: 0", "connection reset=none"; but "connection reset: no such ..." is an error.
  if (after.starts_with("s")) after.remove_prefix(1);
  const std::size_t sign = after.find_first_not_of(" \t");
  if (sign == std::string_view::npos || (after[sign] != ':' && after[sign] != '=')) return false;
  const std::size_t begin = after.find_first_not_of(" \t", sign + 1);
  if (begin == std::string_view::npos) return false;
  std::string_view value = after.substr(begin);
  const std::size_t end = value.find_first_of(after[sign] == '=' ? " \t,;)]" : ",;)]");
  value = value.substr(0, end);
  while (!value.empty() && (value.back() == ' ' || value.back() == '.'))
    value.remove_suffix(1);
  return is_one_of(value, kNothings);
}

// "connectTimeout=3000", "idle timeout: 60s", "read timeout is set to 5s" tell of a setting; but
// not where the line says that something was closed by it.
bool is_setting(std::string_view line, std::string_view words, std::string_view after) {
  constexpr std::array<std::string_view, 3> kNames{"timeout", "max_age", "connection_age"};
  constexpr std::array<std::string_view, 10> kEvents{"clos",   "terminat", "disconnect", "drop",
                                                     "expire", "exceeded", "goaway",     "fail",
                                                     "error",  "idle for"};
  const auto is_in = [](std::string_view text) {
    return [text](std::string_view word) { return text.find(word) != std::string_view::npos; };
  };
  if (std::none_of(kNames.begin(), kNames.end(), is_in(words))) return false;
  if (std::any_of(kEvents.begin(), kEvents.end(), is_in(line))) return false;
  constexpr std::array<std::string_view, 4> kBetween{" is set to", " set to", " of", " is"};
  for (const std::string_view between : kBetween) {
    if (!after.starts_with(between)) continue;
    after.remove_prefix(between.size());
    break;
  }
  const std::size_t begin = after.find_first_not_of(" \t\"'=:");
  return begin != std::string_view::npos && begin > 0 &&
         std::isdigit(static_cast<unsigned char>(after[begin])) != 0;
}

}  // namespace

bool is_meant(std::string_view line, std::size_t at, std::size_t length) {
  const std::string_view before = line.substr(0, at);
  const std::string_view words = line.substr(at, length);
  const std::string_view after = line.substr(at + length);
  const bool is_bare_number =
      std::all_of(words.begin(), words.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  if (is_bare_number && !is_called_an_error(before, after)) return false;
  return !is_denied(before, after) && !is_setting(line, words, after);
}

}  // namespace halfopen
