#include "node/shell/sqlite_schema.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace halfopen::node {
namespace {

// "hovn" in the file's header, so that file(1) and a mistaken operator can tell it from others.
constexpr std::int64_t kApplicationId = 0x686f766e;
constexpr std::int64_t kSchemaVersion = 1;
// Nobody but a person's sqlite3 shell can hold a lock that a commit has to wait for.
constexpr std::chrono::milliseconds kPatience{5'000};

// Integers of 64 bits hold heights by their bits, so no query may compare heights. `ordinal` counts
// a voter's votes, so that retention finds its oldest ones without looking at others. `owed` names
// a vote by its sequence, which is small and ordered.
constexpr const char* kTables = R"(
CREATE TABLE meta(
  one INTEGER PRIMARY KEY CHECK(one = 1), network TEXT NOT NULL, own_key BLOB NOT NULL,
  forgotten_height INTEGER, forgotten_round INTEGER, forgotten_kind INTEGER) STRICT;
CREATE TABLE votes(
  sequence INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, network TEXT NOT NULL,
  height INTEGER NOT NULL, round INTEGER NOT NULL, kind INTEGER NOT NULL, choice BLOB,
  voter BLOB NOT NULL, time_milliseconds INTEGER NOT NULL, signature BLOB NOT NULL,
  ordinal INTEGER NOT NULL, UNIQUE(voter, ordinal)) STRICT;
CREATE TABLE owed(
  vote INTEGER NOT NULL, peer TEXT NOT NULL, PRIMARY KEY(vote, peer)) STRICT, WITHOUT ROWID;
CREATE TABLE evidence(
  pair INTEGER PRIMARY KEY, lower_id BLOB NOT NULL, upper_id BLOB NOT NULL,
  UNIQUE(lower_id, upper_id)) STRICT;
CREATE TABLE evidence_votes(
  pair INTEGER NOT NULL, place INTEGER NOT NULL, id BLOB NOT NULL, network TEXT NOT NULL,
  height INTEGER NOT NULL, round INTEGER NOT NULL, kind INTEGER NOT NULL, choice BLOB,
  voter BLOB NOT NULL, time_milliseconds INTEGER NOT NULL, signature BLOB NOT NULL,
  PRIMARY KEY(pair, place)) STRICT, WITHOUT ROWID;
)";

// The name of a file that was just made is in its folder's own blocks.
Result<void> sync_folder_of(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool done = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!done) return Problem{"cannot sync the folder ", folder, ": ", std::strerror(reason)};
  return {};
}

Result<bool> is_new(SqliteDatabase& database) {
  HALFOPEN_TRY(application, database.integer("PRAGMA application_id"));
  HALFOPEN_TRY(version, database.integer("PRAGMA user_version"));
  HALFOPEN_TRY(objects, database.integer("SELECT count(*) FROM sqlite_schema"));
  if (application == 0 && version == 0 && objects == 0) return true;
  if (application != kApplicationId) {
    return Problem{"the store ", database.path(),
                   " is a database of another program: name another file, or move it away"};
  }
  if (version != kSchemaVersion) {
    return Problem{"the store ",
                   database.path(),
                   " has version ",
                   std::to_string(version),
                   " and this vote-node knows version ",
                   std::to_string(kSchemaVersion),
                   ": run the vote-node that wrote it"};
  }
  return false;
}

Result<void> make_tables(SqliteDatabase& database, const PublicKey& own_key,
                         const std::string& network) {
  // A file without tables is still new, so a death in between does no harm.
  HALFOPEN_CHECK(database.run("BEGIN IMMEDIATE"));
  HALFOPEN_CHECK(database.run(kTables));
  HALFOPEN_CHECK(database.run("PRAGMA application_id=" + std::to_string(kApplicationId)));
  HALFOPEN_CHECK(database.run("PRAGMA user_version=" + std::to_string(kSchemaVersion)));
  HALFOPEN_TRY(insert, database.prepare("INSERT INTO meta(one, network, own_key) VALUES(1, ?, ?)"));
  HALFOPEN_CHECK(insert.bind(1, std::string_view(network)).bind(2, own_key.bytes()).run());
  return database.run("COMMIT");
}

Result<void> check_owner(SqliteDatabase& database, const PublicKey& own_key,
                         const std::string& network) {
  HALFOPEN_TRY(statement, database.prepare("SELECT network, own_key FROM meta"));
  HALFOPEN_TRY(has_row, statement.step());
  const auto key = has_row ? PublicKey::from_raw(statement.bytes(1)) : std::nullopt;
  if (!key) return damaged_store(database.path(), "it does not say whose it is");
  if (*key != own_key) {
    return Problem{"the store ",
                   database.path(),
                   " belongs to the key ",
                   key->hex(),
                   ", and this node's is ",
                   own_key.hex(),
                   ": give each key its own store, and keep it with the key"};
  }
  if (statement.bytes(0) != network) {
    return Problem{"the store ",
                   database.path(),
                   " belongs to the network ",
                   statement.bytes(0),
                   ", and this node's is ",
                   network,
                   ": give each network its own store"};
  }
  return {};
}

Result<void> check_soundness(SqliteDatabase& database) {
  HALFOPEN_TRY(said, database.text("PRAGMA quick_check(1)"));
  if (said != "ok") return damaged_store(database.path(), said);
  return {};
}

}  // namespace

Result<StoreLock> StoreLock::take(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    const int reason = errno;
    if (reason == EISDIR) return Problem{"the store ", path, " is a folder: name a file"};
    return Problem{"cannot open the store ", path, ": ", std::strerror(reason),
                   reason == ENOENT ? " (its folder must exist)" : ""};
  }
  StoreLock lock(descriptor);
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    return Problem{"the store ", path, " is no regular file: name another"};
  }
  // Not SQLite's own lock: that would shut out our own reader, too. Closing any descriptor of a
  // file drops this process' POSIX locks on it, so this one is held until SQLite is done.
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return Problem{"the store ", path, " is in use by another process: give each node its own"};
  }
  if (status.st_size == 0) HALFOPEN_CHECK(sync_folder_of(path));
  return lock;
}

StoreLock::StoreLock(StoreLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

StoreLock::~StoreLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<SqliteDatabase> open_store_database(const std::string& path, const PublicKey& own_key,
                                           const std::string& network) {
  HALFOPEN_TRY(database, SqliteDatabase::open(path, SqliteDatabase::Mode::kReadWrite, kPatience));
  // The file is input: its schema may name no functions, and its cells are checked when read.
  HALFOPEN_CHECK(database.run("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON"));
  // Asked before anything is changed, so that another program's database stays as it was.
  HALFOPEN_TRY(needs_tables, is_new(database));
  HALFOPEN_TRY(mode, database.text("PRAGMA journal_mode=WAL"));
  if (mode != "wal") {
    return Problem{"the store ", path,
                   " is on a file system without shared memory (SQLite's log "
                   "needs it): name a file on a local disk"};
  }
  HALFOPEN_CHECK(database.run(
      "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=1000; PRAGMA cache_size=-16000;"
      "PRAGMA journal_size_limit=" +
      std::to_string(kLogBytesMax)));
  if (needs_tables) {
    HALFOPEN_CHECK(make_tables(database, own_key, network));
  } else {
    HALFOPEN_CHECK(check_soundness(database));
    HALFOPEN_CHECK(check_owner(database, own_key, network));
  }
  return database;
}

Result<SqliteDatabase> open_store_for_reading(const std::string& path) {
  return SqliteDatabase::open(path, SqliteDatabase::Mode::kReadOnly, kPatience);
}

}  // namespace halfopen::node
