// The clients of the soak: a fixed number is open at any time, each with a life of its own, and
// what ends is replaced.
//
// A life is chosen by the seed: a chat of small messages with pauses, one bulk of up to 2 MiB, or
// mostly silence. Each byte sent is answered by one, and a life is complete when all were.
#pragma once

#include <cstdint>
#include <queue>

#include "base/prng.hpp"
#include "tests/bench/load/sockets.hpp"
#include "tests/soak/far_end.hpp"
#include "tests/soak/report.hpp"

namespace halfopen::soak {

struct Target {
  std::uint16_t port = 0;
  Group group = Group::kExact;
};

class NearEnd {
 public:
  NearEnd(load::Epoll& epoll, Report& report, std::vector<Target> targets, std::size_t connections,
          std::uint64_t seed);

  void handle(const epoll_event& event);
  // Does what is due, and returns when the next thing is.
  std::int64_t handle_time(std::int64_t now_ns);
  // No new lives; the present ones hurry.
  void finish(std::int64_t now_ns);
  // Complains of each connection that is still there.
  void complain_of_all();

  [[nodiscard]] std::size_t open() const { return open_; }
  // Every place has been filled once.
  [[nodiscard]] bool is_full() const { return started_ >= lives_.size(); }

 private:
  enum class Kind : std::uint8_t { kChat, kBulk, kSilence };
  struct Life {
    Descriptor socket;
    Target target;
    Kind kind = Kind::kChat;
    bool connected = false;
    bool waits_to_write = false;
    std::uint32_t generation = 0;
    std::uint64_t connection = 0;
    std::uint64_t total = 0;
    std::uint64_t allowed = 0;  // what may have been sent by now
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::size_t header_sent = 0;
    std::int64_t progress_at_ns = 0;
  };
  struct Due {
    std::int64_t at_ns;
    std::size_t place;
    std::uint32_t generation;
    bool operator>(const Due& other) const { return at_ns > other.at_ns; }
  };

  void schedule(std::size_t place, std::int64_t in_ns);
  void begin(std::size_t place);
  void step(std::size_t place);
  // False when the life is over.
  bool connect_done(Life& life);
  bool read(Life& life);
  bool write(Life& life);
  void watch(Life& life, std::size_t place);
  void end(std::size_t place, bool complete, const std::string& why);
  void look_for_stuck();
  [[nodiscard]] std::uint64_t tag_of(std::size_t place) const;
  [[nodiscard]] std::string describe(const Life& life) const;

  load::Epoll& epoll_;
  Report& report_;
  std::vector<Target> targets_;
  Prng random_;
  std::vector<Life> lives_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::uint64_t connections_ = 0;
  std::size_t open_ = 0;
  std::size_t started_ = 0;
  std::int64_t now_ns_ = 0;
  std::int64_t next_check_ns_ = 0;
  bool finishing_ = false;
};

}  // namespace halfopen::soak
