#include "harness/model/conformance/case_parts.hpp"

#include <boost/json/parse.hpp>

namespace halfopen::conformance {

FaultSpec fault(std::string_view type, std::string_view attributes) {
  const std::string text = "{" + std::string(attributes) + "}";
  return {std::string(type), std::string(type), boost::json::parse(text).as_object(), {}};
}

FaultSpec nat(std::string_view attributes) {
  return fault("nat", attributes);
}

FaultSpec nat_after_2s(std::string_view inside, std::string_view outside) {
  return nat(R"("idle_timeout": "2s", "on_next_packet": {"inside": ")" + std::string(inside) +
             R"(", "outside": ")" + std::string(outside) + R"("})");
}

Step set(FaultSpec fault) {
  return Change{SetFault{kLinkName, std::move(fault)}};
}

Step clear(std::string_view type) {
  return Change{ClearFault{kLinkName, fault(type, "")}};
}

Step flush() {
  return Change{FlushNat{kLinkName, "nat"}};
}

Step destroy_sockets(Side side) {
  return Change{DestroyConnections{side == Side::kClient ? kClientName : kServerName, ""}};
}

Script join(const std::vector<Script>& parts) {
  Script all;
  for (const Script& part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

Script three_sends(End end, const std::string& label) {
  return {Send{end, label + "-1"}, Send{end, label + "-2"}, Send{end, label + "-3"}};
}

std::vector<Cell> end_cells(const std::string& end, const std::string& sends,
                            const std::string& received, const std::string& learns,
                            const std::string& state) {
  std::vector<Cell> all;
  if (!sends.empty()) all.push_back({end + " sends", sends});
  all.push_back({end + " received", received.empty() ? kNothing : received});
  all.push_back({end + " learns", learns});
  all.push_back({end + " state", state});
  return all;
}

std::vector<Cell> alive(const std::string& end, const std::string& received) {
  return end_cells(end, "", received, kNothing, kUp);
}

std::vector<Cell> closed(const std::string& end, const std::string& received,
                         const std::string& state) {
  return {{end + " received", received.empty() ? kNothing : received}, {end + " state", state}};
}

std::vector<Cell> cells(const std::vector<std::vector<Cell>>& parts) {
  std::vector<Cell> all;
  for (const auto& part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace halfopen::conformance
