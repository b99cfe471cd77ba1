#include "harness/shell/conntrack.hpp"

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack_tcp.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

namespace halfopen {
namespace {

struct CloseHandle {
  void operator()(nfct_handle* handle) const { nfct_close(handle); }
};
using Handle = std::unique_ptr<nfct_handle, CloseHandle>;

struct FreeEntry {
  void operator()(nf_conntrack* entry) const { nfct_destroy(entry); }
};
using Entry = std::unique_ptr<nf_conntrack, FreeEntry>;

Problem failed(const char* what) {
  return Problem{"conntrack: ", what, ": ", std::strerror(errno)};
}

Endpoint endpoint(const nf_conntrack* entry, nf_conntrack_attr address, nf_conntrack_attr port) {
  return {ntohl(nfct_get_attr_u32(entry, address)), ntohs(nfct_get_attr_u16(entry, port))};
}

bool is_tcp(const nf_conntrack* entry) {
  return nfct_get_attr_u8(entry, ATTR_ORIG_L4PROTO) == IPPROTO_TCP &&
         nfct_get_attr_u8(entry, ATTR_ORIG_L3PROTO) == AF_INET;
}

std::string state_name(std::uint8_t state) {
  constexpr std::array<std::string_view, 10> kNames{
      "NONE",       "SYN_SENT", "SYN_RECV",  "ESTABLISHED", "FIN_WAIT",
      "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE",       "SYN_SENT2"};
  return state < kNames.size() ? std::string(kNames.at(state)) : std::to_string(state);
}

template <class Visit>
int visit_entry(nf_conntrack_msg_type, nf_conntrack* entry, void* data) {
  if (is_tcp(entry)) (*static_cast<Visit*>(data))(entry);
  return NFCT_CB_CONTINUE;
}

// Dumps the table; `visit` gets each entry of TCP.
template <class Visit>
Result<void> for_each_entry(Visit visit) {
  const Handle handle{nfct_open(CONNTRACK, 0)};
  if (!handle) return failed("cannot open the netlink socket");
  nfct_callback_register(handle.get(), NFCT_T_ALL, &visit_entry<Visit>, &visit);
  std::uint32_t family = AF_INET;
  if (nfct_query(handle.get(), NFCT_Q_DUMP, &family) != 0) return failed("cannot dump");
  return {};
}

}  // namespace

Result<std::vector<ConntrackEntry>> read_conntrack() {
  std::vector<ConntrackEntry> entries;
  HALFOPEN_CHECK(for_each_entry([&](const nf_conntrack* raw) {
    ConntrackEntry entry;
    entry.source = endpoint(raw, ATTR_ORIG_IPV4_SRC, ATTR_ORIG_PORT_SRC);
    entry.destination = endpoint(raw, ATTR_ORIG_IPV4_DST, ATTR_ORIG_PORT_DST);
    entry.translated = endpoint(raw, ATTR_REPL_IPV4_DST, ATTR_REPL_PORT_DST);
    entry.state = state_name(nfct_get_attr_u8(raw, ATTR_TCP_STATE));
    entry.timeout = std::chrono::seconds(nfct_get_attr_u32(raw, ATTR_TIMEOUT));
    entries.push_back(std::move(entry));
  }));
  return entries;
}

Result<void> flush_conntrack() {
  const Handle handle{nfct_open(CONNTRACK, 0)};
  if (!handle) return failed("cannot open the netlink socket");
  std::uint32_t family = AF_INET;
  if (nfct_query(handle.get(), NFCT_Q_FLUSH, &family) != 0) return failed("cannot flush");
  return {};
}

Result<void> renew_conntrack(Duration timeout) {
  std::vector<Entry> entries;
  HALFOPEN_CHECK(
      for_each_entry([&](const nf_conntrack* raw) { entries.emplace_back(nfct_clone(raw)); }));
  const Handle handle{nfct_open(CONNTRACK, 0)};
  if (!handle) return failed("cannot open the netlink socket");
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout).count();
  for (const Entry& entry : entries) {
    const Entry change{nfct_new()};
    if (!change || !entry) return failed("out of memory");
    nfct_copy(change.get(), entry.get(), NFCT_CP_ORIG);
    nfct_set_attr_u32(change.get(), ATTR_TIMEOUT, static_cast<std::uint32_t>(seconds));
    // It may have run out since the dump.
    if (nfct_query(handle.get(), NFCT_Q_UPDATE, change.get()) != 0 && errno != ENOENT) {
      return failed("cannot renew an entry");
    }
  }
  return {};
}

}  // namespace halfopen
