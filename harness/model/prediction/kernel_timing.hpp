// What the kernel's TCP timers come to, as formulas over the numbers that a socket is given.
//
// Sources: tcp(7); tcp_keepalive_timer(), retransmits_timed_out() and tcp_model_timeout() in Linux
// net/ipv4/tcp_timer.c; Documentation/networking/ip-sysctl.rst; RFC 6298, RFC 5482, RFC 9293
// §3.8.4. Keep-alive counts whole seconds. A kernel timer is late by a few hundred milliseconds at
// most; bounds below are before that lateness, which kTimerSlack stands for.
#pragma once

#include <optional>

#include "base/time.hpp"
#include "harness/model/prediction/defences.hpp"

namespace halfopen {

inline constexpr Duration kTimerSlack = std::chrono::milliseconds(600);
inline constexpr Duration kFirstRetransmission = std::chrono::milliseconds(200);  // TCP_RTO_MIN
// On a path without delay: the minimum, and what the timer's own steps add.
inline constexpr Duration kMeasuredFirst = std::chrono::milliseconds(205);
inline constexpr Duration kRetransmissionGapMax = std::chrono::seconds(120);  // TCP_RTO_MAX
inline constexpr unsigned kRetries2Default = 15;
inline constexpr unsigned kSynRetriesDefault = 6;

struct Bounds {
  Duration at_least{};
  Duration at_most{};
};

// From the last segment that came in until keep-alive calls an idle connection dead. Once a user
// timeout is set the kernel does not count probes: it compares with the timeout, when a probe's
// timer fires and at least one probe is out.
[[nodiscard]] Duration keepalive_death(const NodeDefences::KeepAlive& keepalive,
                                       std::optional<Duration> user_timeout);

// From the sending of data that nobody acknowledges. The time counts from the first retransmission
// and is compared when a retransmission timer fires, which newer kernels clamp to it.
[[nodiscard]] Bounds user_timeout_death(Duration user_timeout);

// From the sending of data that nobody acknowledges, where no user timeout is set: doubling from
// 200 ms up to 120 s, and the verdict falls when a timer fires. 15 gives 924 s or more.
[[nodiscard]] Bounds retransmission_death(unsigned retries2);

// A dial that nobody answers, where the program has no deadline of its own; the first four
// repetitions are 1 s apart (tcp_syn_linear_timeouts), then they double. 6 gives 131 s,
// and 134 s were measured.
[[nodiscard]] Duration dial_death(unsigned syn_retries);

}  // namespace halfopen
