// What the kernel last said of a connection before a moment: the evidence that no program's belief
// can colour.
#pragma once

#include <string>

#include "harness/model/record.hpp"

namespace halfopen {

// One line, such as "n1 to n2, +6.1s: ECONNRESET, then EPIPE; TCP_INFO CLOSE unacked=1
// retransmits=3": of the last event up to the moment (or just after it) that carries an errno or
// TCP_INFO, and that an ended connection wrote rather than a live one if there is such. Empty where
// no event carries any.
[[nodiscard]] std::string kernel_word(const RunRecord& record, Instant moment);

}  // namespace halfopen
