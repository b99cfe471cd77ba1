#include "harness/shell/run_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "metrics/clock.hpp"

namespace halfopen {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTextBytesMax = 64UL * 1024 * 1024;

// Makes one folder that only its owner can enter. What exists already keeps its mode: it is the
// user's, and may be /tmp.
Result<bool> make_private(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return true;
  return Problem{"cannot make ", path.string(), ": ", std::strerror(errno),
                 " (choose another folder: --out DIR, --pcap DIR)"};
}

}  // namespace

Result<std::string> make_run_directory(const std::string& wanted) {
  fs::path path = wanted;
  if (wanted.empty()) {
    std::string name = wall_text().substr(0, 19);
    for (char& character : name) {
      if (character == ':') character = '-';
    }
    path = fs::path("halfopen-runs") / (name + "-" + std::to_string(::getpid()));
  }
  path = fs::absolute(path).lexically_normal();
  if (path.filename().empty()) path = path.parent_path();
  std::error_code error;
  if (fs::is_directory(path, error)) return path.string();
  fs::create_directories(path.parent_path(), error);
  if (error) {
    return Problem{"cannot make ", path.parent_path().string(), ": ", error.message(),
                   " (choose another folder: --out DIR, --pcap DIR)"};
  }
  HALFOPEN_TRY(made, make_private(path));
  if (!made) return Problem{"cannot make ", path.string()};
  return path.string();
}

std::string run_subdirectory(const std::string& parent, const std::string& run_id) {
  std::string name = run_id;
  // A colon is no part of a file's name everywhere that artifacts are kept.
  for (char& character : name) {
    if (character == '/' || character == ' ' || character == ':') character = '_';
  }
  return (fs::path(parent) / name).string();
}

Result<bool> make_subdirectory(const std::string& path) {
  return make_private(path);
}

Result<std::string> make_temporary_directory() {
  const char* base = std::getenv("TMPDIR");
  std::string name = std::string(base != nullptr ? base : "/tmp") + "/halfopen-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) {
    return Problem{"cannot make a temporary directory: ", std::strerror(errno)};
  }
  return name;
}

void remove_directory(const std::string& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

Result<std::string> read_text_file(const std::string& path) {
  std::error_code type_error;
  if (fs::is_directory(path, type_error)) return Problem{path, ": is a directory, not a file"};
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return Problem{path, ": ", std::strerror(errno)};
  std::string text;
  std::array<char, 65536> buffer{};
  ssize_t received = 0;
  while ((received = ::read(descriptor, buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(received));
    if (text.size() > kTextBytesMax) break;
  }
  ::close(descriptor);
  if (received < 0) return Problem{path, ": ", std::strerror(errno)};
  if (text.size() > kTextBytesMax) return Problem{path, ": larger than 64 MiB"};
  return text;
}

Result<bool> write_text_file(const std::string& path, const std::string& text) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return Problem{"cannot write ", path, ": ", std::strerror(errno)};
  const ssize_t written = ::write(descriptor, text.data(), text.size());
  ::close(descriptor);
  if (written != static_cast<ssize_t>(text.size())) return Problem{"cannot write ", path};
  return true;
}

}  // namespace halfopen
