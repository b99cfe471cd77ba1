#include "harness/model/triage/connections.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>

namespace halfopen {
namespace {

constexpr std::size_t kPartsMax = 50;

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}
bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// "10.0.0.7:6379", from `at`; nothing where none begins there.
std::string_view address_at(std::string_view line, std::size_t at) {
  std::size_t end = at;
  unsigned dots = 0;
  while (end < line.size() && (is_digit(line[end]) || line[end] == '.')) {
    dots += line[end] == '.' ? 1U : 0U;
    ++end;
  }
  if (dots != 3 || end + 1 >= line.size() || line[end] != ':' || !is_digit(line[end + 1])) {
    return {};
  }
  ++end;
  while (end < line.size() && is_digit(line[end]))
    ++end;
  return line.substr(at, end - at);
}

struct Address {
  std::size_t position = 0;
  std::string_view text;
};
std::vector<Address> addresses_of(std::string_view line) {
  std::vector<Address> all;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (!is_digit(line[at]) || (at > 0 && (is_word(line[at - 1]) || line[at - 1] == '.'))) continue;
    const std::string_view address = address_at(line, at);
    if (address.empty()) continue;
    all.push_back({at, address});
    at += address.size() - 1;
  }
  return all;
}

// nginx numbers connections: " *9216 ".
std::string starred(std::string_view line) {
  for (std::size_t at = line.find(" *"); at != std::string_view::npos;
       at = line.find(" *", at + 1)) {
    std::size_t end = at + 2;
    while (end < line.size() && is_digit(line[end]))
      ++end;
    if (end > at + 2 && (end == line.size() || line[end] == ' ')) {
      return std::string(line.substr(at + 1, end - at - 1));
    }
  }
  return "";
}

// "conn a", "conn=12", "connection 7", "session #3", "peer n2": what follows has a digit or is a
// single letter.
std::string worded(std::string_view line) {
  constexpr std::array<std::string_view, 6> kWords{"connection_id", "conn_id", "connection",
                                                   "connid",        "conn",    "session"};
  for (const std::string_view word : kWords) {
    for (std::size_t at = line.find(word); at != std::string_view::npos;
         at = line.find(word, at + 1)) {
      if (at > 0 && is_word(line[at - 1])) continue;
      std::size_t begin = at + word.size();
      const std::size_t after_word = begin;
      while (begin < line.size() && begin < after_word + 3 &&
             std::string_view(" =#:-[").find(line[begin]) != std::string_view::npos) {
        ++begin;
      }
      if (begin == after_word) continue;
      std::size_t end = begin;
      while (end < line.size() && is_word(line[end]))
        ++end;
      const std::string_view name = line.substr(begin, end - begin);
      const bool is_address =
          end < line.size() && line[end] == '.' && end + 1 < line.size() && is_digit(line[end + 1]);
      const bool has_digit = std::any_of(name.begin(), name.end(), is_digit);
      const bool is_letter = name.size() == 1 && name != "a";
      // "a connection a ..." is English, "conn a" is a name.
      const bool is_named_a = name == "a" && word == "conn";
      if (name.size() > 16 || is_address || !(has_digit || is_letter || is_named_a)) continue;
      return "conn " + std::string(name);
    }
  }
  return "";
}

// "postgres[4415]:", " [4415] ": a process for each connection, if several of one name are there.
std::string process_of(std::string_view line) {
  for (std::size_t at = line.find('['); at != std::string_view::npos; at = line.find('[', at + 1)) {
    std::size_t end = at + 1;
    while (end < line.size() && is_digit(line[end]))
      ++end;
    if (end == at + 1 || end == line.size() || line[end] != ']') continue;
    std::size_t begin = at;
    while (begin > 0 && (is_word(line[begin - 1]) || line[begin - 1] == '-'))
      --begin;
    return std::string(line.substr(begin, end + 1 - begin));
  }
  return "";
}

bool is_process(std::string_view id) {
  return id.ends_with(']');
}
std::string_view program_of(std::string_view id) {
  return id.substr(0, id.find('['));
}

// What stands before a colon and a number in a log, and is no machine: a source file and its line.
bool is_source_file(std::string_view name) {
  constexpr std::array<std::string_view, 18> kSuffixes{
      ".go", ".java", ".py", ".cc",  ".cpp", ".c",  ".h",  ".hpp", ".rs",
      ".js", ".ts",   ".rb", ".php", ".cs",  ".kt", ".ex", ".erl", ".scala"};
  return std::any_of(kSuffixes.begin(), kSuffixes.end(),
                     [&](std::string_view suffix) { return name.ends_with(suffix); });
}

