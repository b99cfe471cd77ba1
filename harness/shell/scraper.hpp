// Scrapes every process of a run at a fixed interval into the run's record, and asks the kernel
// for their sockets at the same moments.
//
// A round is stamped with the time at which it began. Rounds never overlap: a slow round leaves a
// gap, which judgement sees (scrape_times), instead of a heap of late requests.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/model/record.hpp"

namespace halfopen {

struct ScrapeTarget {
  std::string node;
  std::string http;            // host:port; empty: it has no metrics, only sockets
  std::function<int()> pid;    // 0 while the process is down
  int network_namespace = -1;  // where `http` is dialled and the process's sockets are
};

class Scraper {
 public:
  // `record` outlives the scraper.
  // `observers` are asked for samples of their own at the end of each round, with its time.
  using Observer = std::function<void(Instant at)>;
  Scraper(boost::asio::io_context& context, RunRecord& record, std::vector<ScrapeTarget> targets,
          Duration interval, std::vector<Observer> observers);
  ~Scraper();
  Scraper(const Scraper&) = delete;
  Scraper& operator=(const Scraper&) = delete;

  // Runs until stop(); a round in progress is finished.
  [[nodiscard]] boost::asio::awaitable<void> run();
  void stop();
  // Ends when a round that began after this call is complete.
  [[nodiscard]] boost::asio::awaitable<void> next_round();

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace halfopen
