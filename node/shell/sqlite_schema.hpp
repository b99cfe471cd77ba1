// The store's file: who may open it, what it must be, and its tables.
//
// A store belongs to one key and one network for life: the guard against signing twice is worth
// something only while the key and the memory of what it has signed stay together.
//
// Write-ahead log with synchronous=FULL: a transaction is one append to the log and one sync, and
// what was committed survives the loss of power. (NORMAL would sync at checkpoints only, and a
// commit could roll back after such a loss: sqlite.org/pragma.html#pragma_synchronous and
// sqlite.org/wal.html.)
//
// Bounds: the log is checkpointed every 1,000 pages and cut to kLogBytesMax when it starts again;
// a commit in progress comes on top. Pages of votes that went are used again, so the file stays at
// the size of the most that it ever held (about 350 bytes a vote); it never shrinks by itself.
#pragma once

#include <cstddef>
#include <string>

#include "node/core/key.hpp"
#include "node/shell/sqlite_database.hpp"

namespace halfopen::node {

inline constexpr std::size_t kLogBytesMax = std::size_t{8} * 1024 * 1024;

// Holds other processes off while it lives.
class StoreLock {
 public:
  // Creates the file for its owner alone when it is not there; its folder must be.
  [[nodiscard]] static Result<StoreLock> take(const std::string& path);
  StoreLock(StoreLock&& other) noexcept;
  StoreLock& operator=(StoreLock&&) = delete;
  ~StoreLock();

 private:
  explicit StoreLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// A connection that may write, to a sound store of this key and network, made if the file is empty.
[[nodiscard]] Result<SqliteDatabase> open_store_database(const std::string& path,
                                                         const PublicKey& own_key,
                                                         const std::string& network);
// A connection that reads beside it. SQLite lets it, since readers of the log stop no writer.
[[nodiscard]] Result<SqliteDatabase> open_store_for_reading(const std::string& path);

}  // namespace halfopen::node
