// JSON as Toxiproxy's server reads and refuses it, which is as Go's encoding/json does: keys in any
// case, null for "not given", unknown keys ignored, only the first value of a body, and the words
// of that library where something is wrong.
//
// Intuition: clients in a dozen languages were written against those words and that leniency. What
// is ours (faults, half_close) is read by the same rules where it stands beside Toxiproxy's keys,
// and strictly where it is on its own.
//
// Invariants: bodies are nested at most 32 deep; nothing here acts.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/shell/refusal.hpp"

namespace halfopen {

// The first value of `body`; what follows it is ignored. Refusals begin "bad request body: ".
[[nodiscard]] Answer<boost::json::value> read_json(std::string_view body);

// The offset behind the first value, or Go's words for what is wrong with it.
[[nodiscard]] Result<std::size_t> find_end_of_json(std::string_view text);

// The fields of an object, or of nothing where the value is null.
class LenientObject {
 public:
  // `value` must outlive this. `go_type` is what Toxiproxy calls it in refusals: "Proxy".
  [[nodiscard]] static Answer<LenientObject> from(const boost::json::value& value,
                                                  std::string_view go_type);

  // Nothing when it is absent or null.
  [[nodiscard]] Answer<std::optional<std::string>> string(std::string_view key) const;
  [[nodiscard]] Answer<std::optional<bool>> boolean(std::string_view key) const;
  [[nodiscard]] Answer<std::optional<double>> number(std::string_view key) const;
  // An empty one when it is absent.
  [[nodiscard]] Answer<boost::json::object> object(std::string_view key) const;
  // The value whatever it is; null when it is absent.
  [[nodiscard]] const boost::json::value* find(std::string_view key) const;

 private:
  LenientObject(const boost::json::object* fields, std::string_view go_type)
      : fields_(fields), go_type_(go_type) {}
  [[nodiscard]] Refusal wrong_type(std::string_view key, const boost::json::value& found,
                                   std::string_view expected) const;

  const boost::json::object* fields_;
  std::string_view go_type_;
};

// "string", "number 1.5", "array": a value as Go names it in refusals.
[[nodiscard]] std::string go_kind(const boost::json::value& value);

}  // namespace halfopen
