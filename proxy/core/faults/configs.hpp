// The typed settings of every fault, their readers and their writers. One .cpp a fault; the table
// in fault.cpp names them all.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "base/result.hpp"
#include "proxy/core/flap.hpp"
#include "proxy/core/nat_config.hpp"
#include "proxy/core/peer_life.hpp"

namespace halfopen {

// One end of a connection as it is called in attributes.
enum class PeerSide : std::uint8_t { kClient, kUpstream };
[[nodiscard]] std::string_view to_text(PeerSide side);
enum class PeerSides : std::uint8_t { kClient, kUpstream, kBoth };

// Which connections, and when: those that are there when the fault is set, or also later ones; each
// once, this long after that moment or after it was made.
struct Aim {
  Duration after{0};
  bool new_connections = false;
};

// Until the fault is removed nothing passes, or nothing in one direction. Both legs of every
// connection and the listener fall silent where it is both.
struct BlackholeConfig {
  Cut at = Cut::kBoth;  // which cable: what a nat on the same proxy still sees
  enum class Direction : std::uint8_t { kBoth, kUpstream, kDownstream };
  Direction direction = Direction::kBoth;
};

// New dials are swallowed; established connections are untouched.
struct SynDropConfig {};

// Dials are refused; established connections are untouched.
struct RefuseConfig {};

// Dials are answered and then nothing is, as by a process that hangs. With `acks` its kernel takes
// what is sent until its buffer is full; without, a black hole begins right behind the handshake.
struct AcceptThenSilenceConfig {
  bool acks = true;
};

// The next packet of these sides draws a reset, to its sender; the other side's packets vanish.
struct ResetOnNextConfig {
  PeerSides side = PeerSides::kBoth;
  bool new_connections = false;
};

// One side gets a FIN although the other has not closed; the other direction goes on.
struct HalfCloseConfig {
  PeerSide side = PeerSide::kClient;
  Aim aim;
};

// One side's connection is gone while the other's kernel still has it as ESTABLISHED.
struct AsymmetricConfig {
  PeerSide forget = PeerSide::kClient;
  enum class How : std::uint8_t { kSilent, kRst, kFin };
  How how = How::kSilent;  // what the forgotten side is told
  enum class Then : std::uint8_t { kDrop, kRst };
  Then then = Then::kDrop;  // what the other side's packets meet
  Aim aim;
};

[[nodiscard]] Result<NatConfig> parse_nat(const boost::json::object& attributes,
                                          const std::string& where);
[[nodiscard]] Result<BlackholeConfig> parse_blackhole(const boost::json::object& attributes,
                                                      const std::string& where);
[[nodiscard]] Result<PeerRestartConfig> parse_peer_restart(const boost::json::object& attributes,
                                                           const std::string& where);
[[nodiscard]] Result<SynDropConfig> parse_syn_drop(const boost::json::object& attributes,
                                                   const std::string& where);

[[nodiscard]] Result<RefuseConfig> parse_refuse(const boost::json::object& attributes,
                                                const std::string& where);
[[nodiscard]] Result<AcceptThenSilenceConfig> parse_accept_then_silence(
    const boost::json::object& attributes, const std::string& where);
[[nodiscard]] Result<ResetOnNextConfig> parse_reset_on_next(const boost::json::object& attributes,
                                                            const std::string& where);
[[nodiscard]] Result<HalfCloseConfig> parse_half_close(const boost::json::object& attributes,
                                                       const std::string& where);
[[nodiscard]] Result<AsymmetricConfig> parse_asymmetric(const boost::json::object& attributes,
                                                        const std::string& where);
[[nodiscard]] Result<FlapConfig> parse_flap(const boost::json::object& attributes,
                                            const std::string& where);

// Every attribute with its value, also where it is the default (but nat's revive_by only where it
// adds to on_next_packet).
[[nodiscard]] boost::json::object attributes_of(const NatConfig& config);
[[nodiscard]] boost::json::object attributes_of(const BlackholeConfig& config);
[[nodiscard]] boost::json::object attributes_of(const PeerRestartConfig& config);
[[nodiscard]] boost::json::object attributes_of(const SynDropConfig& config);
[[nodiscard]] boost::json::object attributes_of(const RefuseConfig& config);
[[nodiscard]] boost::json::object attributes_of(const AcceptThenSilenceConfig& config);
[[nodiscard]] boost::json::object attributes_of(const ResetOnNextConfig& config);
[[nodiscard]] boost::json::object attributes_of(const HalfCloseConfig& config);
[[nodiscard]] boost::json::object attributes_of(const AsymmetricConfig& config);
[[nodiscard]] boost::json::object attributes_of(const FlapConfig& config);

}  // namespace halfopen
