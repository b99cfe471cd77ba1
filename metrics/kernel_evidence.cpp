#include "metrics/kernel_evidence.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

namespace halfopen {

std::string_view tcp_state_name(unsigned state) {
  static constexpr std::array<std::string_view, 13> kNames{
      "UNKNOWN", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",   "TIME_WAIT",
      "CLOSE",   "CLOSE_WAIT",  "LAST_ACK", "LISTEN",   "CLOSING",   "NEW_SYN_RECV"};
  return state < kNames.size() ? kNames.at(state) : kNames.front();
}

std::optional<TcpInfo> read_tcp_info(int descriptor) {
  tcp_info raw{};
  socklen_t size = sizeof raw;
  if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &raw, &size) != 0) return std::nullopt;
  TcpInfo info;
  info.state = tcp_state_name(raw.tcpi_state);
  info.retransmits = raw.tcpi_retransmits;
  info.backoff = raw.tcpi_backoff;
  info.probes = raw.tcpi_probes;
  info.unacked_segments = raw.tcpi_unacked;
  info.retransmission_timeout_microseconds = raw.tcpi_rto;
  info.rtt_microseconds = raw.tcpi_rtt;
  info.last_data_sent_milliseconds = raw.tcpi_last_data_sent;
  info.last_data_received_milliseconds = raw.tcpi_last_data_recv;
  info.last_ack_received_milliseconds = raw.tcpi_last_ack_recv;
  info.total_retransmissions = raw.tcpi_total_retrans;
  info.segments_in = raw.tcpi_segs_in;
  info.segments_out = raw.tcpi_segs_out;
  info.data_segments_in = raw.tcpi_data_segs_in;
  info.data_segments_out = raw.tcpi_data_segs_out;
  info.bytes_acked = raw.tcpi_bytes_acked;
  info.bytes_received = raw.tcpi_bytes_received;
  info.not_sent_bytes = raw.tcpi_notsent_bytes;
  return info;
}

boost::json::object to_json(const TcpInfo& info) {
  return {{"state", info.state},
          {"retransmits", info.retransmits},
          {"backoff", info.backoff},
          {"probes", info.probes},
          {"unacked", info.unacked_segments},
          {"rto_us", info.retransmission_timeout_microseconds},
          {"rtt_us", info.rtt_microseconds},
          {"last_data_sent_ms", info.last_data_sent_milliseconds},
          {"last_data_recv_ms", info.last_data_received_milliseconds},
          {"last_ack_recv_ms", info.last_ack_received_milliseconds},
          {"total_retrans", info.total_retransmissions},
          {"segs_in", info.segments_in},
          {"segs_out", info.segments_out},
          {"data_segs_in", info.data_segments_in},
          {"data_segs_out", info.data_segments_out},
          {"bytes_acked", info.bytes_acked},
          {"bytes_received", info.bytes_received},
          {"notsent_bytes", info.not_sent_bytes}};
}

std::string errno_name(int error) {
  if (error == 0) return "OK";
  const char* name = strerrorname_np(error);
  return name != nullptr ? std::string(name) : "errno " + std::to_string(error);
}

}  // namespace halfopen
