#include "harness/model/yaml_unclosed.hpp"

#include <cctype>
#include <string_view>
#include <vector>

namespace halfopen {
namespace {

bool is_blank(char letter) {
  return letter == ' ' || letter == '\t' || letter == '\r';
}

// "key: value", "key:" or "- item", which is what a line of a scenario begins with.
bool looks_like_structure(std::string_view line) {
  if (line.starts_with("- ")) return true;
  std::size_t end = 0;
  while (end < line.size() && (std::isalnum(static_cast<unsigned char>(line[end])) != 0 ||
                               line[end] == '_' || line[end] == '-')) {
    ++end;
  }
  if (end == 0 || end == line.size() || line[end] != ':') return false;
  return end + 1 == line.size() || is_blank(line[end + 1]);
}

class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) { run(); }

  struct Opening {
    char sign = 0;
    Mark mark;
    std::size_t indentation = 0;  // of its line
    int stray_line = 0;           // the first line that belongs to no quote or bracket like this
    std::string stray_text;
  };

  std::optional<Opening> quote;         // swallowed what looks like structure
  std::optional<Opening> endless;       // a quote that the text ends in
  std::optional<Opening> open_bracket;  // that nothing closes

 private:
  void run() {
    while (at_ < text_.size() && !done_) {
      if (at_line_start_) begin_line();
      if (at_ < text_.size()) step();
    }
    if (!done_ && !brackets_.empty()) open_bracket = suspect();
  }

  // Columns count bytes, as the parser counts them in the marks of its values.
  void advance() {
    const char letter = text_[at_++];
    if (letter == '\n') {
      ++line_;
      column_ = 1;
      at_line_start_ = true;
    } else {
      ++column_;
    }
  }

  [[nodiscard]] std::string_view rest_of_line() const {
    return text_.substr(at_, text_.find('\n', at_) - at_);
  }

  void skip_line() {
    while (at_ < text_.size() && text_[at_] != '\n')
      advance();
    if (at_ < text_.size()) advance();
  }

  void begin_line() {
    at_line_start_ = false;
    indentation_ = 0;
    while (at_ < text_.size() && is_blank(text_[at_])) {
      ++indentation_;
      advance();
    }
    const std::string_view line = rest_of_line();
    if (line.empty() || line.front() == '#') return;
    if (block_text_ && indentation_ > *block_text_) return skip_line();
    block_text_.reset();
    value_can_begin_ = true;
    if (brackets_.empty() || line.front() == ']' || line.front() == '}') return;
    Opening& innermost = brackets_.back();
    if (indentation_ > brackets_.front().indentation || innermost.stray_line != 0) return;
    if (!looks_like_structure(line)) return;
    innermost.stray_line = line_;
    innermost.stray_text = std::string(line);
  }

  [[nodiscard]] Opening opening(char sign) const {
    return Opening{sign, Mark{"", line_, column_}, indentation_, 0, ""};
  }

  void step() {
    const char letter = text_[at_];
    const bool begins = value_can_begin_;
    const bool after_blank = at_ == 0 || is_blank(text_[at_ - 1]) || text_[at_ - 1] == '\n';
    if (letter == '#' && after_blank) return skip_line();
    if (begins && (letter == '"' || letter == '\'')) return skip_quoted(letter);
    if (letter == '[' || letter == '{') {
      if (begins || !brackets_.empty()) brackets_.push_back(opening(letter));
      value_can_begin_ = begins || !brackets_.empty();
    } else if ((letter == ']' || letter == '}') && !brackets_.empty()) {
      close(letter);
      value_can_begin_ = false;
    } else if (letter == ',' && !brackets_.empty()) {
      value_can_begin_ = true;
    } else if (begins && brackets_.empty() && (letter == '|' || letter == '>')) {
      block_text_ = indentation_;
      return skip_line();
    } else if (!is_blank(letter) && letter != '\n') {
      const bool is_last = at_ + 1 == text_.size();
      const bool before_blank = is_last || is_blank(text_[at_ + 1]) || text_[at_ + 1] == '\n';
      value_can_begin_ = before_blank && (letter == ':' || (begins && letter == '-'));
    }
    advance();
  }

