// What every load generator needs: a clock, sockets on loopback, an epoll of its own.
//
// Intuition: a generator shares one core with nothing and must cost less than the proxy that it
// measures, so there is one thread, no allocation per message and no layer above the system calls.
// Whatever fails ends the program with one line: a figure from a broken run is worse than none.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "proxy/shell/descriptor.hpp"

namespace halfopen::load {

// Prints the text, with errno's where there is one, and ends the program with exit code 70.
[[noreturn]] void fail(const std::string& text, int error = 0);

// CLOCK_MONOTONIC.
[[nodiscard]] std::int64_t now_ns();

inline constexpr std::int64_t kMillisecondNs = 1'000'000;
inline constexpr std::int64_t kSecondNs = 1'000'000'000;

// All sockets are non-blocking, on 127.0.0.1, with TCP_NODELAY.
[[nodiscard]] Descriptor listen_on(std::uint16_t port);
[[nodiscard]] Descriptor connect_to(std::uint16_t port);
// Nothing when nobody waits to be accepted.
[[nodiscard]] std::optional<Descriptor> accept_from(const Descriptor& listener);

// The result of connect() or the error that the socket reports; 0 if all is well.
[[nodiscard]] int take_error(const Descriptor& socket);
[[nodiscard]] std::uint16_t local_port(const Descriptor& socket);
// Acknowledges now what was received, and goes on to do so for the next segments.
void acknowledge_now(const Descriptor& socket);
// Closes with a RST instead of a FIN: no TIME_WAIT stays behind.
void close_by_reset(Descriptor socket);

// Bytes moved; 0 when it would block; nothing when the stream has ended or broken.
[[nodiscard]] std::optional<std::size_t> read_some(const Descriptor& socket, std::span<char> into);
[[nodiscard]] std::optional<std::size_t> write_some(const Descriptor& socket,
                                                    std::span<const char> from);

class Epoll {
 public:
  Epoll();
  void add(const Descriptor& descriptor, std::uint32_t events, std::uint64_t tag);
  void modify(const Descriptor& descriptor, std::uint32_t events, std::uint64_t tag);
  // Waits until `deadline_ns` of now_ns() at the latest; below 0: for ever.
  [[nodiscard]] std::span<const epoll_event> wait(std::int64_t deadline_ns);

 private:
  Descriptor epoll_;
  std::array<epoll_event, 512> events_{};
};

}  // namespace halfopen::load
