#include "node/shell/sqlite_database.hpp"

#include <sqlite3.h>

#include <cstring>
#include <utility>

#include "base/assert.hpp"

namespace halfopen::node {
namespace {

Problem problem_of(sqlite3* database, const std::string& path) {
  const int code = sqlite3_errcode(database);
  const int system_error = sqlite3_system_errno(database);
  // SQLite says "disk I/O error" to whatever the system refused; the system said more.
  std::string what = sqlite3_errmsg(database);
  if (system_error != 0 && (code == SQLITE_IOERR || code == SQLITE_CANTOPEN)) {
    what += std::string(": ") + std::strerror(system_error);
  }
  switch (code) {
    case SQLITE_CORRUPT:
      return damaged_store(path, what);
    case SQLITE_NOTADB:
      return Problem{"the store ", path,
                     " is no SQLite database: name another file, or move it away"};
    case SQLITE_FULL:
      return Problem{"cannot write to the store ", path, ": the disk is full"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Problem{"the store ", path, " is locked by another program: end it"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return Problem{"the store ", path,
                     " cannot be written: make it and its folder writable for this user"};
    case SQLITE_CANTOPEN:
      return Problem{"cannot open the store ", path, ": ", what};
    default:
      return Problem{"the store ",
                     path,
                     ": ",
                     what,
                     " (SQLite's code ",
                     std::to_string(sqlite3_extended_errcode(database)),
                     ")"};
  }
}

void check_bound(int code) {
  // Only a wrong index or a lack of memory makes a bind fail.
  HALFOPEN_ASSERT(code == SQLITE_OK);
}

}  // namespace

Problem damaged_store(const std::string& path, std::string_view what) {
  return Problem{"the store ", path, " is damaged (", what,
                 "): put a copy back, or move it away and give the node a new key, because it "
                 "cannot know any more what it has signed"};
}

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

SqliteStatement::SqliteStatement(sqlite3_stmt* statement, const std::string& path)
    : statement_(statement), path_(path) {}

SqliteStatement& SqliteStatement::bind(int index, std::int64_t value) {
  check_bound(sqlite3_bind_int64(statement_.get(), index, value));
  return *this;
}

SqliteStatement& SqliteStatement::bind(int index, std::span<const std::uint8_t> bytes) {
  // Without a destructor the bytes are not copied (SQLITE_STATIC, whose macro is an old cast).
  check_bound(sqlite3_bind_blob64(statement_.get(), index, bytes.data(), bytes.size(), nullptr));
  return *this;
}

SqliteStatement& SqliteStatement::bind(int index, std::string_view text) {
  check_bound(
      sqlite3_bind_text64(statement_.get(), index, text.data(), text.size(), nullptr, SQLITE_UTF8));
  return *this;
}

SqliteStatement& SqliteStatement::bind_null(int index) {
  check_bound(sqlite3_bind_null(statement_.get(), index));
  return *this;
}

Result<bool> SqliteStatement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  // The reason is read before the reset, which the next use needs.
  const Problem problem = problem_of(sqlite3_db_handle(statement_.get()), path_);
  reset();
  return problem;
}

Result<void> SqliteStatement::run() {
  for (;;) {
    HALFOPEN_TRY(has_row, step());
    if (!has_row) break;
  }
  reset();
  return {};
}

void SqliteStatement::reset() {
  sqlite3_reset(statement_.get());
}

std::int64_t SqliteStatement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view SqliteStatement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return data == nullptr ? std::string_view{} : std::string_view(data, static_cast<size_t>(size));
}

bool SqliteStatement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void SqliteDatabase::Close::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

SqliteDatabase::SqliteDatabase(sqlite3* database, std::string path)
    : database_(database), path_(std::move(path)) {}

Result<SqliteDatabase> SqliteDatabase::open(const std::string& path, Mode mode,
                                            std::chrono::milliseconds patience) {
  // One thread at a time uses a connection, so SQLite needs no mutex around each call.
  const int flags = (mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                    SQLITE_OPEN_NOMUTEX;
  // A relative path could be one of the names that mean something else to SQLite (":memory:").
  const std::string file = path.starts_with('/') ? path : "./" + path;
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &opened, flags, nullptr);
  SqliteDatabase database(opened, path);
  HALFOPEN_ASSERT(opened != nullptr);
  if (code != SQLITE_OK) return problem_of(opened, path);
  sqlite3_busy_timeout(opened, static_cast<int>(patience.count()));
  return database;
}

Result<SqliteStatement> SqliteDatabase::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return problem_of(database_.get(), path_);
  return SqliteStatement(statement, path_);
}

Result<void> SqliteDatabase::run(const std::string& sql) {
  const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return problem_of(database_.get(), path_);
  return {};
}

Result<std::int64_t> SqliteDatabase::integer(std::string_view sql) {
  HALFOPEN_TRY(statement, prepare(sql));
  HALFOPEN_TRY(has_row, statement.step());
  return has_row ? statement.integer(0) : std::int64_t{0};
}

Result<std::string> SqliteDatabase::text(std::string_view sql) {
  HALFOPEN_TRY(statement, prepare(sql));
  HALFOPEN_TRY(has_row, statement.step());
  return has_row ? std::string(statement.bytes(0)) : std::string{};
}

std::int64_t SqliteDatabase::total_changes() const {
  return sqlite3_total_changes64(database_.get());
}

std::int64_t SqliteDatabase::last_row() const {
  return sqlite3_last_insert_rowid(database_.get());
}

bool SqliteDatabase::is_in_transaction() const {
  return sqlite3_get_autocommit(database_.get()) == 0;
}

}  // namespace halfopen::node
