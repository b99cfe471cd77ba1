// The Linux socket options that make a userspace proxy able to fall silent, vanish and see probes.
//
// Intuition: a proxy that merely stops reading is no black hole, since its kernel goes on to ACK,
// retransmit and say goodbye for it. Silence takes four parts, and any one missing leaks:
//   mark     packets leaving the socket carry a mark that a firewall rule drops
//   repair   the socket's close sends neither FIN nor RST, also when the process is killed
//   filter   arriving segments are swallowed before TCP sees them: no ACK to data or to probes
//   (and the relay stops to touch the sockets, which is the caller's part)
//
// Invariants: functions never block and never throw; they act on the given socket only.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.hpp"
#include "proxy/core/nat_look.hpp"
#include "proxy/shell/descriptor.hpp"

namespace halfopen {

[[nodiscard]] Result<void> set_mark(int socket, std::uint32_t mark);
[[nodiscard]] Result<void> arm_repair(int socket);
// Without the window probe that the plain way off would send.
void disarm_repair(int socket);
// One segment without data and with an old sequence number, as a keep-alive probe: the peer's
// kernel answers with an ACK, or with a RST if it does not know the connection.
void send_probe(int socket);
// On a connected socket swallows segments, on a listening one SYNs.
[[nodiscard]] Result<void> attach_drop_filter(int socket);
// Swallows every FIN and lets all else through.
[[nodiscard]] Result<void> attach_fin_filter(int socket);
// On a listening socket: swallows what carries data or a FIN, and lets handshakes through. The
// connections that it makes have the filter, too, from their first segment.
[[nodiscard]] Result<void> attach_handshake_filter(int socket);
void detach_filter(int socket);

// The three kernel parts of a black hole, in an order in which nothing leaks between them.
[[nodiscard]] Result<void> silence(int socket, std::uint32_t mark);
// The reverse: what TCP then retransmits arrives, and nothing is lost.
enum class HearFins : bool { kNo, kYes };
// What a socket that is not silent is still kept from: hearing anything, hearing FINs, being heard.
struct Restraint {
  HearFins hear_fins = HearFins::kYes;
  bool is_deaf = false;
  std::optional<std::uint32_t> mute_mark{};
};
void unsilence(int socket, const Restraint& still);
// The same for a socket that was not silent: only what is there to be done is done.
[[nodiscard]] Result<void> restrain(int socket, const Restraint& restraint);

// The same for a listening socket: no dial is answered, also none that was half way.
[[nodiscard]] Result<void> silence_listener(int socket, std::uint32_t mark);
void unsilence_listener(int socket);

enum class LegEnd : std::uint8_t {
  kFin,     // a full, orderly close: later data from the peer draws a RST
  kRst,     // reset at once
  kVanish,  // says nothing now; the kernel resets whoever speaks next to this 4-tuple
};
void close_with(LegEnd how, Descriptor socket);

// Reads the clock right before and right after. Nothing when the socket is none of TCP. What was
// swallowed costs a second system call, and is 0 where it was not asked for.
enum class CountSwallowed : bool { kNo, kYes };
[[nodiscard]] std::optional<Look> look_at(int socket, CountSwallowed count = CountSwallowed::kYes);
// Segments that the kernel dropped on this socket since it exists; a drop filter's are in it.
[[nodiscard]] std::uint32_t dropped_segments(int socket);
// Bytes received by the kernel and not yet read.
[[nodiscard]] std::size_t unread_bytes(int socket);
// Bytes accepted by the kernel and not yet sent, because the peer's window is closed.
[[nodiscard]] std::size_t unsent_bytes(int socket);
// Takes the pending error off the socket: 0 if there was none.
[[nodiscard]] int take_socket_error(int socket);

}  // namespace halfopen
