// What successive sends said, as names and numbers of errno(3).
#include <algorithm>
#include <array>
#include <cctype>

#include "base/near_name.hpp"
#include "base/printable_text.hpp"
#include "harness/model/triage/excerpt.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kShownMax = 160;
constexpr std::size_t kCluesMax = 200;

struct ErrnoName {
  std::string_view name;
  std::string_view number;  // Linux
  std::string_view windows;
  ClueKind kind;
};
constexpr std::array kErrnos{
    ErrnoName{"OK", "0", "", ClueKind::kSentOk},
    ErrnoName{"EPIPE", "32", "", ClueKind::kBrokenPipe},
    ErrnoName{"ECONNRESET", "104", "10054", ClueKind::kReset},
    ErrnoName{"ETIMEDOUT", "110", "10060", ClueKind::kTimedOut},
    ErrnoName{"ECONNABORTED", "103", "10053", ClueKind::kAborted},
    ErrnoName{"ECONNREFUSED", "111", "10061", ClueKind::kRefused},
    ErrnoName{"EHOSTUNREACH", "113", "10065", ClueKind::kUnreachable},
    ErrnoName{"ENETUNREACH", "101", "10051", ClueKind::kUnreachable},
    ErrnoName{"EPERM", "1", "", ClueKind::kNotPermitted},
    ErrnoName{"EBADF", "9", "", ClueKind::kUseOfClosed},
    ErrnoName{"ENOTCONN", "107", "10057", ClueKind::kUseOfClosed},
    ErrnoName{"EOF", "", "", ClueKind::kEof},
};

}  // namespace

Result<Excerpt> read_errnos(std::string_view text) {
  Excerpt excerpt;
  std::vector<std::string> names;
  names.reserve(kErrnos.size());
  for (const ErrnoName& known : kErrnos)
    names.emplace_back(known.name);
  std::string_view left = text;
  while (!left.empty()) {
    const std::size_t length = left.find_first_of(", ");
    std::string word(left.substr(0, length));
    left.remove_prefix(length == std::string_view::npos ? left.size() : length + 1);
    if (word.empty()) continue;
    for (char& c : word)
      c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const auto* found = std::find_if(kErrnos.begin(), kErrnos.end(), [&](const ErrnoName& known) {
      return word == known.name || (!known.number.empty() && word == known.number) ||
             (!known.windows.empty() && word == known.windows) ||
             (known.name.front() == 'E' && word == known.name.substr(1));
    });
    if (found == kErrnos.end()) {
      return Problem{"--errnos: unknown errno \"", printable(word, kShownMax), "\"; ",
                     expected_names(word, names)};
    }
    if (excerpt.clues.size() < kCluesMax) {
      excerpt.clues.push_back(
          {found->kind, 0, std::string(found->name), std::string(found->name), {}, {}});
    }
  }
  if (excerpt.clues.empty()) {
    return Problem{"--errnos: expected what successive sends said, as in OK,EPIPE"};
  }
  return excerpt;
}

}  // namespace halfopen
