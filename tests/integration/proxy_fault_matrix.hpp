// The fault matrix: what each fault makes the two ends of an idle connection see, as a table.
//
// Every row plays one script: a connection that has carried a message each way; the fault; a look
// by poll(2) at both ends; three sends of each end, the client's first, at least 100 ms apart; the
// kernel's own table (INET_DIAG); a new dial; then the fault is removed and what arrives is read.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace halfopen::test {

// What one end sees.
struct EndCells {
  // "writable", "finished" (readable, POLLRDHUP) or "broken" (POLLERR, POLLHUP), before it sends.
  std::string poll = "writable";
  std::string sends = "OK OK OK";
  // "ESTABLISHED", "ESTABLISHED, unacked", "CLOSE_WAIT", "gone".
  std::string state = "ESTABLISHED";
  // What has arrived by then, and how the stream ended: "123", "", "EOF". "1*": at least the first,
  // since who is not acknowledged soon sends nothing new. "~" is a byte that was not sent so.
  std::string received = "123";
};

struct MatrixRow {
  std::string name{};
  std::string type{};  // "": no fault at all
  std::string attributes = "{}";
  // The event that says that the fault has bitten: "nat_expired". "": at once.
  std::string until{};
  EndCells client{};
  EndCells upstream{};
  // "connected", "ECONNREFUSED" or "timeout".
  std::string dial = "connected";
  // What becomes of the first connection once the fault is removed: "delivered" (all that was sent
  // arrives, and what is sent then), "reset", or "" where nothing is left of it.
  std::string after{};
};

// How a test framework names a row.
inline void PrintTo(const MatrixRow& row, std::ostream* out) {
  *out << row.name;
}

[[nodiscard]] std::vector<MatrixRow> fault_matrix();

}  // namespace halfopen::test
