// A live capture on an interface of a network namespace, into a file and to a callback: the only
// file that knows libpcap.
//
// Every packet has the kernel's own timestamp (CLOCK_REALTIME, nanoseconds), taken where it enters
// or leaves the interface, before and after the packet filter.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "harness/model/wire/packet_parser.hpp"

namespace halfopen {

struct CaptureSettings {
  int network_namespace = -1;
  std::string interface;         // "any": all of them, each packet with the one that it used
  std::string filter;            // pcap-filter(7); empty for every packet
  std::string path;              // a pcap file; empty for none
  int bytes_of_a_packet = 256;   // what is kept of each; the file says how long it was
  int buffer_bytes = 1'048'576;  // between the kernel and this process
};

struct CapturedPacket {
  Duration since_1970{};
  std::span<const std::uint8_t> bytes;  // valid during the call
  LinkLayer layer{};
};

class Capture {
 public:
  using Handler = std::function<void(const CapturedPacket&)>;

  // Captures from here on. `handler` may be empty; it is called from the context's thread.
  [[nodiscard]] static Result<std::unique_ptr<Capture>> open(boost::asio::io_context& context,
                                                             const CaptureSettings& settings,
                                                             Handler handler);
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  // Takes what is in the buffer now; a file is complete up to here afterwards.
  void drain();
  // Packets that the kernel had no room for.
  [[nodiscard]] std::uint64_t lost();

 private:
  class Implementation;
  explicit Capture(std::shared_ptr<Implementation> implementation);
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace halfopen
