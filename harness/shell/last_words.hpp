// What a process said last: the end of its log, for a sentence about its end.
#pragma once

#include <cstddef>
#include <string>

namespace halfopen {

// The last line that is not blank, printable and shortened; "(nothing)" where there is none. Looks
// at the last 64 KiB, however long the log is.
[[nodiscard]] std::string last_words(const std::string& log_path);

// The first line with these words, printable and shortened; "" where there is none.
[[nodiscard]] std::string first_line_with(const std::string& log_path, const std::string& words);

}  // namespace halfopen
