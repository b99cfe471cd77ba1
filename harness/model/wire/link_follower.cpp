#include "harness/model/wire/link_follower.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace halfopen {
namespace {

// Sequence numbers wrap: the difference tells which is later (RFC 9293, 3.4).
bool is_after(std::uint32_t left, std::uint32_t right) {
  return static_cast<std::int32_t>(left - right) > 0;
}

void advance(std::optional<std::uint32_t>& next, std::uint32_t to) {
  if (!next || is_after(to, *next)) next = to;
}

SegmentKind kind_of(const Segment& segment, std::optional<std::uint32_t> expected) {
  if (segment.has(kTcpSyn) || segment.has(kTcpFin) || segment.has(kTcpReset)) {
    return SegmentKind::kControl;
  }
  const bool one_before = expected && segment.sequence == *expected - 1;
  if (segment.payload_bytes <= 1 && one_before) return SegmentKind::kKeepalive;
  return segment.payload_bytes > 0 ? SegmentKind::kData : SegmentKind::kAck;
}

// The same segment on the other wire. The outside end keeps its name through translation.
bool is_same(const Segment& arrived, const Segment& left, WireSide arrived_on) {
  const bool same_outside_end = arrived_on == WireSide::kInside
                                    ? arrived.destination == left.destination
                                    : arrived.source == left.source;
  return same_outside_end && arrived.flags == left.flags && arrived.sequence == left.sequence &&
         arrived.acknowledgement == left.acknowledgement &&
         arrived.payload_bytes == left.payload_bytes;
}

}  // namespace

std::string_view to_text(SegmentKind kind) {
  switch (kind) {
    case SegmentKind::kData:
      return "data";
    case SegmentKind::kAck:
      return "ack";
    case SegmentKind::kKeepalive:
      return "keepalive";
    case SegmentKind::kControl:
      return "control";
  }
  HALFOPEN_ASSERT(false);
}

std::vector<Happening> LinkFollower::take() {
  return std::exchange(happenings_, {});
}

std::vector<Happening> LinkFollower::handle_segment(WireSide side, Passage passage,
                                                    const Segment& segment) {
  if (passage == Passage::kArrived) {
    handle_arrival(side, segment);
  } else {
    handle_departure(side, segment);
  }
  return take();
}

const FollowedConnection* LinkFollower::find(std::uint64_t connection) const {
  const auto found = connections_.find(connection);
  return found == connections_.end() ? nullptr : &found->second.connection;
}

const FollowedConnection* LinkFollower::find(const Endpoint& inside,
                                             const Endpoint& outside) const {
  const auto found = by_key_.find(Key{WireSide::kInside, inside, outside});
  return found == by_key_.end() ? nullptr : find(found->second);
}

std::vector<std::uint64_t> LinkFollower::open_numbers() const {
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, state] : connections_) {
    if (state.connection.is_open) numbers.push_back(number);
  }
  return numbers;
}

LinkFollower::State* LinkFollower::make_connection(const Key& key, const Segment& segment) {
  if (connections_.size() >= kConnectionsMax) {
    ++unfollowed_;
    return nullptr;
  }
  State state;
  state.connection.number = next_number_++;
  state.connection.dialer = key.side;
  state.connection.ends.at(index_of(key.side)) = key.near;
  if (key.side == WireSide::kOutside) state.connection.seen_from_outside = key.far;
  if (segment.has(kTcpSyn) && !segment.has(kTcpAck)) {
    state.is_dialling = true;
    state.dialled_at = segment.at;
    dialling_.push_back(state.connection.number);
  }
  by_key_[key] = state.connection.number;
  return &connections_.emplace(state.connection.number, state).first->second;
}

LinkFollower::State* LinkFollower::connection_of(WireSide side, const Segment& segment) {
  const Key key{side, segment.source, segment.destination};
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return make_connection(key, segment);
  State& state = connections_.at(found->second);
  const auto& syn = state.from.at(index_of(side)).syn;
  const bool dials_again = segment.has(kTcpSyn) && !segment.has(kTcpAck) &&
                           (state.is_closed || (syn && *syn != segment.sequence));
  if (!dials_again) return &state;
  close(state, segment.at, "replaced");
  return make_connection(key, segment);
}

void LinkFollower::handle_arrival(WireSide side, const Segment& segment) {
  State* state = connection_of(side, segment);
  if (state == nullptr) return;
  Direction& direction = state->from.at(index_of(side));
  Pending arrival{side, state->connection.number, segment,
                  kind_of(segment, direction.next_arriving)};
  if (segment.has(kTcpSyn)) direction.syn = segment.sequence;
  // A reset's number is what its sender's peer expects, not what its sender has sent.
  if (!segment.has(kTcpReset)) advance(direction.next_arriving, segment.end());
  happenings_.emplace_back(Arrived{arrival.connection, segment.at});
  pending_.push_back(arrival);
  if (pending_.size() <= kPendingMax) return;
  happenings_.emplace_back(
      Dropped{pending_.front().connection, pending_.front().segment.at, pending_.front().side});
  pending_.pop_front();
}

