// What the kernel knows of a socket, read at the moment that something dies: TCP_INFO (tcp(7);
// include/uapi/linux/tcp.h) and errno by its name.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace halfopen {

// The fields of struct tcp_info that tell the kinds of death apart. Counters are since the
// connection's start; `last_*_milliseconds` are ages.
struct TcpInfo {
  std::string state;              // "ESTABLISHED", "CLOSE_WAIT", ... as ss(8) names them
  std::uint32_t retransmits = 0;  // unanswered retransmissions of the head segment, in a row
  std::uint32_t backoff = 0;
  std::uint32_t probes = 0;  // unanswered keep-alive or zero-window probes
  std::uint32_t unacked_segments = 0;
  std::uint32_t retransmission_timeout_microseconds = 0;
  std::uint32_t rtt_microseconds = 0;
  std::uint32_t last_data_sent_milliseconds = 0;
  std::uint32_t last_data_received_milliseconds = 0;
  std::uint32_t last_ack_received_milliseconds = 0;
  std::uint32_t total_retransmissions = 0;
  std::uint32_t segments_in = 0;
  std::uint32_t segments_out = 0;
  std::uint32_t data_segments_in = 0;
  std::uint32_t data_segments_out = 0;
  std::uint64_t bytes_acked = 0;
  std::uint64_t bytes_received = 0;
  std::uint32_t not_sent_bytes = 0;
};

// Nothing when `descriptor` is no TCP socket.
[[nodiscard]] std::optional<TcpInfo> read_tcp_info(int descriptor);
[[nodiscard]] boost::json::object to_json(const TcpInfo& info);

// The state's name for a TCP_* number of include/net/tcp_states.h, "UNKNOWN" for others.
[[nodiscard]] std::string_view tcp_state_name(unsigned state);
// "EPIPE"; "OK" for 0; "errno 4242" for a number without a name.
[[nodiscard]] std::string errno_name(int error);

}  // namespace halfopen
