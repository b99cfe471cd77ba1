// What the store holds, read on a connection of its own.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "node/core/journal.hpp"
#include "node/shell/sqlite_database.hpp"
#include "node/shell/vote_store.hpp"

namespace halfopen::node {

// Everything, of one moment. Votes that are owed to a peer are also checked for their signature:
// they will be sent, and a peer would refuse a damaged one for good.
[[nodiscard]] Result<Journal> read_journal(SqliteDatabase& database);
[[nodiscard]] Result<std::optional<Slot>> read_forgotten_up_to(SqliteDatabase& database);
[[nodiscard]] Result<std::set<PublicKey>> read_voters(SqliteDatabase& database);

// Pages of votes, as VoteStore::list() promises.
class SqliteLister {
 public:
  [[nodiscard]] static Result<SqliteLister> over(SqliteDatabase& database);
  [[nodiscard]] Result<std::vector<ListedVote>> list(std::uint64_t after, std::size_t limit);

 private:
  SqliteLister(SqliteStatement statement, std::string path);
  SqliteStatement statement_;
  std::string path_;
};

}  // namespace halfopen::node
