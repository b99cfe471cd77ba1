#include "harness/shell/conformance/script_player.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "metrics/clock.hpp"

namespace halfopen::conformance {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kPollInterval = milliseconds(5);
constexpr Duration kBetweenSends = milliseconds(150);
constexpr Duration kOpenMax = seconds(5);
constexpr Duration kPowerOffMax = seconds(10);
// Buffers that took nothing for so long are full: windows have closed and stay closed.
constexpr Duration kFull = milliseconds(300);
// What the last step caused has arrived by then.
constexpr Duration kSettle = milliseconds(250);

}  // namespace

ScriptPlayer::ScriptPlayer(asio::io_context& context, const Case& test, Lab& lab)
    : context_(context),
      test_(test),
      lab_(lab),
      client_(Side::kClient, lab.world().place_of(kClientName),
              lab.namespaces().descriptor(lab.world().place_of(kClientName).network_namespace),
              test.client),
      server_(Side::kServer, lab.world().place_of(kServerName),
              lab.namespaces().descriptor(lab.world().place_of(kServerName).network_namespace),
              test.server) {}

ScriptPlayer::Playing ScriptPlayer::play() {
  auto outcome = co_await play_script();
  // A power loss that goes on in the background still needs this player.
  while (!power_has_ended_)
    co_await wait_for(context_, kPollInterval);
  co_return outcome;
}

ScriptPlayer::Playing ScriptPlayer::play_script() {
  auto outcome = co_await open();
  if (outcome.has_error()) co_return outcome;
  outcome = co_await greet();
  if (outcome.has_error()) co_return outcome;
  for (const Step& next : test_.script) {
    outcome = co_await std::visit([this](const auto& body) { return step(body); }, next);
    if (outcome.has_error()) co_return outcome;
  }
  co_await wait_for(context_, kSettle);
  co_return co_await last_look();
}

ScriptPlayer::Playing ScriptPlayer::open() {
  auto outcome = server_.listen();
  if (outcome.has_error()) co_return outcome;
  outcome = client_.dial();
  if (outcome.has_error()) co_return outcome;
  std::string result;
  (void)co_await until(
      [&] {
        result = client_.end(1).dial_result();
        return !result.empty();
      },
      kOpenMax);
  if (result != "connected" || !co_await accepted(1, kOpenMax)) {
    co_return Problem{"the connection never came up: ", result.empty() ? "timeout" : result};
  }
  co_return outcome;
}

ScriptPlayer::Playing ScriptPlayer::greet() {
  const End client{Side::kClient, 1};
  const End server{Side::kServer, 1};
  if (!co_await passes(client, server, "hello", kOpenMax) ||
      !co_await passes(server, client, "welcome", kOpenMax)) {
    co_return Problem{"the steady state never came: the greeting did not arrive"};
  }
  co_return Outcome{};
}

ScriptPlayer::Playing ScriptPlayer::step(const Idle& idle) {
  co_await wait_for(context_, idle.duration);
  co_return Outcome{};
}

ScriptPlayer::Playing ScriptPlayer::step(const Send& send) {
  auto end = find(send.end);
  if (end.has_error()) co_return end.error();
  co_await keep_distance(send.end);
  (*end)->send(send.label);
  last_send_[send.end] = monotonic_now();
  co_return Outcome{};
}

ScriptPlayer::Playing ScriptPlayer::step(const Fill& fill) {
  auto end = find(fill.end);
  if (end.has_error()) co_return end.error();
  Instant taken_at = monotonic_now();
  while (monotonic_now() - taken_at < kFull) {
    if ((*end)->fill()) taken_at = monotonic_now();
    co_await wait_for(context_, kPollInterval);
  }
  co_return Outcome{};
}

ScriptPlayer::Playing ScriptPlayer::step(const Hear& hear) {
  auto end = find(hear.end);
  if (end.has_error()) co_return end.error();
  // What was on its way when the fault came is no part of it.
  co_await wait_for(context_, kSettle);
  const std::uint32_t before = (*end)->segments_in();
  co_await wait_for(context_, hear.duration);
  put(name_of(hear.end) + " hears", (*end)->segments_in() == before ? "nothing" : "segments");
  co_return Outcome{};
}

