#include "harness/model/triage/triage_text.hpp"

#include <boost/json/array.hpp>

namespace halfopen {
namespace {

boost::json::array texts_json(const std::vector<std::string>& texts) {
  boost::json::array list;
  for (const std::string& text : texts)
    list.emplace_back(boost::json::string(text));
  return list;
}

}  // namespace

std::string triage_text(const Triage& triage) {
  std::string text = triage.conclusion + "\n";
  if (!triage.facts.empty()) text += "\nWhat the text shows:\n";
  for (const std::string& fact : triage.facts)
    text += "  " + fact + "\n";
  if (!triage.suspects.empty()) text += "\nCauses, the best first:\n";
  for (const Suspect& suspect : triage.suspects) {
    text += "  " + std::string(to_text(suspect.likelihood)) + ": " +
            std::string(title_of(suspect.cause)) + " (" + std::string(id_of(suspect.cause)) + ")\n";
    for (const std::string& sentence : suspect.evidence_for)
      text += "    + " + sentence + "\n";
    for (const std::string& sentence : suspect.evidence_against)
      text += "    - " + sentence + "\n";
  }
  text += "\nWhat would decide:\n";
  for (const std::string& step : triage.to_decide)
    text += "  " + step + "\n";
  return text;
}

boost::json::object to_json(const Triage& triage) {
  boost::json::array suspects;
  for (const Suspect& suspect : triage.suspects) {
    suspects.push_back(boost::json::object{{"cause", id_of(suspect.cause)},
                                           {"title", title_of(suspect.cause)},
                                           {"likelihood", to_text(suspect.likelihood)},
                                           {"for", texts_json(suspect.evidence_for)},
                                           {"against", texts_json(suspect.evidence_against)}});
  }
  return {{"conclusion", triage.conclusion},
          {"cannot_tell", triage.cannot_tell},
          {"facts", texts_json(triage.facts)},
          {"causes", std::move(suspects)},
          {"to_decide", texts_json(triage.to_decide)}};
}

}  // namespace halfopen
