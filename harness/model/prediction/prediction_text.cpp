#include "harness/model/prediction/prediction_text.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <cstdio>

#include "base/duration_text.hpp"

namespace halfopen {
namespace {

std::string seconds_text(Duration duration) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", to_seconds(duration));
  return text.data();
}

std::string reasons_text(const ExpectedDeath& death) {
  std::string text;
  for (const std::string& reason : death.reasons)
    text += (text.empty() ? "" : " or ") + reason;
  return text.empty() ? "nobody" : text;
}

std::string finder_lines(const std::vector<Finder>& finders) {
  std::string text;
  for (const Finder& finder : finders) {
    text += "      " + finder.mechanism + " after " + seconds_text(finder.at_least) + " to " +
            seconds_text(finder.at_most) + ": " + finder.because + "\n";
  }
  return text;
}

boost::json::array finders_json(const std::vector<Finder>& finders) {
  boost::json::array list;
  for (const Finder& finder : finders) {
    list.push_back(boost::json::object{{"mechanism", finder.mechanism},
                                       {"at_least_seconds", to_seconds(finder.at_least)},
                                       {"at_most_seconds", to_seconds(finder.at_most)},
                                       {"because", finder.because}});
  }
  return list;
}

boost::json::array texts_json(const std::vector<std::string>& texts) {
  boost::json::array list;
  for (const std::string& text : texts)
    list.emplace_back(boost::json::string(text));
  return list;
}

// All that is known of an end, behind its name.
std::string body_of(const EndPrediction& end) {
  std::string text = std::string(to_text(end.fate)) + "\n    " + end.why + "\n";
  if (!end.story.empty()) {
    text += "    what happens to it:\n";
    for (const std::string& line : end.story)
      text += "      " + line + "\n";
  }
  if (end.finders.empty()) {
    text += "    a silent death while nothing is sent: nothing would ever find it\n";
  } else {
    text +=
        "    a silent death while nothing is sent would be found by\n" + finder_lines(end.finders);
  }
  if (end.vote_finders.empty()) {
    text += "    once a vote is sent into it: nothing finds it before a later vote fails\n";
  } else {
    text += "    once a vote is sent into it, counted from the vote:\n" +
            finder_lines(end.vote_finders);
  }
  for (const std::string& warning : end.warnings)
    text += "    warning: " + warning + "\n";
  return text;
}

using Lines = std::vector<std::pair<std::string, std::string>>;  // what, of whom
void add_line(const std::string& what, const std::string& name, Lines& lines) {
  const auto known = std::find_if(lines.begin(), lines.end(),
                                  [&](const auto& line) { return line.first == what; });
  if (known == lines.end()) {
    lines.emplace_back(what, name);
  } else {
    known->second += ", " + name;
  }
}

std::string fate_text(const EndPrediction& end) {
  std::string text = to_text(end.fate);
  if (end.death && !end.ends_itself) {
    text += ", found by " + reasons_text(*end.death);
    if (end.death->reasons.empty()) {
      text += ": no defence that is on notices it before the scenario ends, so it stays half-open";
    } else {
      text += " " + seconds_text(end.death->at_least) + " to " + seconds_text(end.death->at_most) +
              " after " + counted_from(*end.death);
    }
  } else if (end.ends_itself) {
    text += " (its own process is ended)";
  }
  if (end.fate == EndPrediction::Fate::kUnknown) text += ": " + end.why;
  return text;
}

}  // namespace

std::string prediction_text(const Prediction& prediction) {
  // Ends of which the same is known share a paragraph.
  Lines paragraphs;
  for (const EndPrediction& end : prediction.ends)
    add_line(body_of(end), end.node + "'s connection to " + end.peer, paragraphs);
  std::string text;
  for (const auto& [what, names] : paragraphs) {
    text += "  ";
    text += names;
    text += ": ";
    text += what;
  }
  return text;
}

std::string prediction_lines(const Prediction& prediction, const std::string& indent) {
  // Ends that share a fate share a line.
  Lines lines;
  for (const EndPrediction& end : prediction.ends)
    add_line(fate_text(end), end.node + " to " + end.peer, lines);
  std::string text;
  for (const auto& [what, names] : lines) {
    text += indent;
    text += names;
    text += ": ";
    text += what;
    text += "\n";
  }
  return text;
}

boost::json::object to_json(const Prediction& prediction) {
  boost::json::array ends;
  for (const EndPrediction& end : prediction.ends) {
    boost::json::object object{{"link", end.link},
                               {"node", end.node},
                               {"peer", end.peer},
                               {"fate", to_text(end.fate)},
                               {"why", end.why},
                               {"ends_itself", end.ends_itself},
                               {"story", texts_json(end.story)},
                               {"finders", finders_json(end.finders)},
                               {"vote_finders", finders_json(end.vote_finders)},
                               {"warnings", texts_json(end.warnings)}};
    if (end.death) {
      object["death"] = boost::json::object{{"reasons", texts_json(end.death->reasons)},
                                            {"at_least_seconds", to_seconds(end.death->at_least)},
                                            {"at_most_seconds", to_seconds(end.death->at_most)},
                                            {"at_seconds", to_seconds(end.death->at)},
                                            {"step", end.death->step},
                                            {"before_vote", end.death->before_vote}};
    }
    ends.push_back(std::move(object));
  }
  return {{"ends", std::move(ends)}};
}

std::string check_text(const PredictionCheck& check, const std::string& indent) {
  std::string text;
  for (const PredictionRow& row : check.rows) {
    text += indent + (row.agrees ? "= " : "! ") + row.node + " to " + row.peer + ", " + row.what +
            ": predicted " + row.predicted + "; measured " + row.measured + "\n";
  }
  return text;
}

}  // namespace halfopen