bool is_host_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_';
}

// "db-1.example.com:5432": a name with a letter, and a port that no further number follows.
std::string host_with_port(std::string_view line) {
  std::string last;
  for (std::size_t at = line.find(':'); at != std::string_view::npos; at = line.find(':', at + 1)) {
    std::size_t begin = at;
    while (begin > 0 && is_host_letter(line[begin - 1]))
      --begin;
    std::size_t end = at + 1;
    while (end < line.size() && is_digit(line[end]))
      ++end;
    const std::string_view host = line.substr(begin, at - begin);
    const std::size_t digits = end - at - 1;
    const bool has_more = end < line.size() && is_host_letter(line[end]);
    const bool goes_on =
        has_more || (end + 1 < line.size() && line[end] == ':' && is_digit(line[end + 1]));
    const bool has_letter =
        !host.empty() && std::isalpha(static_cast<unsigned char>(host.front())) != 0;
    // A bare word and a number is more often "code:110" than a machine.
    const bool is_like_host = host.find_first_of("-.0123456789") != std::string_view::npos;
    if (digits < 2 || digits > 5 || goes_on || !has_letter || !is_like_host) continue;
    if (host.size() > 64 || host.ends_with('.') || is_source_file(host)) continue;
    last = std::string(line.substr(begin, end - begin));
  }
  return last;
}

// "peer=node-b", "host: db-1", "link node-b:", "\"peer\":\"nats\"".
std::string named_host(std::string_view line) {
  constexpr std::array<std::string_view, 9> kWords{"peer",     "host", "remote", "broker", "server",
                                                   "upstream", "node", "link",   "target"};
  for (const std::string_view word : kWords) {
    for (std::size_t at = line.find(word); at != std::string_view::npos;
         at = line.find(word, at + 1)) {
      if (at > 0 && is_host_letter(line[at - 1])) continue;
      const std::size_t after = at + word.size();
      const std::size_t begin = std::min(line.find_first_not_of(" =:\"'", after), line.size());
      if (begin == after || begin > after + 4) continue;
      std::size_t end = begin;
      while (end < line.size() && is_host_letter(line[end]))
        ++end;
      const std::string_view name = line.substr(begin, end - begin);
      const std::string_view sign = line.substr(after, begin - after);
      const bool is_field = sign.find('=') != std::string_view::npos || sign == "\":\"";
      const bool has_mark = name.find_first_of("-.0123456789") != std::string_view::npos;
      const bool is_ended =
          end == line.size() || std::string_view(":,)]").find(line[end]) != std::string_view::npos;
      const bool is_name = !name.empty() && name.size() <= 64 &&
                           std::isalpha(static_cast<unsigned char>(name.front())) != 0 &&
                           !name.ends_with('.') && !is_source_file(name);
      if (is_name && (is_field || (has_mark && is_ended))) return std::string(name);
    }
  }
  return "";
}

// A dial belongs to no connection that was open, and who starts or dies serves all of them.
bool belongs_to_all(ClueKind kind) {
  switch (kind) {
    case ClueKind::kRefused:
    case ClueKind::kUnreachable:
    case ClueKind::kDialTimeout:
    case ClueKind::kNameUnknown:
    case ClueKind::kPeerStops:
    case ClueKind::kDied:
    case ClueKind::kBoxDropped:
    case ClueKind::kLinkChanged:
    case ClueKind::kLocalMemory:
    case ClueKind::kDialFailed:
    case ClueKind::kAgeLimit:
    case ClueKind::kBacklogFull:
      return true;
    default:
      return false;
  }
}

// A process that is alone of its name is a program with many connections, not one of them.
std::vector<std::string> ids_of(const Excerpt& excerpt) {
  std::map<std::string, std::set<std::string>, std::less<>> processes;
  for (const Clue& clue : excerpt.clues) {
    if (is_process(clue.connection.id) && !belongs_to_all(clue.kind)) {
      processes[std::string(program_of(clue.connection.id))].insert(clue.connection.id);
    }
  }
  std::vector<std::string> ids;
  for (const Clue& clue : excerpt.clues) {
    std::string id = clue.connection.id;
    if (is_process(id) && processes[std::string(program_of(id))].size() < 2) {
      id = clue.connection.peer;
    }
    ids.push_back(id.empty() ? clue.connection.peer : id);
  }
  // Which address a name has is not in the text: where connections are named in both ways the names
  // tell them apart no more.
  const auto is_name = [&](std::size_t i) {
    return !ids[i].empty() && ids[i] == excerpt.clues[i].connection.peer && !is_digit(ids[i][0]);
  };
  bool has_others = false;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const bool counts = !belongs_to_all(excerpt.clues[i].kind);
    has_others = has_others || (counts && !ids[i].empty() && !is_name(i));
  }
  for (std::size_t i = 0; has_others && i < ids.size(); ++i) {
    if (is_name(i)) ids[i].clear();
  }
  return ids;
}

