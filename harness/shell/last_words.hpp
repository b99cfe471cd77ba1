// What a process said last: the end of its log, for a sentence about its end.
#pragma once

#include <cstddef>
#include <string>

namespace halfopen {

// The last line that is not blank, printable and shortened; "(nothing)" where there is none. Looks
// at the last 64 KiB, however long the log is.
[[nodiscard]] std::string last_words(const std::string& log_path);

}  // namespace halfopen