ScriptPlayer::Playing ScriptPlayer::step(const ShutDown& shut_down) {
  auto end = find(shut_down.end);
  if (end.has_error()) co_return end.error();
  co_await keep_distance(shut_down.end);
  (*end)->shut_down();
  co_return Outcome{};
}

ScriptPlayer::Playing ScriptPlayer::step(const Close& close) {
  auto end = find(close.end);
  if (end.has_error()) co_return end.error();
  co_await keep_distance(close.end);
  (*end)->close();
  co_return Outcome{};
}

ScriptPlayer::Playing ScriptPlayer::step(const Abort& abort) {
  auto end = find(abort.end);
  if (end.has_error()) co_return end.error();
  co_await keep_distance(abort.end);
  (*end)->abort();
  co_return Outcome{};
}

ScriptPlayer::Playing ScriptPlayer::step(const BeginDial&) {
  co_return client_.dial();
}

ScriptPlayer::Playing ScriptPlayer::step(const AwaitDial& await) {
  std::string result;
  (void)co_await until(
      [&] {
        result = client_.ends().back().dial_result();
        return !result.empty();
      },
      await.within);
  dials_ += (dials_.empty() ? "" : ", ") + (result.empty() ? "timeout" : result);
  co_return Outcome{};
}

ScriptPlayer::Playing ScriptPlayer::step(const AwaitMessage& await) {
  auto end = find(await.end);
  if (end.has_error()) co_return end.error();
  (void)co_await received(await.end, await.label, await.within);
  co_return Outcome{};
}

ScriptPlayer::Playing ScriptPlayer::step(const AwaitEnd& await) {
  auto end = find(await.end);
  if (end.has_error()) co_return end.error();
  EndSocket* socket = *end;
  const bool ended = co_await until([socket] { return socket->has_ended(); }, await.within);
  const Duration elapsed = monotonic_now() - clock_started_;
  if (ended && await.is_timed) times_.push_back({name_of(await.end) + " detects", elapsed});
  if (ended) socket->read();
  co_return Outcome{};
}

ScriptPlayer::Playing ScriptPlayer::step(const StartClock&) {
  clock_started_ = monotonic_now();
  co_return Outcome{};
}

ScriptPlayer::Playing ScriptPlayer::step(const Exchange& exchange) {
  const End client{Side::kClient, exchange.connection};
  const End server{Side::kServer, exchange.connection};
  std::string usable = "no";
  const bool is_there =
      client_.has(exchange.connection) && co_await accepted(exchange.connection, exchange.within);
  if (is_there) {
    const bool out = co_await passes(client, server, "out", exchange.within);
    const bool back = co_await passes(server, client, "back", exchange.within);
    if (out || back)
      usable = out && back ? "yes" : out ? "to the server only" : "to the client only";
  }
  put(exchange.connection == 1 ? "usable" : "usable " + std::to_string(exchange.connection),
      usable);
  co_return Outcome{};
}

ScriptPlayer::Playing ScriptPlayer::step(const Look& look) {
  for (const Side side : {Side::kClient, Side::kServer}) {
    const auto end = find({side, 1});
    if (end.has_error()) co_return end.error();
    if ((*end)->lost_power()) continue;
    const auto state = machine(side).state_of(**end);
    if (state.has_error()) co_return state.error();
    put(name_of({side, 1}) + " state " + look.when, *state);
  }
  co_return Outcome{};
}

ScriptPlayer::Playing ScriptPlayer::step(const Change& change) {
  const auto no_machine = [] { return Outcome{Problem{"this change is none of a machine's"}}; };
  co_return co_await lab_.carry_out(change.action, {no_machine, no_machine, [] {}});
}

