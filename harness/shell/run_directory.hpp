// Where a run leaves everything: logs, events, configurations. Readable by its owner alone.
#pragma once

#include <string>

#include "base/result.hpp"

namespace halfopen {

// Makes `wanted` (and its parents), or when it is empty "halfopen-runs/TIME-PID" here. Answers the
// absolute path. A folder that exists is used as it is, mode and all.
[[nodiscard]] Result<std::string> make_run_directory(const std::string& wanted);
// Where the run of this id leaves its files.
[[nodiscard]] std::string run_subdirectory(const std::string& parent, const std::string& run_id);
// A Problem when it exists: an older run's events in it would be taken for this one's.
[[nodiscard]] Result<bool> make_subdirectory(const std::string& path);

[[nodiscard]] Result<std::string> make_temporary_directory();
void remove_directory(const std::string& path);

[[nodiscard]] Result<std::string> read_text_file(const std::string& path);
[[nodiscard]] Result<bool> write_text_file(const std::string& path, const std::string& text);

}  // namespace halfopen
