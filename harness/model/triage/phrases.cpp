#include "harness/model/triage/phrases.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "harness/model/triage/phrase_context.hpp"
#include "harness/model/triage/phrase_table.hpp"

namespace halfopen {
namespace {

using Kind = ClueKind;

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// A number is not a part of a longer one, and a name of an errno not of a longer name.
bool stands_alone(std::string_view line, std::size_t at, std::size_t length) {
  const std::string_view words = line.substr(at, length);
  const bool begins_bare = at == 0 || !is_word(line[at - 1]) || !is_word(words.front());
  const bool ends_bare =
      at + length >= line.size() || !is_word(line[at + length]) || !is_word(words.back());
  const bool is_number = std::isdigit(static_cast<unsigned char>(words.back())) != 0;
  const bool is_errno =
      words.front() == 'e' && words.find(' ') == std::string_view::npos && words.size() < 13;
  if (is_number) {
    // A port, as in 10.0.0.1:10054, is no error.
    const bool is_port = at > 0 && (line[at - 1] == ':' || line[at - 1] == '.') &&
                         std::isdigit(static_cast<unsigned char>(words.front())) != 0;
    return begins_bare && ends_bare && !is_port;
  }
  if (is_errno) return begins_bare && ends_bare;
  return begins_bare;
}

// HAProxy's timers stand before its termination state: "0/0/600007", "10/0/30/69/109", "-1/+5/9".
// A date, as 2025/08/08, is none.
bool is_timers(std::string_view word) {
  if (word.find_first_not_of("0123456789/+-") != std::string_view::npos) return false;
  const auto slashes = std::count(word.begin(), word.end(), '/');
  const bool is_date = slashes == 2 && word.size() == 10 && word[4] == '/' && word[7] == '/' &&
                       (word.starts_with("19") || word.starts_with("20"));
  const bool is_filled =
      word.find("//") == std::string_view::npos && word.front() != '/' && word.back() != '/';
  return slashes >= 2 && !is_date && is_filled;
}

bool has_timers(std::string_view before) {
  while (!before.empty()) {
    const std::size_t end = std::min(before.find(' '), before.size());
    if (end > 0 && is_timers(before.substr(0, end))) return true;
    before.remove_prefix(std::min(end + 1, before.size()));
  }
  return false;
}

// HAProxy's termination state, as "cD--" or "SD" between other columns. First letter: who ended it,
// C the client and S the server by closing or a reset, c and s a timeout of HAProxy's own on that
// side; second letter: D while data could flow (HAProxy's configuration manual, section 8.5).
void find_termination(std::string_view raw, std::vector<FoundPhrase>& found) {
  struct Flag {
    std::string_view word;
    Kind kind;
  };
  constexpr std::array kFlags{
      Flag{" CD", Kind::kClosedByClient}, Flag{" SD", Kind::kClosedByServer},
      Flag{" cD", Kind::kIdleClose},      Flag{" sD", Kind::kIdleClose},
      Flag{" SH", Kind::kClosedByServer}, Flag{" sC", Kind::kDialTimeout},
      Flag{" SC", Kind::kRefused}};
  for (const Flag& flag : kFlags) {
    const std::size_t at = raw.find(flag.word);
    if (at == std::string_view::npos || !has_timers(raw.substr(0, at))) continue;
    const std::string_view after = raw.substr(at + flag.word.size(), 3);
    if (after.starts_with(" ") || after.starts_with("-- ")) {
      found.push_back({flag.kind, at + 1, flag.word.size() - 1});
    }
  }
}

// systemd's "Started vote-node.service - ..." and "Started vote-node.service."
void find_started_service(std::string_view line, std::vector<FoundPhrase>& found) {
  constexpr std::string_view kStarted = "started ";
  constexpr std::string_view kService = ".service";
  const std::size_t at = line.find(kStarted);
  if (at == std::string_view::npos || (at > 0 && is_word(line[at - 1]))) return;
  const std::size_t end = line.find(kService, at);
  const std::size_t gap = line.find(' ', at + kStarted.size());
  if (end == std::string_view::npos || gap < end) return;
  found.push_back({Kind::kPeerStops, at, end + kService.size() - at});
}

// A firewall of Cisco's: "Teardown TCP connection 4711 for outside:... bytes 8812 Connection
// timeout".
void find_teardown(std::string_view line, std::vector<FoundPhrase>& found) {
  const std::size_t at = line.find("teardown tcp connection");
  const std::size_t reason = line.rfind("connection timeout");
  if (at == std::string_view::npos || reason == std::string_view::npos || reason < at) return;
  found.push_back(
      {Kind::kForgotten, at, reason + std::string_view("connection timeout").size() - at});
}

void find_all(std::span<const Phrase> phrases, std::string_view line,
              std::vector<FoundPhrase>& found) {
  for (const Phrase& phrase : phrases) {
    const std::size_t length = phrase.words.size();
    for (std::size_t at = line.find(phrase.words); at != std::string_view::npos;
         at = line.find(phrase.words, at + 1)) {
      if (stands_alone(line, at, length) && is_meant(line, at, length)) {
        found.push_back({phrase.kind, at, length});
      }
    }
  }
}

}  // namespace

std::vector<FoundPhrase> find_phrases(std::string_view line, std::string_view raw) {
  std::vector<FoundPhrase> all;
  find_all(known_phrases(), line, all);
  find_all(translated_phrases(), line, all);
  find_termination(raw, all);
  find_started_service(line, all);
  find_teardown(line, all);
  std::stable_sort(all.begin(), all.end(), [](const FoundPhrase& one, const FoundPhrase& other) {
    return one.length > other.length;
  });
  std::vector<FoundPhrase> kept;
  for (const FoundPhrase& phrase : all) {
    const bool overlaps = std::any_of(kept.begin(), kept.end(), [&](const FoundPhrase& other) {
      return phrase.position < other.position + other.length &&
             other.position < phrase.position + phrase.length;
    });
    if (!overlaps) kept.push_back(phrase);
  }
  std::stable_sort(kept.begin(), kept.end(), [](const FoundPhrase& one, const FoundPhrase& other) {
    return one.position < other.position;
  });
  return kept;
}

}  // namespace halfopen
