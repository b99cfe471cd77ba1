// Several connections in one text: each is judged alone, and then what fits all of them is said.
//
// A cause is ruled out only where every connection rules it out. One cause is likely only where it
// is so for every connection of which anything is known.
#include <algorithm>
#include <map>

#include "harness/model/triage/connections.hpp"
#include "harness/model/triage/triage.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kSentencesMax = 4;
constexpr std::size_t kShownMax = 4;

struct Judged {
  std::string name;
  Triage triage;
};

void add_sentences(const std::vector<std::string>& more, const std::string& name,
                   std::vector<std::string>& sentences) {
  for (const std::string& sentence : more) {
    const bool known = std::any_of(sentences.begin(), sentences.end(), [&](const std::string& one) {
      return one.ends_with(": " + sentence);
    });
    if (known || sentences.size() == kSentencesMax) continue;
    std::string named = name;
    named += ": ";
    named += sentence;
    sentences.push_back(std::move(named));
  }
}

std::vector<Suspect> merge_suspects(const std::vector<Judged>& all) {
  std::map<Cause, Suspect> merged;
  std::map<Cause, std::size_t> excluded;
  for (const Judged& one : all) {
    for (const Suspect& suspect : one.triage.suspects) {
      auto [at, is_new] = merged.try_emplace(suspect.cause);
      Suspect& into = at->second;
      into.cause = suspect.cause;
      into.likelihood = is_new ? suspect.likelihood : std::min(into.likelihood, suspect.likelihood);
      into.score = is_new ? suspect.score : std::max(into.score, suspect.score);
      add_sentences(suspect.evidence_for, one.name, into.evidence_for);
      add_sentences(suspect.evidence_against, one.name, into.evidence_against);
      if (suspect.likelihood == Likelihood::kExcluded) ++excluded[suspect.cause];
    }
  }
  std::vector<Suspect> suspects;
  for (auto& [cause, suspect] : merged) {
    // A connection that is silent of a cause does not rule it out.
    if (suspect.likelihood == Likelihood::kExcluded && excluded[cause] < all.size()) {
      suspect.likelihood = Likelihood::kUnlikely;
    }
    suspects.push_back(std::move(suspect));
  }
  std::stable_sort(suspects.begin(), suspects.end(), [](const Suspect& one, const Suspect& other) {
    if (one.likelihood != other.likelihood) return one.likelihood < other.likelihood;
    return one.score > other.score;
  });
  return suspects;
}

bool all_agree(const std::vector<Judged>& all) {
  return std::all_of(all.begin(), all.end(), [&](const Judged& one) {
    return one.triage.conclusion == all.front().triage.conclusion;
  });
}

std::string conclude(std::size_t connections, const std::vector<Judged>& all) {
  std::string text = std::to_string(connections) + " connections are in this text. ";
  if (all_agree(all)) return text + all.front().triage.conclusion;
  text += "They do not tell the same, so each is judged by its own lines.";
  for (std::size_t i = 0; i < std::min(all.size(), kShownMax); ++i)
    text += "\n" + all[i].name + ": " + all[i].triage.conclusion;
  if (all.size() > kShownMax) {
    text += "\nand " + std::to_string(all.size() - kShownMax) + " more.";
  }
  return text;
}

// The same one cause, likely for each.
bool is_decided(const std::vector<Judged>& all) {
  const Cause cause = all.front().triage.suspects.front().cause;
  return std::all_of(all.begin(), all.end(), [&](const Judged& one) {
    return !one.triage.cannot_tell && one.triage.suspects.front().cause == cause;
  });
}

}  // namespace

Triage triage(const Excerpt& excerpt) {
  const std::vector<ConnectionPart> parts = part_by_connections(excerpt);
  std::vector<Judged> all;
  for (const ConnectionPart& part : parts) {
    Triage one = triage_one(part.excerpt);
    if (!one.suspects.empty()) all.push_back({part.name, std::move(one)});
  }
  Triage result = triage_one(excerpt);  // the facts are those of the whole text
  if (all.empty()) return result;
  result.suspects = merge_suspects(all);
  result.cannot_tell = !is_decided(all);
  result.conclusion = conclude(parts.size(), all);
  result.to_decide.clear();
  for (const Judged& one : all) {
    for (const std::string& step : one.triage.to_decide) {
      const auto& known = result.to_decide;
      if (std::find(known.begin(), known.end(), step) == known.end())
        result.to_decide.push_back(step);
    }
  }
  return result;
}

}  // namespace halfopen
