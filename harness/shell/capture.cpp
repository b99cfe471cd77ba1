#include "harness/shell/capture.hpp"

#include <fcntl.h>
#include <pcap/pcap.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "harness/shell/network_namespaces.hpp"

namespace halfopen {
namespace {

namespace asio = boost::asio;

struct ClosePcap {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};
using Handle = std::unique_ptr<pcap_t, ClosePcap>;

struct CloseDump {
  void operator()(pcap_dumper_t* dump) const { pcap_dump_close(dump); }
};
using Dump = std::unique_ptr<pcap_dumper_t, CloseDump>;

constexpr const char* kRemedy = "; capturing takes CAP_NET_RAW (in a container: --cap-add NET_RAW)";

// A packet costs the buffer a frame of this size, so it also bounds how many fit.
Result<void> prepare(pcap_t* handle, const CaptureSettings& settings) {
  // Immediate: a packet can be read when it has come, not when a block is full.
  for (const int outcome :
       {pcap_set_snaplen(handle, settings.bytes_of_a_packet), pcap_set_immediate_mode(handle, 1),
        pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO),
        pcap_set_buffer_size(handle, settings.buffer_bytes)}) {
    if (outcome != 0) return Problem{"libpcap: ", pcap_statustostr(outcome)};
  }
  const int active = pcap_activate(handle);
  if (active < 0) {
    return Problem{"cannot capture on ",
                   settings.interface,
                   ": ",
                   pcap_statustostr(active),
                   " ",
                   pcap_geterr(handle),
                   kRemedy};
  }
  if (settings.interface == "any" && pcap_set_datalink(handle, DLT_LINUX_SLL2) != 0) {
    return Problem{"libpcap cannot say which interface a packet used: ", pcap_geterr(handle)};
  }
  if (!settings.filter.empty()) {
    bpf_program program{};
    if (pcap_compile(handle, &program, settings.filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
      return Problem{"capture filter: ", pcap_geterr(handle)};
    }
    const int set = pcap_setfilter(handle, &program);
    pcap_freecode(&program);
    if (set != 0) return Problem{"capture filter: ", pcap_geterr(handle)};
  }
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  if (pcap_setnonblock(handle, 1, error.data()) != 0) return Problem{"libpcap: ", error.data()};
  return {};
}

Result<Dump> open_dump(pcap_t* handle, const std::string& path) {
  // A capture holds what was said: readable by its owner alone.
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return Problem{"cannot write ", path, ": ", std::strerror(errno)};
  FILE* file = ::fdopen(descriptor, "wb");
  Dump dump{file == nullptr ? nullptr : pcap_dump_fopen(handle, file)};
  if (!dump) return Problem{"cannot write ", path, ": ", pcap_geterr(handle)};
  pcap_dump_flush(dump.get());
  return dump;
}

}  // namespace

class Capture::Implementation : public std::enable_shared_from_this<Implementation> {
 public:
  Implementation(asio::io_context& context, Handle handle, Dump dump, Handler handler)
      : handle_(std::move(handle)),
        dump_(std::move(dump)),
        handler_(std::move(handler)),
        ready_(context),
        layer_(pcap_datalink(handle_.get()) == DLT_LINUX_SLL2 ? LinkLayer::kLinuxCooked2
                                                              : LinkLayer::kEthernet) {}

  void start() {
    ready_.assign(pcap_get_selectable_fd(handle_.get()));
    wait();
  }

  void stop() {
    stopped_ = true;
    if (ready_.is_open()) ready_.release();  // libpcap closes it
  }

  void drain() {
    while (pcap_dispatch(handle_.get(), -1, &Implementation::on_packet,
                         reinterpret_cast<u_char*>(this)) > 0) {
    }
    if (dump_) pcap_dump_flush(dump_.get());
  }

  std::uint64_t lost() {
    pcap_stat counts{};
    if (pcap_stats(handle_.get(), &counts) == 0) lost_ = counts.ps_drop;
    return lost_;
  }

 private:
  static void on_packet(u_char* self, const pcap_pkthdr* header, const u_char* bytes) {
    reinterpret_cast<Implementation*>(self)->take(*header, bytes);
  }

  void take(const pcap_pkthdr& header, const u_char* bytes) {
    if (dump_) pcap_dump(reinterpret_cast<u_char*>(dump_.get()), &header, bytes);
    if (!handler_) return;
    // With nanosecond precision tv_usec counts nanoseconds.
    const Duration time{header.ts.tv_sec * 1'000'000'000LL + header.ts.tv_usec};
    handler_({time, {bytes, header.caplen}, layer_});
  }

  void wait() {
    ready_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [self = shared_from_this()](boost::system::error_code error) {
                        if (error || self->stopped_) return;
                        self->drain();
                        self->wait();
                      });
  }

  Handle handle_;
  Dump dump_;
  Handler handler_;
  asio::posix::stream_descriptor ready_;
  LinkLayer layer_;
  std::uint64_t lost_ = 0;
  bool stopped_ = false;
};

Result<std::unique_ptr<Capture>> Capture::open(asio::io_context& context,
                                               const CaptureSettings& settings, Handler handler) {
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  Handle handle;
  HALFOPEN_CHECK(in_network_namespace(settings.network_namespace, [&]() -> Result<void> {
    handle.reset(pcap_create(settings.interface.c_str(), error.data()));
    if (!handle) return Problem{"cannot capture on ", settings.interface, ": ", error.data()};
    return prepare(handle.get(), settings);
  }));
  Dump dump;
  if (!settings.path.empty()) {
    HALFOPEN_TRY(opened, open_dump(handle.get(), settings.path));
    dump = std::move(opened);
  }
  auto implementation = std::make_shared<Implementation>(context, std::move(handle),
                                                         std::move(dump), std::move(handler));
  implementation->start();
  return std::unique_ptr<Capture>(new Capture(std::move(implementation)));
}

Capture::Capture(std::shared_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

Capture::~Capture() {
  implementation_->stop();
}

void Capture::drain() {
  implementation_->drain();
}

std::uint64_t Capture::lost() {
  return implementation_->lost();
}

}  // namespace halfopen
