// One mapping of the configuration, asked key by key.
//
// The same questions (config.cpp) are put to three answerers: to a file, which answers with values
// (config_yaml.cpp); to a schema, which writes down what was asked (config_schema.cpp); and to a
// configuration that exists, which says what it holds (config_change.cpp). So a schema cannot know
// other keys or bounds than the reader, and a reload cannot overlook a key.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace halfopen::node {

struct Key {
  std::string_view name;
  std::string_view help;  // a sentence without its full stop
};

class Fields {
 public:
  using ReadInner = std::function<void(Fields&)>;

  Fields() = default;
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;
  virtual ~Fields() = default;

  // Each leaves its target alone where the key is not there. `pattern` is what an editor may check;
  // the reader judges for itself, with complain().
  virtual void text(const Key& key, std::string_view pattern, std::string& target) = 0;
  virtual void choice(const Key& key, std::initializer_list<std::string_view> options,
                      std::string& target) = 0;
  virtual void flag(const Key& key, bool& target) = 0;
  virtual void whole_number(const Key& key, std::uint64_t min, std::uint64_t max,
                            std::uint64_t& target) = 0;
  // `unit` must divide it: the kernel counts keep-alive in whole seconds.
  virtual void duration(const Key& key, Duration unit, Duration min, Duration max,
                        Duration& target) = 0;
  virtual void mapping(const Key& key, const ReadInner& read) = 0;
  virtual void list(const Key& key, const ReadInner& read) = 0;
  // Keys that must be there; `text` follows the first one's name.
  virtual void require(std::string_view key) = 0;
  virtual void require_one_of(std::initializer_list<std::string_view> keys,
                              const std::string& text) = 0;
  // A Problem at the key's value.
  virtual void complain(std::string_view key, const std::string& text) = 0;
};

}  // namespace halfopen::node
