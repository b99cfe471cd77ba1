// A plain TCP end for tests: what a peer would see, in its own words, with deadlines.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace halfopen::test {

struct Received {
  enum class Kind : std::uint8_t { kBytes, kEndOfStream, kError, kNothing } kind = Kind::kNothing;
  std::string bytes;
  int error = 0;  // errno of kError
};

class TestSocket {
 public:
  TestSocket() = default;
  explicit TestSocket(int descriptor) : descriptor_(descriptor) {}
  TestSocket(TestSocket&& other) noexcept;
  TestSocket& operator=(TestSocket&& other) noexcept;
  TestSocket(const TestSocket&) = delete;
  TestSocket& operator=(const TestSocket&) = delete;
  ~TestSocket();

  // Begins to connect; a refusal shows as `receive` does or by wait_connected.
  [[nodiscard]] static TestSocket dial(const std::string& host, std::uint16_t port,
                                       int receive_buffer_bytes = 0);
  [[nodiscard]] static TestSocket listen(const std::string& host, std::uint16_t port,
                                         int receive_buffer_bytes = 0);
  // A socket that is not open when nobody came before the deadline.
  [[nodiscard]] TestSocket accept(std::chrono::milliseconds within);

  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] std::uint16_t local_port() const;
  [[nodiscard]] std::uint16_t peer_port() const;

  // 0 or the errno of connect, ETIMEDOUT at the deadline.
  [[nodiscard]] int connect_result(std::chrono::milliseconds within);
  [[nodiscard]] bool wait_connected(std::chrono::milliseconds within) {
    return connect_result(within) == 0;
  }
  // Sends all of it unless the kernel takes no more for a second; 0 or errno.
  [[nodiscard]] int send_text(const std::string& text);
  // One send call of what fits now; bytes taken, or -errno.
  [[nodiscard]] long send_some(const std::string& text);
  // The next thing that arrives.
  [[nodiscard]] Received receive(std::chrono::milliseconds within);
  // Bytes until `size` of them are there, the stream ends or the deadline passes.
  [[nodiscard]] std::string receive_exactly(std::size_t size, std::chrono::milliseconds within);

  // Probes after one idle second, then each second.
  void enable_keepalive();
  void disable_keepalive();
  void shut_writing();
  void close_with_reset();
  void close();

  // "ESTABLISHED", "CLOSE_WAIT", ...: the kernel's own view.
  [[nodiscard]] std::string tcp_state() const;

 private:
  int descriptor_ = -1;
};

}  // namespace halfopen::test
