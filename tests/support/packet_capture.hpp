// Every IPv4 TCP segment on loopback, seen by a packet socket: the judge of silence.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace halfopen::test {

struct Segment {
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint32_t sequence = 0;
  std::size_t payload_bytes = 0;
  bool syn = false;
  bool ack = false;
  bool fin = false;
  bool rst = false;
};
// "7000 > 40112 RST ACK seq=1 len=0", for messages of failed tests.
[[nodiscard]] std::string to_text(const Segment& segment);

class PacketCapture {
 public:
  // Begins at once. Needs CAP_NET_RAW. A test's own control traffic would flood the capture's
  // buffer: segments from and to `ignored_port` are not captured.
  [[nodiscard]] static Result<PacketCapture> start(std::uint16_t ignored_port = 0);
  PacketCapture(PacketCapture&& other) noexcept;
  PacketCapture& operator=(PacketCapture&&) = delete;
  PacketCapture(const PacketCapture&) = delete;
  PacketCapture& operator=(const PacketCapture&) = delete;
  ~PacketCapture();

  // All segments since the start, each once.
  [[nodiscard]] const std::vector<Segment>& segments();
  [[nodiscard]] std::vector<Segment> from_port(std::uint16_t port);
  [[nodiscard]] std::vector<Segment> to_port(std::uint16_t port);
  // Packets that the capture itself lost: a proof of silence needs 0.
  [[nodiscard]] unsigned lost();

 private:
  explicit PacketCapture(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
  unsigned lost_ = 0;
  std::vector<Segment> segments_;
};

}  // namespace halfopen::test