ScriptPlayer::Playing ScriptPlayer::step(const LosePower& lose) {
  power_is_off_ = false;
  power_has_ended_ = false;
  Lab::Hooks hooks;
  hooks.end_machine = [this] {
    server_.lose_power();
    return Outcome{};
  };
  hooks.start_machine = [this] { return server_.listen(); };
  hooks.pause_begins = [this] { power_is_off_ = true; };
  const StepAction action = RestartNode{kServerName, RestartKind::kPowerLoss, lose.down};
  asio::co_spawn(context_, lab_.carry_out(action, hooks),
                 [this](const std::exception_ptr&, const Outcome& outcome) {
                   if (outcome.has_error()) power_trouble_ = outcome.error().text;
                   power_has_ended_ = true;
                 });
  (void)co_await until([this] { return power_is_off_ || power_has_ended_; }, kPowerOffMax);
  if (!power_trouble_.empty()) co_return Problem{power_trouble_};
  co_return Outcome{};
}

ScriptPlayer::Playing ScriptPlayer::step(const AwaitPower&) {
  (void)co_await until([this] { return power_has_ended_; }, kPowerOffMax);
  if (!power_has_ended_) co_return Problem{"the server did not boot in time"};
  if (!power_trouble_.empty()) co_return Problem{power_trouble_};
  co_return Outcome{};
}

asio::awaitable<bool> ScriptPlayer::until(std::function<bool()> holds, Duration within) {
  const Instant deadline = monotonic_now() + within;
  while (!holds()) {
    if (monotonic_now() >= deadline) co_return false;
    co_await wait_for(context_, kPollInterval);
  }
  co_return true;
}

asio::awaitable<bool> ScriptPlayer::accepted(unsigned connection, Duration within) {
  co_return co_await until(
      [this, connection] {
        // What refuses is said by whoever misses the connection.
        if (server_.accept().has_error()) return false;
        return server_.has(connection);
      },
      within);
}

asio::awaitable<bool> ScriptPlayer::received(End end, std::string label, Duration within) {
  EndSocket& socket = machine(end.side).end(end.connection);
  co_return co_await until(
      [&] {
        socket.read();
        return socket.has_received(label);
      },
      within);
}

asio::awaitable<bool> ScriptPlayer::passes(End from, End to, std::string label, Duration within) {
  co_await keep_distance(from);
  const bool is_sent = machine(from.side).end(from.connection).send(label, true);
  last_send_[from] = monotonic_now();
  co_return is_sent&& co_await received(to, kUnrecorded + label, within);
}

asio::awaitable<void> ScriptPlayer::keep_distance(End end) {
  const auto last = last_send_.find(end);
  if (last == last_send_.end()) co_return;
  const Duration left = last->second + kBetweenSends - monotonic_now();
  if (left > Duration{0}) co_await wait_for(context_, left);
}

ScriptPlayer::Playing ScriptPlayer::last_look() {
  for (Machine* machine : {&client_, &server_}) {
    const Side side = machine == &client_ ? Side::kClient : Side::kServer;
    unsigned connection = 0;
    for (EndSocket& end : machine->ends()) {
      const std::string name = name_of({side, ++connection});
      end.read();
      if (!end.sends().empty()) put(name + " sends", end.sends());
      put(name + " received", end.received());
      if (end.lost_power()) continue;
      if (!end.was_closed()) put(name + " learns", end.learnt());
      const auto state = machine->state_of(end);
      if (state.has_error()) co_return state.error();
      put(name + " state", *state);
    }
  }
  if (!dials_.empty()) put("dials", dials_);
  co_return Outcome{};
}

Result<EndSocket*> ScriptPlayer::find(End end) {
  Machine& its = machine(end.side);
  if (end.side == Side::kServer && !its.has(end.connection)) {
    const auto accepted = its.accept();
    if (accepted.has_error()) return accepted.error();
  }
  if (!its.has(end.connection)) return Problem{"there is no ", name_of(end), " yet"};
  return &its.end(end.connection);
}

void ScriptPlayer::put(const std::string& cell, const std::string& value) {
  cells_.push_back({cell, value});
}

}  // namespace halfopen::conformance
