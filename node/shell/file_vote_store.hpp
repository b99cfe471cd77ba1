// Votes in a file that only grows: one JSON object a line, one write(2) a line.
//
// What a killed process had written stays written (the kernel holds it); a machine that loses power
// may lose the last lines, since nothing is forced to the disk here. A line that was cut in the
// middle at the end of the file was never acknowledged to anybody, so it is cut off.
//
// Invariants: one process a file (a lock holds others off); every line but that last one is whole.
#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <string>

#include "node/shell/vote_store.hpp"

namespace halfopen::node {

class FileVoteStore final : public VoteStore {
 public:
  struct Opened {
    std::unique_ptr<FileVoteStore> store;
    std::size_t torn_bytes = 0;  // cut off at the end
  };
  // Creates the file, readable by its owner alone, or reads it back.
  [[nodiscard]] static Result<Opened> open(const std::string& path);
  ~FileVoteStore() override;

  [[nodiscard]] Result<void> put(const Vote& vote, const VoteId& id) override;
  [[nodiscard]] Result<void> put_delivery(const VoteId& id, const std::string& peer) override;
  [[nodiscard]] const std::vector<StoredVote>& votes() const override { return memory_.votes(); }

 private:
  FileVoteStore(std::string path, int descriptor);
  // Answers how many bytes at the end were torn.
  [[nodiscard]] Result<std::size_t> read_back();
  [[nodiscard]] Result<void> read_line(std::string_view line);
  [[nodiscard]] Result<void> append(const boost::json::object& object);

  std::string path_;
  int descriptor_;
  off_t length_ = 0;
  MemoryVoteStore memory_;
};

}  // namespace halfopen::node
