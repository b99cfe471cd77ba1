#include "node/shell/sqlite_reading.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "node/shell/sqlite_rows.hpp"

namespace halfopen::node {
namespace {

std::string select_votes(std::string_view rest) {
  return "SELECT sequence, " + std::string(kVoteColumns) + " FROM votes " + std::string(rest);
}

using PlaceOfSequence = std::map<std::int64_t, std::size_t>;

Result<PlaceOfSequence> read_votes(SqliteDatabase& database, std::vector<KeptVote>& votes) {
  HALFOPEN_TRY(statement, database.prepare(select_votes("ORDER BY sequence")));
  PlaceOfSequence places;
  for (;;) {
    HALFOPEN_TRY(has_row, statement.step());
    if (!has_row) return places;
    HALFOPEN_TRY(kept, read_vote(statement, 1, database.path()));
    places.emplace_hint(places.end(), statement.integer(0), votes.size());
    votes.push_back(std::move(kept));
  }
}

Result<void> read_owed(SqliteDatabase& database, const PlaceOfSequence& places, Journal& journal) {
  HALFOPEN_TRY(statement, database.prepare("SELECT vote, peer FROM owed ORDER BY vote, peer"));
  std::int64_t checked = 0;
  for (;;) {
    HALFOPEN_TRY(has_row, statement.step());
    if (!has_row) return {};
    const std::int64_t sequence = statement.integer(0);
    const auto place = places.find(sequence);
    if (place == places.end()) return damaged_store(database.path(), "a vote that is owed is gone");
    const KeptVote& kept = journal.votes[place->second];
    if (sequence != checked && !is_signed_by_voter(kept.vote)) {
      return damaged_store(database.path(), "a signature is wrong");
    }
    checked = sequence;
    journal.owed[std::string(statement.bytes(1))].push_back(kept.id);
  }
}

Result<void> read_evidence(SqliteDatabase& database, std::vector<Equivocation>& evidence) {
  HALFOPEN_TRY(statement, database.prepare("SELECT place, " + std::string(kVoteColumns) +
                                           " FROM evidence_votes ORDER BY pair, place"));
  for (std::int64_t place = 1;; place = 3 - place) {
    HALFOPEN_TRY(has_row, statement.step());
    if (!has_row && place == 1) return {};
    if (!has_row || statement.integer(0) != place) {
      return damaged_store(database.path(), "a proof lacks a vote");
    }
    HALFOPEN_TRY(kept, read_vote(statement, 1, database.path()));
    if (place == 1) {
      evidence.push_back({std::move(kept.vote), {}});
    } else {
      evidence.back().second = std::move(kept.vote);
    }
  }
}

}  // namespace

Result<std::optional<Slot>> read_forgotten_up_to(SqliteDatabase& database) {
  HALFOPEN_TRY(statement, database.prepare("SELECT forgotten_height, forgotten_round,"
                                           " forgotten_kind FROM meta"));
  HALFOPEN_TRY(has_row, statement.step());
  if (!has_row || statement.is_null(0)) return std::optional<Slot>{};
  auto slot = slot_from_columns(statement.integer(0), statement.integer(1), statement.integer(2));
  if (!slot) return damaged_store(database.path(), "the mark of what was forgotten is no slot");
  return slot;
}

Result<std::set<PublicKey>> read_voters(SqliteDatabase& database) {
  HALFOPEN_TRY(statement, database.prepare("SELECT DISTINCT voter FROM votes"));
  std::set<PublicKey> voters;
  for (;;) {
    HALFOPEN_TRY(has_row, statement.step());
    if (!has_row) return voters;
    const auto voter = PublicKey::from_raw(statement.bytes(0));
    if (!voter) return damaged_store(database.path(), "a row is no vote");
    voters.insert(*voter);
  }
}

Result<Journal> read_journal(SqliteDatabase& database) {
  // One transaction, so that all of it is of one moment.
  HALFOPEN_CHECK(database.run("BEGIN"));
  Journal journal;
  HALFOPEN_TRY(places, read_votes(database, journal.votes));
  HALFOPEN_CHECK(read_owed(database, places, journal));
  HALFOPEN_CHECK(read_evidence(database, journal.evidence));
  HALFOPEN_TRY(forgotten_up_to, read_forgotten_up_to(database));
  journal.forgotten_up_to = forgotten_up_to;
  HALFOPEN_CHECK(database.run("COMMIT"));
  return journal;
}

SqliteLister::SqliteLister(SqliteStatement statement, std::string path)
    : statement_(std::move(statement)), path_(std::move(path)) {}

Result<SqliteLister> SqliteLister::over(SqliteDatabase& database) {
  HALFOPEN_TRY(statement,
               database.prepare(select_votes("WHERE sequence > ? ORDER BY sequence LIMIT ?")));
  return SqliteLister(std::move(statement), database.path());
}

Result<std::vector<ListedVote>> SqliteLister::list(std::uint64_t after, std::size_t limit) {
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  statement_.bind(1, to_column(std::min<std::uint64_t>(after, kLargest)))
      .bind(2, to_column(std::min<std::uint64_t>(limit, kLargest)));
  std::vector<ListedVote> listed;
  for (;;) {
    HALFOPEN_TRY(has_row, statement_.step());
    if (!has_row) break;
    auto kept = read_vote(statement_, 1, path_);
    if (kept.has_error()) {
      statement_.reset();  // An open query would keep the log from being checkpointed.
      return kept.error();
    }
    listed.push_back({static_cast<std::uint64_t>(statement_.integer(0)), std::move(*kept)});
  }
  statement_.reset();
  return listed;
}

}  // namespace halfopen::node
