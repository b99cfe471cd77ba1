#include "harness/shell/scraper.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <optional>
#include <utility>

#include "harness/shell/http_client.hpp"
#include "harness/shell/network_namespaces.hpp"
#include "harness/shell/socket_oracle.hpp"
#include "metrics/clock.hpp"
#include "metrics/names.hpp"

namespace halfopen {
namespace {

namespace asio = boost::asio;

// A scrape that takes longer than this is a process that does not answer.
constexpr Duration kAnswerMax = std::chrono::seconds(1);

}  // namespace

class Scraper::Implementation : public std::enable_shared_from_this<Implementation> {
 public:
  Implementation(asio::io_context& context, RunRecord& record, std::vector<ScrapeTarget> targets,
                 Duration interval, std::vector<Observer> observers)
      : context_(context),
        record_(record),
        targets_(std::move(targets)),
        observers_(std::move(observers)),
        interval_(interval),
        tick_(context),
        round_ended_(context) {
    for (const ScrapeTarget& target : targets_) {
      clients_.push_back(target.http.empty() ? nullptr
                                             : std::make_unique<HttpClient>(
                                                   context, target.http, target.network_namespace));
    }
    round_ended_.expires_at(asio::steady_timer::time_point::max());
  }

  asio::awaitable<void> run() {
    auto self = shared_from_this();
    boost::system::error_code ignored;
    auto due = asio::steady_timer::clock_type::now();
    while (!stopped_) {
      co_await round();
      ++rounds_;
      round_ended_.cancel();
      const auto now = asio::steady_timer::clock_type::now();
      while (due <= now)
        due += interval_;
      tick_.expires_at(due);
      co_await tick_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

  void stop() {
    stopped_ = true;
    tick_.cancel();
  }

  asio::awaitable<void> next_round() {
    auto self = shared_from_this();
    // The round in progress, if any, began before this call.
    const std::uint64_t wanted = rounds_ + (in_round_ ? 2 : 1);
    boost::system::error_code ignored;
    while (rounds_ < wanted && !stopped_) {
      co_await round_ended_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

 private:
  asio::awaitable<void> round() {
    in_round_ = true;
    const Instant at = monotonic_now();
    open_requests_ = targets_.size();
    asio::steady_timer all_done(context_, asio::steady_timer::time_point::max());
    for (std::size_t index = 0; index < targets_.size(); ++index) {
      asio::co_spawn(context_, scrape(index, at, all_done), asio::detached);
    }
    boost::system::error_code ignored;
    while (open_requests_ > 0) {
      co_await all_done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    observe_sockets(at);
    for (const Observer& observer : observers_) {
      // Each blocks for milliseconds: between them others have their turn, the heartbeat too.
      co_await asio::post(context_, asio::use_awaitable);
      observer(at);
    }
    record_.scrape_times.push_back(at);
    in_round_ = false;
  }

  asio::awaitable<void> scrape(std::size_t index, Instant at, asio::steady_timer& all_done) {
    const ScrapeTarget& target = targets_[index];
    bool up = false;
    if (clients_[index] == nullptr) {
      // A command of the scenario's own: what its sockets do is all that is known of it.
      if (--open_requests_ == 0) all_done.cancel();
      co_return;
    }
    if (target.pid() != 0) {
      const auto reply = co_await clients_[index]->request("GET", "/metrics", "", kAnswerMax);
      up = reply.has_value() && reply->status == 200 && store(target.node, at, reply->body);
    }
    if (!up) record_.samples.mark_stale({{"node", target.node}}, at);
    (void)record_.samples.append(std::string(metric::kUp.name), {{"node", target.node}},
                                 {at, up ? 1.0 : 0.0});
    if (--open_requests_ == 0) all_done.cancel();
  }

  bool store(const std::string& node, Instant at, const std::string& text) {
    auto samples = parse_exposition(text);
    if (samples.has_error()) return false;
    for (ExposedSample& sample : *samples) {
      sample.labels.emplace("node", node);
      if (!record_.samples.append(sample.name, sample.labels, {at, sample.value})) return false;
    }
    return true;
  }

  // Where the table cannot be read there is no sample: nobody may take that for no sockets.
  void observe_sockets(Instant at) {
    std::map<int, std::optional<std::vector<KernelSocket>>> of_namespace;
    for (const ScrapeTarget& target : targets_) {
      auto [table, is_new] = of_namespace.try_emplace(target.network_namespace);
      if (is_new) {
        (void)in_network_namespace(target.network_namespace, [&]() -> Result<void> {
          if (auto read = read_kernel_sockets(); read.has_value()) table->second = std::move(*read);
          return {};
        });
      }
      if (table->second) observe_sockets_of(target, *table->second, at);
    }
  }

  void observe_sockets_of(const ScrapeTarget& target, const std::vector<KernelSocket>& sockets,
                          Instant at) {
    for (const auto& [state, count] : count_sockets_of(target.pid(), sockets, target.http)) {
      (void)record_.samples.append(std::string(metric::kNodeSockets.name),
                                   {{"node", target.node}, {"state", state}},
                                   {at, static_cast<double>(count)});
    }
  }

  asio::io_context& context_;
  RunRecord& record_;
  std::vector<ScrapeTarget> targets_;
  std::vector<Observer> observers_;
  std::vector<std::unique_ptr<HttpClient>> clients_;
  Duration interval_;
  asio::steady_timer tick_;
  asio::steady_timer round_ended_;  // cancelled at the end of each round: wakes the waiters
  std::uint64_t rounds_ = 0;
  std::size_t open_requests_ = 0;
  bool in_round_ = false;
  bool stopped_ = false;
};

Scraper::Scraper(asio::io_context& context, RunRecord& record, std::vector<ScrapeTarget> targets,
                 Duration interval, std::vector<Observer> observers)
    : implementation_(std::make_shared<Implementation>(context, record, std::move(targets),
                                                       interval, std::move(observers))) {}

Scraper::~Scraper() {
  stop();
}

asio::awaitable<void> Scraper::run() {
  return implementation_->run();
}

void Scraper::stop() {
  implementation_->stop();
}

asio::awaitable<void> Scraper::next_round() {
  return implementation_->next_round();
}

}  // namespace halfopen
