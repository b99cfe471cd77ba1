// Reading a document strictly: each helper takes a value and what it is called in messages, and
// gives a typed value or one line that says where, what was expected and what was found.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "harness/model/document.hpp"
#include "harness/model/shape.hpp"

namespace halfopen {

// A map of which every key is known.
class Fields {
 public:
  // The keys of a shape of the language; its title, or `what`, begins the messages.
  [[nodiscard]] static Result<Fields> of(const Document& document, const Shape& shape);
  [[nodiscard]] static Result<Fields> of(const Document& document, const Shape& shape,
                                         const std::string& what);
  // Keys that the file itself chooses, such as the names of its axes.
  [[nodiscard]] static Result<Fields> of(const Document& document, const std::string& what,
                                         const std::vector<std::string>& known_keys);

  [[nodiscard]] const Document* find(std::string_view key) const { return document_->find(key); }
  // The value under a key that must be there.
  [[nodiscard]] Result<const Document*> need(std::string_view key) const;
  // The one key out of `keys` that is there; none or several are a Problem.
  [[nodiscard]] Result<const DocumentEntry*> need_one_of(
      const std::vector<std::string>& keys) const;
  // The one main key of the shape that is there.
  [[nodiscard]] Result<const DocumentEntry*> need_main() const;
  [[nodiscard]] const Mark& mark() const { return document_->mark; }

 private:
  Fields(const Document& document, std::string what)
      : document_(&document), what_(std::move(what)) {}
  const Document* document_;
  std::string what_;
  const Shape* shape_ = nullptr;  // of a map whose keys the language chooses
};

// "a map", "a list", "a single value", "nothing": what a value is, for messages.
[[nodiscard]] std::string kind_text(const Document& document);

[[nodiscard]] Result<void> check_map(const Document& document, const std::string& what);
[[nodiscard]] Result<void> check_list(const Document& document, const std::string& what);

[[nodiscard]] Result<std::string> read_text(const Document& document, const std::string& what);
// An identifier: it becomes a part of file names, run ids and paths.
[[nodiscard]] Result<std::string> read_id(const Document& document, const std::string& what);
[[nodiscard]] Result<void> check_id(const std::string& text, const Mark& mark,
                                    const std::string& what);
[[nodiscard]] Result<Duration> read_duration(const Document& document, const std::string& what);
// A time for which something is waited: none at all is a mistake.
[[nodiscard]] Result<Duration> read_limit(const Document& document, const std::string& what);
[[nodiscard]] Result<unsigned> read_count(const Document& document, const std::string& what,
                                          unsigned smallest, unsigned largest);
[[nodiscard]] Result<std::uint64_t> read_number(const Document& document, const std::string& what,
                                                std::uint64_t smallest, std::uint64_t largest);
[[nodiscard]] Result<bool> read_flag(const Document& document, const std::string& what);
// A list with at least one text.
[[nodiscard]] Result<std::vector<std::string>> read_texts(const Document& document,
                                                          const std::string& what);
// One of the known names; `what` is singular: "node", "step".
[[nodiscard]] Result<std::string> read_known(const Document& document, const std::string& what,
                                             const std::vector<std::string>& known);
// One of a few words that the language itself has; `what` is the key: "kind".
[[nodiscard]] Result<std::string> read_word(const Document& document, const std::string& what,
                                            const std::vector<std::string>& words);
[[nodiscard]] Problem unknown_name(const Mark& mark, const std::string& what,
                                   const std::string& name, const std::vector<std::string>& known);

}  // namespace halfopen
