// What the control API answers about proxies, toxics, faults and connections, as JSON text.
//
// Text and not values, because Toxiproxy writes a toxicity as the shortest decimal of a float32,
// and an order of keys that people compare by eye.
#pragma once

#include <cstddef>
#include <string>

#include "proxy/shell/proxy_set.hpp"

namespace halfopen {

[[nodiscard]] std::string proxy_text(Proxy& proxy);
// {"name": {...}, ...}, in the order of the names.
[[nodiscard]] std::string proxies_text(const ProxySet& proxies);

// {"attributes", "name", "type", "stream", "toxicity"}
[[nodiscard]] std::string toxic_text(const FaultSpec& fault);
// Upstream ones first, each direction in the order of addition.
[[nodiscard]] std::string toxics_text(const Proxy& proxy);
// {"name", "type", "stream", "toxicity", "attributes"}
[[nodiscard]] std::string fault_text(const FaultSpec& fault);
[[nodiscard]] std::string faults_text(const Proxy& proxy);

// One connection with what the kernel says of both of its sockets.
[[nodiscard]] std::string connection_text(const std::string& proxy, const Connection& connection);
[[nodiscard]] std::string abilities_text(const Abilities& abilities);

// "[a,b]"
class ArrayText {
 public:
  void add(const std::string& element) {
    text_ += text_.size() > 1 ? "," + element : element;
    ++size_;
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string finish() const { return text_ + "]"; }

 private:
  std::string text_ = "[";
  std::size_t size_ = 0;
};

}  // namespace halfopen
