// The loads, one function each. All print their figures as one line of JSON on stdout.
//
// Each is client and server at once: it listens where the proxy's upstream is to be (--listen) and
// dials the proxy (--connect). With --connect equal to --listen there is no proxy in between, which
// is the "direct" of the table.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace halfopen::load {

// --key VALUE pairs; whole numbers only.
class Options {
 public:
  explicit Options(const std::vector<std::string>& arguments);
  // Ends the program with a line that says what is missing.
  [[nodiscard]] std::int64_t need(const std::string& key) const;
  [[nodiscard]] std::int64_t get(const std::string& key, std::int64_t fallback) const;
  [[nodiscard]] std::uint16_t port(const std::string& key) const;

 private:
  std::map<std::string, std::int64_t> values_;
};

// Values of a sample, by rank. The sample is sorted in place.
[[nodiscard]] std::int64_t percentile(std::vector<std::int64_t>& sample, double share);
// "p50": 1.5, "p99": ..., "p999": ..., "min": ..., "max": ..., "count": 3; nanoseconds in, `unit`s
// of so many nanoseconds out.
[[nodiscard]] std::string summary(std::vector<std::int64_t> sample, double unit_ns);

int run_throughput(const Options& options);
int run_ping_pong(const Options& options);
int run_connects(const Options& options);
int run_hold(const Options& options);
int run_nat(const Options& options);
int run_votes(const Options& options);
int run_delayer(const Options& options);

}  // namespace halfopen::load
