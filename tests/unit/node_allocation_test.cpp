// An idle connection costs pings and nothing else: from the timer to the pong that is understood,
// neither core allocates.
//
// In a program of its own, because it counts every operator new of the whole process.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "node/core/node.hpp"
#include "tests/unit/node_simulation.hpp"

namespace {

std::size_t allocations = 0;

void* count_and_allocate(std::size_t size) {
  ++allocations;
  // NOLINTNEXTLINE(cppcoreguidelines-no-malloc): this is where memory comes from.
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) {
  return count_and_allocate(size);
}
void* operator new[](std::size_t size) {
  return count_and_allocate(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);  // NOLINT(cppcoreguidelines-no-malloc)
}
void operator delete[](void* memory) noexcept {
  std::free(memory);  // NOLINT(cppcoreguidelines-no-malloc)
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);  // NOLINT(cppcoreguidelines-no-malloc)
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);  // NOLINT(cppcoreguidelines-no-malloc)
}

namespace halfopen::node::test {
namespace {

// Longer than what a string holds without the heap.
const std::string kDialler = "a-node-whose-name-is-longer-than-any-short-string";
const std::string kAcceptor = "b-node-whose-name-is-longer-than-any-short-string";

// Two cores joined by nothing: what one writes, the other has received.
class Couple {
 public:
  Couple() {
    dialler_.start(now_);
    acceptor_.start(now_);
    while (const auto action = dialler_.poll_action()) {
      if (const auto* dial = std::get_if<Dial>(&*action)) out_ = dial->connection;
    }
    in_ = acceptor_.new_connection_id();
    acceptor_.handle(ConnectionAccepted{in_}, now_);
    dialler_.handle(DialSucceeded{out_}, now_);
    exchange();
  }

  // Whoever has a deadline next is woken, and everything is said that follows from it. Answers how
  // many pings were answered.
  int run_to_next_deadline() {
    const int before = answered_;
    const auto one = dialler_.next_deadline();
    const auto other = acceptor_.next_deadline();
    now_ = std::min(*one, *other);
    dialler_.handle(TimePassed{}, now_);
    acceptor_.handle(TimePassed{}, now_);
    exchange();
    return answered_ - before;
  }

  // Casts a vote, and has it acknowledged.
  void cast() {
    dialler_.handle(CastRequested{}, now_);
    exchange();
  }

 private:
  void exchange() {
    for (bool is_busy = true; is_busy;) {
      is_busy = carry(dialler_, out_, acceptor_, in_);
      is_busy = carry(acceptor_, in_, dialler_, out_) || is_busy;
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
        from.handle(StoreAnswered{{{store->ticket, true}}}, now_);
      } else if (const auto* note = std::get_if<Note>(&*action)) {
        const auto* ping = std::get_if<note::PingNoted>(note);
        if (ping != nullptr && ping->step == note::PingStep::kAnswered) ++answered_;
      }
    }
    return any;
  }

  Instant now_ = Instant::from_nanoseconds(1);
  Node dialler_{make_settings(kDialler, {"> " + kAcceptor})};
  Node acceptor_{make_settings(kAcceptor, {kDialler})};
  ConnectionId out_;
  ConnectionId in_;
  int answered_ = 0;
};

TEST(NodeAllocation, PingsAllocateNothing) {
  Couple couple;
  couple.cast();
  // The first pings find out how much memory they need.
  for (int i = 0; i < 20; ++i)
    (void)couple.run_to_next_deadline();
  const std::size_t before = allocations;
  int answered = 0;
  for (int i = 0; i < 10'000; ++i)
    answered += couple.run_to_next_deadline();
  EXPECT_EQ(allocations - before, 0U);
  EXPECT_GT(answered, 1'000);
}

// The counter counts: a vote cannot do without.
TEST(NodeAllocation, AVoteDoesAllocate) {
  Couple couple;
  const std::size_t before = allocations;
  couple.cast();
  EXPECT_GT(allocations - before, 0U);
}

}  // namespace
}  // namespace halfopen::node::test
