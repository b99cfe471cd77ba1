// Lines of tcpdump(8): who fell silent, who closed, who reset, told as clues.
//
// One packet says little. A flow's memory tells a retransmission from new data, a reset after a FIN
// that nobody read from a reset out of nothing, and a challenge ACK from an answer.
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
  [[nodiscard]] std::optional<std::vector<PacketClue>> read(std::string_view line);

 private:
  struct Flow {
    std::string closer;      // who sent the first FIN; "" for nobody
    std::string fin_words;   // its line, told only if somebody goes on sending
    bool is_closed = false;  // both closed, or what is to tell was told
    std::string last_sender;
    std::string last_sequence;
    unsigned repeats = 0;
    std::string dialer;  // of a SYN that nothing has answered
    bool was_reset = false;
  };
  struct Packet {
    std::string source;
    std::string destination;
    std::string flags;
    std::string sequence;      // "50:99", "991"; "" for none
    std::string acknowledged;  // and the window: "50 502"
    std::uint64_t length = 0;
  };
  [[nodiscard]] static std::optional<Packet> parse(std::string_view line);
  static void note(const Packet& packet, Flow& flow, std::vector<PacketClue>& clues);
  static void note_repeat(const Packet& packet, Flow& flow, std::vector<PacketClue>& clues);

  std::map<std::string, Flow> flows_;
};

}  // namespace halfopen