void LinkFollower::handle_departure(WireSide side, const Segment& segment) {
  const auto found = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& arrival) {
    return arrival.side == other(side) && is_same(arrival.segment, segment, arrival.side);
  });
  if (found == pending_.end()) {
    if (segment.has(kTcpReset)) handle_own_reset(side, segment);
    return;
  }
  const Pending arrival = *found;
  pending_.erase(found);
  forward(arrival, segment);
}

void LinkFollower::forward(const Pending& arrival, const Segment& as_it_left) {
  State& state = connections_.at(arrival.connection);
  FollowedConnection& connection = state.connection;
  const Segment& segment = arrival.segment;
  const WireSide beyond = other(arrival.side);
  Forwarded forwarded{arrival.connection,     segment.at, arrival.side, arrival.kind, 0,
                      segment.has(kTcpReset), false};
  by_key_[Key{beyond, as_it_left.destination, as_it_left.source}] = arrival.connection;
  connection.ends.at(index_of(beyond)) = as_it_left.destination;
  if (arrival.side == WireSide::kInside) {
    forwarded.has_new_translation = connection.seen_from_outside != Endpoint{} &&
                                    connection.seen_from_outside != as_it_left.source;
    connection.seen_from_outside = as_it_left.source;
  }
  Direction& direction = state.from.at(index_of(arrival.side));
  if (segment.payload_bytes > 0) {
    const std::uint32_t end = segment.sequence + segment.payload_bytes;
    const std::uint32_t from =
        direction.next_forwarded && is_after(*direction.next_forwarded, segment.sequence)
            ? *direction.next_forwarded
            : segment.sequence;
    if (is_after(end, from)) forwarded.new_bytes = end - from;
  }
  if (!segment.has(kTcpReset)) advance(direction.next_forwarded, segment.end());
  happenings_.emplace_back(forwarded);
  follow_handshake(state, arrival);
  if (segment.has(kTcpFin)) {
    direction.is_finished = true;
    if (state.from.at(index_of(beyond)).is_finished) close(state, segment.at, "fin");
  }
  if (forwarded.is_reset) {
    end_side(state, arrival.side, segment.at);
    end_side(state, beyond, segment.at);
  }
}

void LinkFollower::follow_handshake(State& state, const Pending& arrival) {
  if (!state.is_dialling) return;
  const Segment& segment = arrival.segment;
  Direction& direction = state.from.at(index_of(arrival.side));
  if (segment.has(kTcpReset)) {
    state.is_dialling = false;
    happenings_.emplace_back(DialFailed{arrival.connection, segment.at, true});
  } else if (segment.has(kTcpSyn)) {
    direction.has_answered = segment.has(kTcpAck);
  } else if (arrival.side == state.connection.dialer &&
             state.from.at(index_of(other(arrival.side))).has_answered) {
    state.is_dialling = false;
    state.connection.is_open = true;
    ++open_;
    happenings_.emplace_back(Opened{arrival.connection, segment.at});
  }
}

void LinkFollower::handle_own_reset(WireSide toward, const Segment& segment) {
  const auto key = by_key_.find(Key{toward, segment.destination, segment.source});
  if (key == by_key_.end()) return;
  State& state = connections_.at(key->second);
  // What it answers has met its fate.
  std::erase_if(pending_, [&](const Pending& arrival) {
    return arrival.side == toward && arrival.connection == key->second;
  });
  happenings_.emplace_back(ResetByMiddlebox{key->second, segment.at, toward});
  end_side(state, toward, segment.at);
}

void LinkFollower::end_side(State& state, WireSide side, Instant at) {
  state.from.at(index_of(side)).is_over = true;
  if (state.from.at(index_of(other(side))).is_over) close(state, at, "reset");
}

void LinkFollower::close(State& state, Instant at, std::string_view reason) {
  if (state.is_closed) return;
  state.is_closed = true;
  state.is_dialling = false;
  if (!state.connection.is_open) return;
  state.connection.is_open = false;
  --open_;
  happenings_.emplace_back(Closed{state.connection.number, at, reason});
}

std::vector<Happening> LinkFollower::handle_time(Instant now) {
  while (!pending_.empty() && now - pending_.front().segment.at > kForwardingMax) {
    const Pending& arrival = pending_.front();
    happenings_.emplace_back(Dropped{arrival.connection, arrival.segment.at, arrival.side});
    // A socket that sends a reset is gone, whether or not its peer hears of it.
    if (arrival.segment.has(kTcpReset)) {
      end_side(connections_.at(arrival.connection), arrival.side, arrival.segment.at);
    }
    pending_.pop_front();
  }
  std::erase_if(dialling_, [&](std::uint64_t number) {
    State& state = connections_.at(number);
    if (!state.is_dialling) return true;
    if (now - state.dialled_at < kDialAnswerMax) return false;
    happenings_.emplace_back(DialFailed{number, now, false});
    close(state, now, "unanswered");
    return true;
  });
  return take();
}

}  // namespace halfopen
