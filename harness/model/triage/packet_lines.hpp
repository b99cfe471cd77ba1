// Lines of tcpdump(8): who fell silent, who closed, who reset, told as clues.
//
// One packet says little. A flow's memory tells a retransmission from new data, a reset after a FIN
// that nobody read from a reset out of nothing, and a challenge ACK from an answer. Times tell a
// retransmission from one packet that several interfaces show; without them none is believed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/triage/excerpt.hpp"

namespace halfopen {

struct PacketClue {
  ClueKind kind{};
  std::string words;
  std::string connection;
  std::string peer;
};

class PacketLines {
 public:
  // Nothing where the line is no TCP packet; else what it shows, most often nothing new.
  // `at`: the line's time, or that of the last line that has one.
  [[nodiscard]] std::optional<std::vector<PacketClue>> read(std::string_view line,
                                                            std::optional<Duration> at);

 private:
  struct Flow {
    std::string closer;      // who sent the first FIN; "" for nobody
    std::string fin_words;   // its line, told only if a reset answers who goes on sending
    bool went_on = false;    // the other side sent data after the FIN, as it may
    bool is_closed = false;  // both closed, or what is to tell was told
    std::string last_sender;
    std::string last_sequence;
    std::optional<Duration> last_counted;
    unsigned repeats = 0;
    bool is_unanswered = false;  // the repeats of the last sender were told
    std::string dialer;          // of a SYN that nothing has answered
    bool was_reset = false;
  };
  struct Packet {
    std::string source;
    std::string destination;
    std::string flags;
    std::string sequence;      // "50:99", "991"; "" for none
    std::string acknowledged;  // and the window: "50 502"
    bool shows_life = false;   // an ACK that only who has received something sends
    std::uint64_t length = 0;
    std::optional<Duration> at;
  };
  [[nodiscard]] static std::optional<Packet> parse(std::string_view line);
  static void note(const Packet& packet, Flow& flow, std::vector<PacketClue>& clues);
  static void note_reset(const Packet& packet, const std::string& shown, Flow& flow,
                         std::vector<PacketClue>& clues);
  static void note_repeat(const Packet& packet, Flow& flow, std::vector<PacketClue>& clues);

  std::map<std::string, Flow> flows_;
};

}  // namespace halfopen
