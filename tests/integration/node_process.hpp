// A real vote-node as a child process, with its files in a directory of its own, and a peer that
// the test plays itself. Nothing here sleeps: everything waits for a condition with a deadline.
#pragma once

#include <sys/types.h>

#include <boost/json/object.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "node/core/message.hpp"

namespace halfopen::node::test {

inline constexpr auto kPatience = std::chrono::seconds(20);

// False when the condition did not come true in time.
bool wait_until(const std::function<bool()>& condition,
                std::chrono::milliseconds limit = kPatience);

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

struct HttpAnswer {
  int status = 0;  // 0: nobody answered
  std::string body;
};

class NodeProcess {
 public:
  // `config` lacks name and events, which are added; so are a key of the node's name (unless the
  // text begins with "key:") and, where it names no transport, plaintext.
  NodeProcess(const TemporaryDirectory& directory, std::string name, const std::string& config);
  ~NodeProcess();
  NodeProcess(const NodeProcess&) = delete;
  NodeProcess& operator=(const NodeProcess&) = delete;

  void start();
  // True when it has said where it listens.
  [[nodiscard]] bool wait_started();
  void send_signal(int signal) const;
  // Its exit code, or minus the signal that ended it; nothing when it did not end in time.
  std::optional<int> wait_exit();

  [[nodiscard]] std::string address() const { return started_field("listen"); }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] HttpAnswer http(const std::string& method, const std::string& path,
                                const std::string& body = "") const;
  // Casts the next vote; its id.
  std::string cast() const;
  // All events of this name, of all starts.
  [[nodiscard]] std::vector<boost::json::object> events(const std::string& name) const;
  [[nodiscard]] bool wait_event(const std::string& name, std::size_t count = 1) const;
  [[nodiscard]] std::string log() const;

 private:
  [[nodiscard]] std::string started_field(const std::string& field) const;

  std::string name_;
  std::string config_path_;
  std::string events_path_;
  std::string log_path_;
  pid_t pid_ = -1;
  std::size_t starts_ = 0;
};

struct Outcome {
  int code = 0;
  std::string output;  // stdout and stderr
};
// Runs vote-node with these arguments to its end.
Outcome run_vote_node(const std::vector<std::string>& arguments);

// A peer played by the test: it listens, says hello, and does what a test wants.
class FakePeer {
 public:
  explicit FakePeer(std::string name);
  ~FakePeer();
  FakePeer(const FakePeer&) = delete;
  FakePeer& operator=(const FakePeer&) = delete;

  [[nodiscard]] std::string address() const;
  // Accepts one connection and exchanges hellos.
  [[nodiscard]] bool greet();
  // The next message, or nothing when none came in time or the connection ended.
  [[nodiscard]] std::optional<Message> receive();
  void send(const Message& message) const;
  // 0 after a FIN, errno after anything else; whatever else came before is dropped.
  [[nodiscard]] int wait_end() const;
  // A FIN; the connection can still be read.
  void half_close() const;
  void close_with_reset();
  // As after a reboot: nothing leaves now, and whatever arrives later is answered by a RST. False
  // when the system does not allow it.
  [[nodiscard]] bool forget();

 private:
  std::string name_;
  int listener_ = -1;
  int connection_ = -1;
};

}  // namespace halfopen::node::test
