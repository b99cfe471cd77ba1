#include "harness/model/triage/system_calls.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace halfopen {
namespace {

constexpr std::size_t kSocketsMax = 1000;

struct Call {
  std::string_view name;
  unsigned descriptor = 0;
  std::string_view result;  // behind " = "
};

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::optional<Call> parse_call(std::string_view line) {
  const std::size_t open = line.find('(');
  const std::size_t equals = line.rfind(" = ");
  if (open == std::string_view::npos || equals == std::string_view::npos || equals < open) {
    return std::nullopt;
  }
  std::size_t begin = open;
  while (begin > 0 && is_name(line[begin - 1]))
    --begin;
  Call call;
  call.name = line.substr(begin, open - begin);
  const char* first = line.data() + open + 1;
  const auto [end, error] = std::from_chars(first, line.data() + line.size(), call.descriptor);
  if (call.name.empty() || error != std::errc{} || end == first) return std::nullopt;
  call.result = line.substr(equals + 3);
  return call;
}

template <std::size_t Size>
bool is_one_of(std::string_view word, const std::array<std::string_view, Size>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// "recvfrom(7, "", 0, ...) = 0" asked for nothing; it is rare, and left alone.
bool got_nothing(const Call& call) {
  return call.result == "0" || call.result.starts_with("0 ");
}

// "[pid 12] ..." and, of "strace -f -o", "12 ...": who calls; "" for the only thread.
std::string_view thread_of(std::string_view line) {
  const std::size_t begin = line.starts_with("[pid ") ? line.find_first_not_of(' ', 5) : 0;
  if (begin == std::string_view::npos) return "";
  std::size_t end = begin;
  while (end < line.size() && std::isdigit(static_cast<unsigned char>(line[end])) != 0)
    ++end;
  const bool is_number = end > begin && end < line.size() && (line[end] == ' ' || line[end] == ']');
  return is_number ? line.substr(begin, end - begin) : "";
}

}  // namespace

void SystemCalls::forget(unsigned descriptor) {
  dialing_.erase(descriptor);
  asked_to_close_.erase(descriptor);
  is_ending_.erase(descriptor);
}

// HTTP ends an answer with a FIN where one side asked for it; before an answer it is none.
void SystemCalls::note_words(std::string_view line, unsigned descriptor, bool received) {
  const auto says = [&](std::string_view words) {
    return line.find(words) != std::string_view::npos;
  };
  const bool keeps = says("connection: keep-alive");
  const bool closes = says("connection: close") || (says("http/1.0") && !keeps);
  if (received && (closes || asked_to_close_.count(descriptor) > 0)) is_ending_.insert(descriptor);
  if (!received && closes) asked_to_close_.insert(descriptor);
}

// Of several threads strace cuts a call that waits: "recvfrom(7,  <unfinished ...>", and later
// "<... recvfrom resumed>"ok", 4096, 0, NULL, NULL) = 2".
std::optional<SystemCall> SystemCalls::read(std::string_view line) {
  constexpr std::size_t kHeadMax = 200;
  constexpr std::string_view kResumed = " resumed>";
  const std::size_t cut = line.find("<unfinished ...>");
  if (cut != std::string_view::npos) {
    const std::string thread(thread_of(line));
    if (unfinished_.size() < kSocketsMax || unfinished_.count(thread) > 0) {
      unfinished_[thread] = std::string(line.substr(0, std::min(cut, kHeadMax)));
    }
    return std::nullopt;
  }
  const std::size_t begin = line.find("<... ");
  const std::size_t end = line.find(kResumed);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    return read_whole(line);
  }
  const auto head = unfinished_.find(thread_of(line));
  if (head == unfinished_.end()) return std::nullopt;
  const std::string whole = head->second + std::string(line.substr(end + kResumed.size()));
  unfinished_.erase(head);
  const std::string name(line.substr(begin + 5, end - begin - 5));
  return whole.find(name + "(") == std::string::npos ? std::nullopt : read_whole(whole);
}

std::optional<SystemCall> SystemCalls::read_whole(std::string_view line) {
  constexpr std::array<std::string_view, 8> kOfSockets{"connect",    "sendto",  "sendmsg",
                                                       "recvfrom",   "recvmsg", "getsockopt",
                                                       "setsockopt", "shutdown"};
  constexpr std::array<std::string_view, 3> kReceives{"recvfrom", "recvmsg", "read"};
  constexpr std::array<std::string_view, 3> kSends{"sendto", "sendmsg", "write"};
  const auto call = parse_call(line);
  if (!call) return std::nullopt;
  if (is_one_of(call->name, kOfSockets) && sockets_.size() < kSocketsMax) {
    sockets_.insert(call->descriptor);
  }
  if (sockets_.count(call->descriptor) == 0) return std::nullopt;
  SystemCall found;
  const std::string descriptor = std::to_string(call->descriptor);
  found.connection = "fd " + descriptor;
  found.words = std::string(call->name) + "(" + descriptor +
                ", ...) = " + std::string(call->result.substr(0, call->result.find(' ')));
  const bool moved_bytes =
      !call->result.empty() && call->result[0] >= '1' && call->result[0] <= '9';
  found.was_answered = is_one_of(call->name, kReceives) && moved_bytes;
  const bool moves = found.was_answered || is_one_of(call->name, kSends);
  if (moves && moved_bytes) note_words(line, call->descriptor, found.was_answered);
  if (call->name == "close") {
    sockets_.erase(call->descriptor);
    forget(call->descriptor);
  } else if (call->name == "shutdown") {
    const bool ends_sending = line.find("shut_wr") != std::string_view::npos ||
                              line.find("shut_rdwr") != std::string_view::npos;
    if (ends_sending && got_nothing(*call)) is_ending_.insert(call->descriptor);
  } else if (call->name == "connect") {
    found.dials = true;
    forget(call->descriptor);
    if (call->result.find("einprogress") != std::string_view::npos) {
      dialing_.insert(call->descriptor);
    }
  } else if (call->name == "getsockopt" && line.find("so_error") != std::string_view::npos) {
    // The dial's outcome is read once; later ones are of the open connection.
    found.dials = dialing_.erase(call->descriptor) > 0;
  } else if (is_one_of(call->name, kReceives) && got_nothing(*call)) {
    if (is_ending_.count(call->descriptor) == 0) found.outcome = ClueKind::kEof;
  } else if (is_one_of(call->name, kSends) && moved_bytes) {
    found.outcome = ClueKind::kSentOk;
  }
  return found;
}

}  // namespace halfopen
