// The words that the cases are written in. Only the cases*.cpp files include it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/model/conformance/case.hpp"

namespace halfopen::conformance {

// Most cases: the mapping lives for two seconds and the ends are silent for three, since conntrack
// counts whole seconds and a second is what keeps two times apart on a busy machine.
inline constexpr Duration kSilence = std::chrono::seconds(3);
// Long enough for what is sent to arrive and to be answered, or to be retransmitted once or twice.
inline constexpr Duration kSoon = std::chrono::seconds(2);

inline constexpr End kTheClient{Side::kClient, 1};
inline constexpr End kTheServer{Side::kServer, 1};

// A nat fault: `attributes` is the inside of a JSON object.
[[nodiscard]] FaultSpec nat(std::string_view attributes);
// With idle_timeout 2s and these words for the next packet.
[[nodiscard]] FaultSpec nat_after_2s(std::string_view inside, std::string_view outside);
[[nodiscard]] FaultSpec fault(std::string_view type, std::string_view attributes = "");

[[nodiscard]] Step set(FaultSpec fault);
[[nodiscard]] Step clear(std::string_view type);
[[nodiscard]] Step flush();
[[nodiscard]] Step destroy_sockets(Side side);

// One part of a script after another.
using Script = std::vector<Step>;
[[nodiscard]] Script join(const std::vector<Script>& parts);
// Three sends: enough to tell a silent death from a reset from an ignored FIN.
[[nodiscard]] Script three_sends(End end, const std::string& label);

// An end whose connection lives, with what it received ("" for nothing).
[[nodiscard]] std::vector<Cell> alive(const std::string& end, const std::string& received);
// The four cells of an end. `sends` empty: it never sent.
[[nodiscard]] std::vector<Cell> end_cells(const std::string& end, const std::string& sends,
                                          const std::string& received, const std::string& learns,
                                          const std::string& state);
// An end that has closed: it learns nothing more, and its kernel may keep the connection.
[[nodiscard]] std::vector<Cell> closed(const std::string& end, const std::string& received,
                                       const std::string& state);
[[nodiscard]] std::vector<Cell> cells(const std::vector<std::vector<Cell>>& parts);

inline constexpr const char* kNothing = "nothing";
inline constexpr const char* kUp = "ESTABLISHED";
inline constexpr const char* kWaiting = "ESTABLISHED, unacked";
inline constexpr const char* kGone = "gone";
inline constexpr const char* kReset = "OK ECONNRESET EPIPE";
inline constexpr const char* kSwallowed = "OK OK OK";

// Files of cases, one group each.
[[nodiscard]] std::vector<Case> client_first_cases();
[[nodiscard]] std::vector<Case> server_first_cases();
[[nodiscard]] std::vector<Case> keep_alive_cases();
[[nodiscard]] std::vector<Case> mapping_cases();
[[nodiscard]] std::vector<Case> flush_cases();
[[nodiscard]] std::vector<Case> outage_cases();
[[nodiscard]] std::vector<Case> close_cases();
[[nodiscard]] std::vector<Case> control_cases();
[[nodiscard]] std::vector<Case> silence_cases();
[[nodiscard]] std::vector<Case> machine_cases();
[[nodiscard]] std::vector<Case> reset_cases();
[[nodiscard]] std::vector<Case> timing_cases();
[[nodiscard]] std::vector<Case> known_differences();

}  // namespace halfopen::conformance
