// What the core costs: reading frames, and a vote's way from cast to acknowledgement between two
// cores, without any socket.
#include <benchmark/benchmark.h>

#include "node/core/frame_reader.hpp"
#include "node/core/node.hpp"
#include "tests/unit/node_simulation.hpp"

namespace halfopen::node {
namespace {

using test::make_settings;
using test::vote_by;

void read_votes(benchmark::State& state) {
  const auto read_bytes = static_cast<std::size_t>(state.range(0));
  const SharedFrame frame =
      encode_frame(VoteMessage{vote_by("n1", {.height = 7, .choice = Choice{}})});
  std::vector<std::uint8_t> stream;
  constexpr int kFrames = 1'000;
  for (int i = 0; i < kFrames; ++i)
    stream.insert(stream.end(), frame->begin(), frame->end());
  for (auto _ : state) {
    FrameReader reader;
    int votes = 0;
    for (std::size_t at = 0; at < stream.size(); at += read_bytes) {
      reader.push(std::span(stream).subspan(at, std::min(read_bytes, stream.size() - at)));
      while (reader.next()->has_value())
        ++votes;
    }
    if (votes != kFrames) state.SkipWithError("a vote was lost");
  }
  state.SetItemsProcessed(state.iterations() * kFrames);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(stream.size()));
}
BENCHMARK(read_votes)->Arg(16)->Arg(1'500)->Arg(65'536);

// Two cores joined by nothing: what one writes, the other has received.
class Couple {
 public:
  Couple() : dialler_(settings("n1", "n2", true)), acceptor_(settings("n2", "n1", false)) {
    now_ = Instant::from_nanoseconds(1);
    acceptor_.start(now_);
    dialler_.start(now_);
    while (const auto action = dialler_.poll_action()) {
      if (const auto* dial = std::get_if<Dial>(&*action)) out_ = dial->connection;
    }
    in_ = acceptor_.new_connection_id();
    acceptor_.handle(ConnectionAccepted{in_}, now_);
    dialler_.handle(DialSucceeded{out_}, now_);
    exchange();
  }

  // True when the vote is acknowledged.
  bool cast() {
    now_ = now_ + std::chrono::microseconds(1);
    acked_ = false;
    dialler_.handle(CastRequested{}, now_);
    exchange();
    return acked_;
  }

 private:
  static NodeSettings settings(const std::string& name, const std::string& peer, bool dials) {
    return make_settings(name, {dials ? "> " + peer : peer});
  }

  void exchange() {
    bool busy = true;
    while (busy) {
      busy = carry(dialler_, out_, acceptor_, in_);
      busy = carry(acceptor_, in_, dialler_, out_) || busy;
    }
  }

  bool carry(Node& from, ConnectionId id, Node& to, ConnectionId other) {
    bool any = false;
    while (const auto action = from.poll_action()) {
      any = true;
      if (const auto* write = std::get_if<Write>(&*action)) {
        if (write->vote) from.handle(VoteWritten{id, *write->vote}, now_);
        to.handle(BytesReceived{other, *write->frame}, now_);
      } else if (const auto* store = std::get_if<Store>(&*action)) {
        acked_ = acked_ || std::holds_alternative<KeepDelivery>(store->entry);
        from.handle(StoreAnswered{{{store->ticket, true}}}, now_);
      }
    }
    return any;
  }

  Node dialler_;
  Node acceptor_;
  Instant now_;
  ConnectionId out_;
  ConnectionId in_;
  bool acked_ = false;
};

void cast_to_acknowledgement(benchmark::State& state) {
  Couple couple;
  for (auto _ : state) {
    if (!couple.cast()) state.SkipWithError("a vote was not acknowledged");
  }
  state.SetItemsProcessed(state.iterations());
}
// Bounded, because a node remembers every vote and takes a million.
BENCHMARK(cast_to_acknowledgement)->Iterations(100'000);

}  // namespace
}  // namespace halfopen::node

BENCHMARK_MAIN();
