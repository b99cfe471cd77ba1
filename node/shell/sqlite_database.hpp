// SQLite behind two small classes: a file and its statements. The sole user of sqlite3.h.
//
// Every failure comes out as one line for an operator, made here, because only here is known which
// of SQLite's codes means a full disk and which a damaged file.
//
// Invariants: a database and its statements are used by one thread at a time; a statement does not
// outlive its database.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace halfopen::node {

class SqliteStatement {
 public:
  // Parameters count from 1. Bytes and text are not copied: they must stay until the next run().
  SqliteStatement& bind(int index, std::int64_t value);
  SqliteStatement& bind(int index, std::span<const std::uint8_t> bytes);
  SqliteStatement& bind(int index, std::string_view text);
  SqliteStatement& bind_null(int index);

  // True while there is a row, which then can be read.
  [[nodiscard]] Result<bool> step();
  // To its end, and ready for the next time.
  [[nodiscard]] Result<void> run();
  void reset();

  // Columns count from 0; what they answer lives until the next step.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string_view bytes(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  friend class SqliteDatabase;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  SqliteStatement(sqlite3_stmt* statement, const std::string& path);

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::string path_;
};

class SqliteDatabase {
 public:
  enum class Mode : std::uint8_t { kReadOnly, kReadWrite };
  // The file must exist. `patience` is how long a call waits for another connection's lock.
  [[nodiscard]] static Result<SqliteDatabase> open(const std::string& path, Mode mode,
                                                   std::chrono::milliseconds patience);

  [[nodiscard]] Result<SqliteStatement> prepare(std::string_view sql);
  // Statements without rows that anybody wants, one after the other.
  [[nodiscard]] Result<void> run(const std::string& sql);
  // The first column of the first row.
  [[nodiscard]] Result<std::int64_t> integer(std::string_view sql);
  [[nodiscard]] Result<std::string> text(std::string_view sql);

  [[nodiscard]] const std::string& path() const { return path_; }
  // Rows inserted, changed or deleted since it was opened.
  [[nodiscard]] std::int64_t total_changes() const;
  // The integer key of the row that was inserted last.
  [[nodiscard]] std::int64_t last_row() const;
  // A failed statement may have ended the transaction already.
  [[nodiscard]] bool is_in_transaction() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  SqliteDatabase(sqlite3* database, std::string path);

  std::unique_ptr<sqlite3, Close> database_;
  std::string path_;
};

// What to do about a store that can be read but says impossible things.
[[nodiscard]] Problem damaged_store(const std::string& path, std::string_view what);

}  // namespace halfopen::node
