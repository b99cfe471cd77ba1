// YAML text into a Document. The only file that knows yaml-cpp: it listens to the parser's events
// rather than to its node tree, because events carry a mark for keys as well as for values and tell
// a quoted scalar from a plain one.
//
// Non-goals: anchors, aliases and several documents in a file. `vars` and `set` do their work in a
// form that an error can point into, and an alias bomb cannot be written without them.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <boost/locale/utf.hpp>
#include <optional>
#include <set>
#include <sstream>

#include "harness/model/document.hpp"
#include "harness/model/yaml_hints.hpp"
#include "harness/model/yaml_unclosed.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kTextBytesMax = 1024UL * 1024UL;
constexpr std::size_t kDepthMax = 32;

// Leaves the parser from inside an event; caught in parse_yaml.
struct Refusal {
  Problem problem;
};

class DocumentBuilder : public YAML::EventHandler {
 public:
  // An empty file gives no event; its nothing has a place all the same.
  explicit DocumentBuilder(std::string file) : file_(std::move(file)) {
    root_.mark = Mark{file_, 1, 1};
  }

  [[nodiscard]] Document take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) refuse(mark, "a second document begins here; expected one per file");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    if (key_is_next()) refuse(mark, "a key is missing here; expected text before the colon");
    Document nothing = make(Document::Kind::kNull, mark);
    // Nothing is written: the parser's place is then on a later line, and the key's is better.
    if (!frames_.empty() && frames_.back().entry &&
        frames_.back().entry->key_mark.line < nothing.mark.line) {
      nothing.mark = frames_.back().entry->key_mark;
    }
    attach(std::move(nothing));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    refuse(mark, "an alias is not allowed; use vars and \"${name}\" for what repeats");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    if (key_is_next()) return take_key(mark, value);
    Document scalar = make(Document::Kind::kScalar, mark);
    scalar.scalar = value;
    scalar.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    if (!scalar.quoted && tag != "?" && tag != "tag:yaml.org,2002:int" &&
        tag != "tag:yaml.org,2002:float" && tag != "tag:yaml.org,2002:bool") {
      refuse_tag(mark, tag);
    }
    attach(std::move(scalar));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    refuse_anchor(mark, anchor);
    if (tag != "?" && tag != "tag:yaml.org,2002:seq") refuse_tag(mark, tag);
    open(Document::Kind::kSequence, mark);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    refuse_anchor(mark, anchor);
    if (tag != "?" && tag != "tag:yaml.org,2002:map") refuse_tag(mark, tag);
    open(Document::Kind::kMap, mark);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Document container;
    std::optional<DocumentEntry> entry;  // of a map: its key was read, its value was not
    std::set<std::string> keys;
  };

  [[nodiscard]] Mark mark_of(const YAML::Mark& mark) const {
    return Mark{file_, mark.line + 1, mark.column + 1};
  }
  [[nodiscard]] Document make(Document::Kind kind, const YAML::Mark& mark) const {
    Document document;
    document.kind = kind;
    document.mark = mark_of(mark);
    return document;
  }
  [[noreturn]] void refuse(const YAML::Mark& mark, const std::string& text) const {
    throw Refusal{problem_at(mark_of(mark), text)};
  }
  [[noreturn]] void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    refuse(mark, "the tag \"" + tag + "\" is not allowed; expected a plain value");
  }
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor != YAML::NullAnchor) {
      refuse(mark, "an anchor is not allowed; use vars and \"${name}\" for what repeats");
    }
  }

  [[nodiscard]] bool key_is_next() const {
    return !frames_.empty() && frames_.back().container.kind == Document::Kind::kMap &&
           !frames_.back().entry.has_value();
  }

  void take_key(const YAML::Mark& mark, const std::string& key) {
    Frame& frame = frames_.back();
    if (!frame.keys.insert(key).second) {
      std::string first;
      for (const DocumentEntry& entry : frame.container.entries) {
        if (entry.key == key) first = std::to_string(entry.key_mark.line);
      }
      refuse(mark, "duplicate key \"" + excerpt(key) + "\"; it was given on line " + first);
    }
    frame.entry = DocumentEntry{key, mark_of(mark), Document{}};
  }

  void open(Document::Kind kind, const YAML::Mark& mark) {
    if (key_is_next()) refuse(mark, "a key must be text, not a list or a map");
    if (frames_.size() == kDepthMax) {
      refuse(mark, "nested more than " + std::to_string(kDepthMax) + " deep");
    }
    frames_.push_back(Frame{make(kind, mark), std::nullopt, {}});
  }

  void close() {
    Document done = std::move(frames_.back().container);
    frames_.pop_back();
    attach(std::move(done));
  }

  void attach(Document value) {
    if (frames_.empty()) {
      root_ = std::move(value);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.container.kind == Document::Kind::kSequence) {
      frame.container.items.push_back(std::move(value));
      return;
    }
    frame.entry->value = std::move(value);
    frame.container.entries.push_back(std::move(*frame.entry));
    frame.entry.reset();
  }

  std::string file_;
  std::vector<Frame> frames_;
  Document root_;
  int documents_ = 0;
};

// Text that a terminal, a report and a JSON file can all carry. yaml-cpp would take byte 0x04 for
// the end of the file and pass broken UTF-8 through.
[[nodiscard]] Result<void> check_characters(const std::string& text, const std::string& file) {
  using Utf8 = boost::locale::utf::utf_traits<char>;
  Mark mark{file, 1, 1};
  auto at = text.begin();
  while (at != text.end()) {
    const auto point = Utf8::decode(at, text.end());
    if (point == boost::locale::utf::illegal || point == boost::locale::utf::incomplete) {
      return problem_at(mark, "the text is not UTF-8");
    }
    if (point == 0x7f || (point < 0x20 && point != '\t' && point != '\n' && point != '\r')) {
      return problem_at(mark, "a control character is not allowed");
    }
    mark.column = point == '\n' ? 1 : mark.column + 1;
    if (point == '\n') ++mark.line;
  }
  return {};
}

// Counted from 0; "" behind the last one.
std::string_view line_at(std::string_view text, int line) {
  std::size_t begin = 0;
  for (; line > 0; --line) {
    begin = text.find('\n', begin);
    if (begin == std::string_view::npos) return "";
    ++begin;
  }
  return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace

Result<Document> parse_yaml(const std::string& text, const std::string& file) {
  if (text.size() > kTextBytesMax) {
    return problem_at(Mark{file, 0, 0}, "the file has " + std::to_string(text.size()) +
                                            " bytes; expected at most 1 MiB");
  }
  HALFOPEN_CHECK(check_characters(text, file));
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    DocumentBuilder builder(file);
    while (parser.HandleNextDocument(builder)) {
    }
    Document document = builder.take();
    if (auto quote = swallowing_quote(text, file, document)) return std::move(*quote);
    return document;
  } catch (const Refusal& refusal) {
    return refusal.problem;
  } catch (const YAML::Exception& error) {
    if (auto unclosed = unclosed_sign(text, file)) return std::move(*unclosed);
    const bool placed = !error.mark.is_null();
    return problem_at(Mark{file, placed ? error.mark.line + 1 : 0, error.mark.column + 1},
                      yaml_hint(error.msg, placed ? line_at(text, error.mark.line) : ""));
  }
}

}  // namespace halfopen
