// A case of the agreement suite: a link, what happens to it, and what its two ends must then see,
// whichever world plays the middlebox.
//
// Intuition: nobody can look inside a NAT, so the only truth is what the endpoints can observe:
// which sends were accepted and with which errno, what arrived, who learnt what, and when. A case
// is data; the shell plays its script in each world and hands back an Observation.
//
// Every script starts with one connection from the client (inside, it dials) to the server, over
// which one message has gone each way.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "harness/model/scenario.hpp"

namespace halfopen::conformance {

inline constexpr const char* kClientName = "client";
inline constexpr const char* kServerName = "server";
inline constexpr const char* kLinkName = "client-server";

enum class Side : std::uint8_t { kClient, kServer };

// One end of a connection. The first connection of a case is number 1; each Dial makes the next.
struct End {
  Side side = Side::kClient;
  unsigned connection = 1;
  // clang-tidy 14 takes the 0 that a comparison is rewritten to for a null pointer.
  auto operator<=>(const End&) const = default;  // NOLINT(modernize-use-nullptr)
};
[[nodiscard]] std::string name_of(End end);  // "client", "server 2"

struct Idle {
  Duration duration{};
};
// One write of `label`. Sends of one end are at least 150 ms apart, so that what the network has
// to say about one is known before the next.
struct Send {
  End end;
  std::string label;
};
// Writes, unrecorded, until the kernel takes nothing more for a while: every buffer on the way is
// full where nobody reads at the other end.
struct Fill {
  End end;
};
// Whether segments of any kind reach the end's kernel in this time (TCP_INFO, tcpi_segs_in): the
// cell "server hears" is "nothing" or "segments".
struct Hear {
  End end;
  Duration duration{};
};
// FIN, and the end goes on reading.
struct ShutDown {
  End end;
};
// Reads what is there, then closes: FIN.
struct Close {
  End end;
};
// SO_LINGER 0, then close: RST.
struct Abort {
  End end;
};
// The client starts to dial one more connection.
struct BeginDial {};
// Waits for the dial to end; "connected", "refused", "reset" or "timeout" joins the cell `dials`.
// After a timeout the same attempt goes on and can be awaited again.
struct AwaitDial {
  Duration within{};
};
struct AwaitMessage {
  End end;
  std::string label;
  Duration within{};
};
// Until the end's kernel has an error or an EOF for it. `is_timed`: how long that took since the
// last StartClock is the time "client detects".
struct AwaitEnd {
  End end;
  Duration within{};
  bool is_timed = false;
};
struct StartClock {};
// Each side sends and waits for the other's: the cell `usable` is "yes", "no" or who still hears.
struct Exchange {
  unsigned connection = 1;
  Duration within = std::chrono::seconds(3);
};
// The state of both ends, as cells "client state WHEN".
struct Look {
  std::string when;
};
// Faults set and cleared, a table flushed, sockets destroyed: by the world's own operations.
struct Change {
  StepAction action;
};
// The server's machine is dead for this long; the script goes on as soon as the power is off.
struct LosePower {
  Duration down{};
};
// Until it has booted.
struct AwaitPower {};

using Step =
    std::variant<Idle, Send, Fill, Hear, ShutDown, Close, Abort, BeginDial, AwaitDial, AwaitMessage,
                 AwaitEnd, StartClock, Exchange, Look, Change, LosePower, AwaitPower>;

// SO_KEEPALIVE with whole seconds, as the kernel counts them.
struct KeepAlive {
  unsigned idle_seconds = 1;
  unsigned interval_seconds = 1;
  unsigned count = 3;
};
struct SocketSettings {
  std::optional<KeepAlive> keep_alive{};
  std::optional<Duration> user_timeout{};
};

// What one side observed, by name: "client sends" = "OK ECONNRESET EPIPE".
struct Cell {
  std::string name;
  std::string value;
  auto operator<=>(const Cell&) const = default;
};
// A time that each world measures for itself: both must lie within, and need not be equal.
struct TimeBound {
  std::string name;  // "client detects"
  Duration at_least{};
  Duration at_most{};
};

enum class LastPacket : std::uint8_t { kData, kProbe };
// A timing case: instead of a script, many connections that fall silent and speak again just
// before or just after the mapping's end (ladder.hpp).
struct LadderSpec {
  LastPacket last = LastPacket::kData;
  Duration idle_timeout{};
  unsigned rungs = 25;
  Duration first{};  // idle_timeout + first is when the first rung speaks
  Duration step{};
  Duration late_max{};  // how late a middlebox may forget, beside its own granularity
};

struct Case {
  std::string id{};
  std::string claim{};
  std::vector<FaultSpec> faults{};  // of the link, from the start
  SocketSettings client{};
  SocketSettings server{};
  std::map<std::string, std::string> sysctls{};
  // The kernel's variant of a NAT that loses a packet: it forwards it untranslated, which is what
  // Linux does unless a rule drops what conntrack calls INVALID.
  bool forwards_invalid = false;
  std::vector<Step> script{};
  std::vector<Cell> expected{};
  std::vector<TimeBound> times{};
  std::optional<LadderSpec> ladder{};
  // Why the worlds are known to differ here. Such a case is played only when it is named, and is
  // listed with what is left out, so that the difference can be seen and not only read about.
  std::string known_difference{};
  // A machine later than this may have moved a packet to the other side of a timeout.
  Duration lateness_max = std::chrono::milliseconds(250);
};

// The same as a scenario of two endpoints and one link, which every world can set up.
[[nodiscard]] Scenario scenario_of(const Case& test);

// How long the script takes if every wait in it takes as long as it may.
[[nodiscard]] Duration longest_possible(const Case& test);

}  // namespace halfopen::conformance
