#include "proxy/core/nat_look.hpp"

namespace halfopen {
namespace {

// TCP_INFO dates the last ACK as an age, rounded to the kernel's tick (up to 10 ms) and to a
// millisecond. A stamp that moves by less than this has not moved; real ones of an idle connection
// move by a second and more, the granularity of keep-alive.
constexpr Duration kStampWobble = std::chrono::milliseconds(25);

// Whether an ACK that fits into the window came between the looks, beyond doubt: the later stamp
// as early as it can be against the earlier one as late as it can be.
bool last_ack_moved(const Look& before, const Look& after) {
  const Instant earliest = after.began_at - after.last_ack_age;
  const Instant latest = before.ended_at - before.last_ack_age;
  return earliest - latest > kStampWobble;
}

}  // namespace

Arrival classify(const Look& before, const Look& after) {
  // Counters are compared for change, not order: they wrap around at 2^32.
  if (after.segments_in == before.segments_in) return Arrival::kNothing;
  if (after.data_segments_in != before.data_segments_in) return Arrival::kData;
  // A window update and a FIN acknowledge nothing new but are packets of the flow all the same.
  if (after.bytes_acked != before.bytes_acked ||
      after.peer_window_bytes != before.peer_window_bytes || after.tcp_state != before.tcp_state) {
    return Arrival::kAck;
  }
  // The kernel notes the time of every ACK that fits into the window. A probe lies outside of it.
  // Our kernel probes (a closed window) or repeats itself only while it has data to get rid of.
  if (after.has_outstanding_data && last_ack_moved(before, after)) {
    return Arrival::kAnswerToOwnProbe;
  }
  return Arrival::kKeepalive;
}

std::string_view to_text(RefreshCause cause) {
  switch (cause) {
    case RefreshCause::kData:
      return "data";
    case RefreshCause::kAck:
      return "ack";
    case RefreshCause::kKeepalive:
      return "keepalive";
  }
  return "";
}

std::optional<RefreshCause> cause_of(Arrival arrival) {
  switch (arrival) {
    case Arrival::kData:
      return RefreshCause::kData;
    case Arrival::kAck:
      return RefreshCause::kAck;
    case Arrival::kKeepalive:
      return RefreshCause::kKeepalive;
    case Arrival::kNothing:
    case Arrival::kAnswerToOwnProbe:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace halfopen
