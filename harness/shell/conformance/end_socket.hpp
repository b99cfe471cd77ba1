// One end of a connection that a case drives itself: a socket, what was done with it, and what its
// kernel said. Nothing blocks and nothing waits.
//
// It never looks before it is told to: reading takes an error away that a later send would have
// been given (tcp(7), SO_ERROR), and which send gets which errno is what a case is about.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "harness/model/conformance/case.hpp"

namespace halfopen::conformance {

class EndSocket {
 public:
  // Takes the descriptor over.
  explicit EndSocket(int descriptor) : descriptor_(descriptor) {}
  ~EndSocket();
  EndSocket(EndSocket&& other) noexcept;
  EndSocket& operator=(EndSocket&&) = delete;
  EndSocket(const EndSocket&) = delete;
  EndSocket& operator=(const EndSocket&) = delete;

  [[nodiscard]] Result<void> apply(const SocketSettings& settings);
  // One write of `text` and a line's end; its result joins sends(), unless it is `unrecorded`.
  bool send(std::string_view text, bool unrecorded = false);
  // As much unrecorded filling as the kernel takes now; false when it takes none.
  bool fill();
  // Of every kind, since the connection came up (TCP_INFO).
  [[nodiscard]] std::uint32_t segments_in() const;
  void shut_down();
  void close();
  void abort();  // SO_LINGER 0
  // Takes what has arrived, and the error or EOF behind it.
  void read();
  // Whether the kernel has an error or an EOF for it; takes nothing.
  [[nodiscard]] bool has_ended() const;
  // Of a dial: SO_ERROR once it is writable, "" while it is pending.
  [[nodiscard]] std::string dial_result();
  // From here on its sockets are as gone as its machine: nothing more is observed of it.
  void lose_power();

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] bool lost_power() const { return lost_power_; }
  [[nodiscard]] bool was_closed() const { return was_closed_; }
  [[nodiscard]] bool has_received(std::string_view text) const;
  // "OK ECONNRESET EPIPE"; empty when it never sent.
  [[nodiscard]] const std::string& sends() const { return sends_; }
  // "news, more", "nothing". What was sent unrecorded is not listed.
  [[nodiscard]] std::string received() const;
  // The first error or EOF: "ECONNRESET", "EOF", "nothing".
  [[nodiscard]] std::string learnt() const;
  // As sock_diag(7) has them; known from the first moment that the socket has both.
  [[nodiscard]] const std::string& local();
  [[nodiscard]] const std::string& remote();

 private:
  void learn(std::string_view what);
  void remember_addresses();

  int descriptor_ = -1;
  std::string received_;
  std::string sends_;
  std::string learnt_;
  std::string local_;
  std::string remote_;
  bool lost_power_ = false;
  bool was_closed_ = false;
};

// What a case's own messages begin with that are in nobody's script (Exchange, the greeting).
inline constexpr char kUnrecorded = '?';

}  // namespace halfopen::conformance