  // Of those that are open, the one that a line stood behind which cannot be within it.
  [[nodiscard]] Opening suspect() const {
    for (const Opening& bracket : brackets_) {
      if (bracket.stray_line != 0) return bracket;
    }
    return brackets_.back();
  }

  void close(char sign) {
    if ((brackets_.back().sign == '[') != (sign == ']')) {
      open_bracket = suspect();
      done_ = true;
      return;
    }
    brackets_.pop_back();
  }

  void skip_quoted(char sign) {
    Opening opened = opening(sign);
    // The line's indentation is the key's, so what is not further in is no part of its value.
    const std::size_t indentation = indentation_;
    advance();
    while (at_ < text_.size()) {
      if (at_line_start_) {
        at_line_start_ = false;
        look_within(opened, indentation);
        if (at_ == text_.size()) break;
      }
      const char letter = text_[at_];
      const bool is_pair =
          at_ + 1 < text_.size() && ((sign == '"' && letter == '\\') ||
                                     (sign == '\'' && letter == sign && text_[at_ + 1] == sign));
      if (is_pair) {
        advance();
      } else if (letter == sign) {
        advance();
        value_can_begin_ = false;
        if (opened.stray_line != 0) finish(quote, opened);
        return;
      }
      advance();
    }
    finish(opened.stray_line != 0 ? quote : endless, opened);
  }

  void look_within(Opening& opened, std::size_t indentation) {
    std::size_t further = 0;
    while (at_ < text_.size() && is_blank(text_[at_])) {
      ++further;
      advance();
    }
    if (opened.stray_line != 0 || further > indentation || !looks_like_structure(rest_of_line()))
      return;
    opened.stray_line = line_;
    opened.stray_text = std::string(rest_of_line());
  }

  void finish(std::optional<Opening>& into, const Opening& opened) {
    into = opened;
    done_ = true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  int column_ = 1;
  bool at_line_start_ = true;
  bool value_can_begin_ = true;
  bool done_ = false;
  std::size_t indentation_ = 0;
  std::optional<std::size_t> block_text_;  // in a block of text, whose key stands so far in
  std::vector<Opening> brackets_;
};

constexpr std::size_t kLineShown = 40;

Problem problem_of(const Scan::Opening& opening, const std::string& file, const std::string& what) {
  Mark mark = opening.mark;
  mark.file = file;
  std::string text = "not valid YAML: " + what;
  if (opening.stray_line != 0) {
    text += " before line " + std::to_string(opening.stray_line);
    text += ", \"" + excerpt(opening.stray_text, kLineShown) + "\"";
  }
  return problem_at(mark, text);
}

std::optional<Problem> of_quote(const Scan& scan, const std::string& file) {
  if (scan.quote) return problem_of(*scan.quote, file, "the quote opened here is not closed");
  if (scan.endless) return problem_of(*scan.endless, file, "the quote opened here is never closed");
  return std::nullopt;
}

// The scan takes a quote at the beginning of a plain text's second line for one; the parser knows.
bool has_quoted_at(const Document& document, const Mark& mark) {
  if (document.kind == Document::Kind::kScalar) {
    return document.quoted && document.mark.line == mark.line &&
           document.mark.column == mark.column;
  }
  for (const Document& item : document.items) {
    if (has_quoted_at(item, mark)) return true;
  }
  for (const DocumentEntry& entry : document.entries) {
    if (has_quoted_at(entry.value, mark)) return true;
  }
  return false;
}

}  // namespace

std::optional<Problem> swallowing_quote(const std::string& text, const std::string& file,
                                        const Document& document) {
  const Scan scan(text);
  const auto& opening = scan.quote ? scan.quote : scan.endless;
  if (!opening || !has_quoted_at(document, opening->mark)) return std::nullopt;
  return of_quote(scan, file);
}

std::optional<Problem> unclosed_sign(const std::string& text, const std::string& file) {
  const Scan scan(text);
  if (auto quote = of_quote(scan, file)) return quote;
  if (!scan.open_bracket) return std::nullopt;
  return problem_of(*scan.open_bracket, file,
                    scan.open_bracket->sign == '{'
                        ? "the \"{\" opened here is not closed; expected \"}\""
                        : "the \"[\" opened here is not closed; expected \"]\"");
}

}  // namespace halfopen
