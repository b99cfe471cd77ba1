// Settings of the kernel, of the run's own network namespaces alone.
#include "harness/model/bind_fields.hpp"
#include "harness/model/bind_parts.hpp"

namespace halfopen {
namespace {

// Only the network's settings are the run's own; anything else would be the machine's.
bool is_network_sysctl(const std::string& name) {
  return name.starts_with("net.") && name.find("..") == std::string::npos && name.back() != '.' &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
             std::string::npos;
}

}  // namespace

Result<std::map<std::string, std::string>> read_sysctls(const Document& sysctls,
                                                        const std::string& what) {
  HALFOPEN_CHECK(check_map(sysctls, what));
  std::map<std::string, std::string> values;
  for (const DocumentEntry& entry : sysctls.entries) {
    if (!is_network_sysctl(entry.key)) {
      return problem_at(entry.key_mark, "\"" + entry.key +
                                            "\" is not a setting of the network; expected a name "
                                            "such as net.ipv4.tcp_retries2");
    }
    HALFOPEN_TRY(value, read_text(entry.value, "the sysctl"));
    values[entry.key] = value;
  }
  return values;
}

}  // namespace halfopen
