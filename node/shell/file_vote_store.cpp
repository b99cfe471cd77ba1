#include "node/shell/file_vote_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "node/shell/vote_json.hpp"

namespace halfopen::node {

FileVoteStore::FileVoteStore(std::string path, int descriptor)
    : path_(std::move(path)), descriptor_(descriptor) {}

FileVoteStore::~FileVoteStore() {
  ::close(descriptor_);
}

Result<FileVoteStore::Opened> FileVoteStore::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0) return Problem{"cannot open the store ", path, ": ", std::strerror(errno)};
  std::unique_ptr<FileVoteStore> store(new FileVoteStore(path, descriptor));
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    return Problem{"the store ", path, " is no regular file"};
  }
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return Problem{"the store ", path, " is in use by another process: give each node its own"};
  }
  HALFOPEN_TRY(torn_bytes, store->read_back());
  return Opened{std::move(store), torn_bytes};
}

Result<std::size_t> FileVoteStore::read_back() {
  std::string text;
  std::string chunk(std::size_t{64} * 1024, '\0');
  for (;;) {
    const ssize_t count = ::read(descriptor_, chunk.data(), chunk.size());
    if (count < 0) return Problem{"cannot read the store ", path_, ": ", std::strerror(errno)};
    if (count == 0) break;
    text.append(chunk, 0, static_cast<std::size_t>(count));
  }
  std::size_t begin = 0;
  for (std::size_t line_number = 1;; ++line_number) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) break;
    const auto read = read_line(std::string_view(text).substr(begin, end - begin));
    if (read.has_error()) {
      return Problem{path_,
                     ":",
                     std::to_string(line_number),
                     ": not a record of a vote store: ",
                     read.error().text,
                     " (repair the line, or move the file away)"};
    }
    begin = end + 1;
  }
  length_ = static_cast<off_t>(begin);
  const std::size_t torn_bytes = text.size() - begin;
  if (torn_bytes > 0 && ::ftruncate(descriptor_, length_) != 0) {
    return Problem{"cannot cut the torn last line off ", path_, ": ", std::strerror(errno)};
  }
  return torn_bytes;
}

Result<void> FileVoteStore::read_line(std::string_view line) {
  boost::system::error_code error;
  const auto value = boost::json::parse(line, error);
  if (error || !value.is_object()) return Problem{"expected a JSON object"};
  const auto& object = value.get_object();
  if (const auto* delivered = object.if_contains("delivered")) {
    const auto* peer = object.if_contains("to");
    const auto id = delivered->is_string() ? VoteId::from_hex(delivered->get_string())
                                           : std::optional<VoteId>{};
    if (!id || peer == nullptr || !peer->is_string()) {
      return Problem{"a delivery has an id and a peer"};
    }
    return memory_.put_delivery(*id, std::string(peer->get_string()));
  }
  HALFOPEN_TRY(vote, vote_from_json(object));
  return memory_.put(vote, id_of(vote));
}

Result<void> FileVoteStore::append(const boost::json::object& object) {
  const std::string line = boost::json::serialize(object) + "\n";
  const ssize_t count = ::write(descriptor_, line.data(), line.size());
  if (count == static_cast<ssize_t>(line.size())) {
    length_ += count;
    return {};
  }
  const std::string reason = count < 0 ? std::strerror(errno) : "the disk is full";
  // Half a line must not stay, or the next one would be glued to it.
  if (count > 0 && ::ftruncate(descriptor_, length_) != 0) {
    return Problem{"the store ", path_, " is damaged: ", std::strerror(errno)};
  }
  return Problem{"cannot write to the store ", path_, ": ", reason};
}

Result<void> FileVoteStore::put(const Vote& vote, const VoteId& id) {
  if (memory_.contains(id)) return {};
  auto appended = append(to_json(vote, id));
  if (appended.has_error()) return appended;
  return memory_.put(vote, id);
}

Result<void> FileVoteStore::put_delivery(const VoteId& id, const std::string& peer) {
  auto appended = append({{"delivered", id.hex()}, {"to", peer}});
  if (appended.has_error()) return appended;
  return memory_.put_delivery(id, peer);
}

}  // namespace halfopen::node
