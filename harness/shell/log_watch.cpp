#include "harness/shell/log_watch.hpp"

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include "harness/model/line_pattern.hpp"
#include "metrics/clock.hpp"

namespace halfopen {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kReadBytes = 64UL * 1024;
// Besides the text itself; so many empty lines are not free either.
constexpr std::size_t kBytesOfALine = sizeof(LogLine);

}  // namespace

class LogWatch::Implementation : public std::enable_shared_from_this<Implementation> {
 public:
  Implementation(asio::io_context& context, RunRecord& record)
      : notifications_(context), record_(record) {}

  ~Implementation() {
    for (const auto& [watch, file] : files_)
      ::close(file.descriptor);
  }

  void open(const std::string& directory, const std::vector<std::string>& names) {
    const int descriptor = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    const std::string refused =
        descriptor < 0 ? std::string("the log could not be watched: ") + std::strerror(errno) : "";
    if (descriptor >= 0) notifications_.assign(descriptor);
    for (const std::string& name : names) {
      ProcessLog& log = record_.logs[name];
      log.trouble = refused;
      if (!refused.empty()) continue;
      const std::string path = directory + "/" + name + ".log";
      const int file = ::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
      const int watch = file < 0 ? -1 : ::inotify_add_watch(descriptor, path.c_str(), IN_MODIFY);
      if (watch < 0) {
        log.trouble = std::string("the log could not be watched: ") + std::strerror(errno);
        if (file >= 0) ::close(file);
        continue;
      }
      files_[watch] = File{file, &log, ""};
    }
  }

  void listen() {
    if (!notifications_.is_open()) return;
    notifications_.async_wait(asio::posix::stream_descriptor::wait_read,
                              [self = weak_from_this()](boost::system::error_code error) {
                                const auto alive = self.lock();
                                if (error || alive == nullptr) return;
                                alive->take_notifications();
                                alive->listen();
                              });
  }

  void finish() {
    const Instant now = monotonic_now();
    for (auto& [watch, file] : files_) {
      take(file);
      if (!file.unfinished.empty()) keep(file, now);
    }
  }

 private:
  struct File {
    int descriptor = -1;
    ProcessLog* log = nullptr;
    std::string unfinished;  // a line whose end has not been written
  };

  void take_notifications() {
    alignas(inotify_event) std::array<char, 4096> buffer{};
    for (;;) {
      const ssize_t size = ::read(notifications_.native_handle(), buffer.data(), buffer.size());
      if (size <= 0) return;
      const char* at = buffer.data();
      const char* end = at + size;
      while (at < end) {
        inotify_event event{};
        std::memcpy(&event, at, sizeof(event));
        at += sizeof(event) + event.len;
        // The queue ran over: whose notification is missing, nobody knows.
        if ((event.mask & IN_Q_OVERFLOW) != 0) take_all();
        const auto file = files_.find(event.wd);
        if (file != files_.end()) take(file->second);
      }
    }
  }

  void take_all() {
    for (auto& [watch, file] : files_)
      take(file);
  }

  void take(File& file) {
    std::array<char, kReadBytes> buffer{};
    for (;;) {
      const ssize_t size = ::read(file.descriptor, buffer.data(), buffer.size());
      if (size <= 0) return;
      const Instant now = monotonic_now();
      for (ssize_t i = 0; i < size; ++i) {
        const char letter = buffer[static_cast<std::size_t>(i)];
        if (letter == '\n') {
          keep(file, now);
        } else if (file.unfinished.size() < LinePattern::kLineBytesMax) {
          if (letter != '\r') file.unfinished += letter;
        } else if (letter != '\r' && file.log->trouble.empty()) {
          // What is looked for could have stood in the rest.
          file.log->trouble = "a line is longer than " +
                              std::to_string(LinePattern::kLineBytesMax) + " bytes and was cut";
        }
      }
    }
  }

  void keep(File& file, Instant now) {
    std::string line = std::exchange(file.unfinished, "");
    bytes_ += line.size() + kBytesOfALine;
    if (bytes_ > kBytesMax) {
      file.log->trouble = "the logs are longer than " + std::to_string(kBytesMax / 1024 / 1024) +
                          " MiB, and lines are missing";
      return;
    }
    file.log->lines.push_back({now, std::move(line)});
  }

  asio::posix::stream_descriptor notifications_;
  RunRecord& record_;
  std::map<int, File> files_;  // by inotify's number
  std::size_t bytes_ = 0;
};

LogWatch::LogWatch(asio::io_context& context, const std::string& directory,
                   const std::vector<std::string>& names, RunRecord& record)
    : implementation_(std::make_shared<Implementation>(context, record)) {
  implementation_->open(directory, names);
  implementation_->listen();
}

LogWatch::~LogWatch() = default;

void LogWatch::finish() {
  implementation_->finish();
}

}  // namespace halfopen
