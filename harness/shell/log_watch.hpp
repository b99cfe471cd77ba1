// Reads the processes' own logs while they are written, and dates each line when it arrives.
//
// The processes write into their files as before, so that one that writes much never waits for us:
// inotify(7) says when there is more. The files are made before anybody writes to them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "harness/model/record.hpp"

namespace halfopen {

class LogWatch {
 public:
  // Of all logs of a run together; what is more is left in the files and makes a trouble. So does
  // the rest of a line that is longer than LinePattern::kLineBytesMax.
  static constexpr std::size_t kBytesMax = 64UL * 1024 * 1024;

  // `names` are of processes whose logs are directory/NAME.log. The record outlives the watch.
  // Where the kernel refuses, each log has the reason as its trouble.
  LogWatch(boost::asio::io_context& context, const std::string& directory,
           const std::vector<std::string>& names, RunRecord& record);
  ~LogWatch();
  LogWatch(const LogWatch&) = delete;
  LogWatch& operator=(const LogWatch&) = delete;

  // Takes what is in the files now, also a last line without an end. Harmless when called again.
  void finish();

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace halfopen