// An address alone, and the pair of which it is one end, may be the same connection.
bool may_be_same(const std::string& one, const std::string& other) {
  return one.empty() || other.empty() || one.find(other) != std::string::npos ||
         other.find(one) != std::string::npos;
}

// A name and an address may be those of one machine.
bool may_be_same_peer(const std::string& one, const std::string& other) {
  if (!one.empty() && !other.empty() && is_digit(one[0]) != is_digit(other[0])) return true;
  return may_be_same(one, other);
}

struct Named {
  std::string name;
  std::string peer;
};
void add_name(std::vector<Named>& names, const std::string& id, const std::string& peer) {
  if (id.empty() || names.size() == kPartsMax) return;
  for (Named& known : names) {
    const bool is_same =
        known.name == id || (id.find(':') != std::string::npos && may_be_same(known.name, id));
    if (!is_same) continue;
    if (id.size() > known.name.size()) known.name = id;
    return;
  }
  names.push_back({id, peer});
}

Excerpt part_of(const Excerpt& whole, const std::vector<std::string>& ids, const Named& named) {
  Excerpt part = whole;
  part.clues.clear();
  part.sockets.clear();
  bool has_own_silence = whole.first_error() == nullptr;
  for (std::size_t i = 0; i < whole.clues.size(); ++i) {
    const Clue& clue = whole.clues[i];
    const bool is_shared =
        belongs_to_all(clue.kind) && may_be_same_peer(clue.connection.peer, named.peer);
    if (!is_shared && (belongs_to_all(clue.kind) || !may_be_same(ids[i], named.name))) continue;
    has_own_silence = has_own_silence || &clue == whole.first_error();
    part.clues.push_back(clue);
  }
  for (const SocketClue& socket : whole.sockets) {
    if (socket.peer == named.name) part.sockets.push_back(socket);
  }
  if (!has_own_silence) {
    part.silence.reset();
    part.quiet.reset();
    part.wait.reset();
  }
  if (!may_be_same(whole.stated_idle_of, named.name)) part.stated_idle.reset();
  return part;
}

}  // namespace

ConnectionName name_connection(std::string_view line) {
  ConnectionName name;
  const auto addresses = addresses_of(line);
  if (!addresses.empty()) name.peer = addresses.back().text;
  if (name.peer.empty()) name.peer = host_with_port(line);
  if (name.peer.empty()) name.peer = named_host(line);
  for (std::size_t i = 1; i < addresses.size(); ++i) {
    const std::size_t end = addresses[i - 1].position + addresses[i - 1].text.size();
    if (line.substr(end, addresses[i].position - end) == "->") {
      name.id = std::string(addresses[i - 1].text) + "->" + std::string(addresses[i].text);
    }
  }
  if (const std::string id = starred(line); !id.empty()) name.id = id;
  if (name.id.empty()) name.id = worded(line);
  if (name.id.empty()) name.id = process_of(line);
  return name;
}

std::vector<ConnectionPart> part_by_connections(const Excerpt& excerpt) {
  const std::vector<std::string> ids = ids_of(excerpt);
  std::vector<Named> names;
  for (std::size_t i = 0; i < excerpt.clues.size(); ++i) {
    const Clue& clue = excerpt.clues[i];
    const bool tells_of_one = !belongs_to_all(clue.kind) && clue.kind != ClueKind::kSentOk;
    if (tells_of_one) add_name(names, ids[i], clue.connection.peer);
  }
  for (const SocketClue& socket : excerpt.sockets)
    add_name(names, socket.peer, socket.peer);
  std::vector<ConnectionPart> parts;
  if (names.size() < 2) return parts;
  for (const Named& named : names)
    parts.push_back({named.name, part_of(excerpt, ids, named)});
  return parts;
}

}  // namespace halfopen
