// A death as a sentence, as marks in the lanes, and the run as one headline.
#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "harness/model/judge_votes.hpp"
#include "harness/model/timeline/timeline_parts.hpp"

namespace halfopen::timeline {
namespace {

constexpr std::size_t kSentencesMax = 3;

std::string when(double milliseconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "+%.1f s", milliseconds / 1000);
  return text.data();
}

std::string by_words(const Finding& finding) {
  return " (" + finding.by + (finding.error.empty() ? "" : ", " + finding.error) + ")";
}

}  // namespace

std::string sentence_of(const Death& death) {
  std::string text = death.dialer + "→" + death.listener +
                     (death.is_silent ? " died silently" : " died") + " at " + when(death.died_ms) +
                     " (" + death.cause + ")";
  const Finding& first = death.findings.front();
  if (!first.at_ms) {
    return text + (death.findings.size() > 1 ? ", and neither end found out"
                                             : ", and " + first.node + " did not find out");
  }
  text += death.is_silent ? ", found at " + when(*first.at_ms) : ", noticed at once";
  text += " by " + first.node + by_words(first);
  if (death.findings.size() > 1) {
    const Finding& second = death.findings[1];
    if (!second.at_ms) {
      text += "; " + second.node + " never found out";
    } else if (*second.at_ms - death.died_ms > to_seconds(kAtOnce) * 1000 &&
               second.by != "replaced") {
      text += "; " + second.node + " found out at " + when(*second.at_ms) + by_words(second);
    }
  }
  if (!death.healed_ms) return text + "; never healed";
  return text + "; healed at " + when(*death.healed_ms) + " by " + death.healed_by;
}

void mark_deaths(const std::vector<Death>& deaths, double duration_ms, std::vector<Lane>& lanes) {
  for (const Death& death : deaths) {
    for (Lane& lane : lanes) {
      if (lane.link != death.link) continue;
      if (lane.kind == Lane::Kind::kPath) {
        lane.marks.push_back({death.died_ms, "died", "the connection is dead: " + death.cause});
        continue;
      }
      for (const Finding& finding : death.findings) {
        if (finding.node != lane.node) continue;
        const double end = finding.at_ms.value_or(duration_ms);
        if (end - death.died_ms > to_seconds(kAtOnce) * 1000) {
          lane.half_open.push_back({"half-open", death.died_ms, end, death.cause});
        }
        // The new connection that replaces it is the healing, marked as such.
        if (finding.at_ms && finding.by != "replaced") {
          lane.marks.push_back({*finding.at_ms, "found", "death found" + by_words(finding)});
        }
      }
      if (death.healed_ms && lane.node == death.findings.front().node) {
        lane.marks.push_back({*death.healed_ms, "healed", "healed by " + death.healed_by});
      }
    }
  }
  for (Lane& lane : lanes) {
    std::stable_sort(lane.marks.begin(), lane.marks.end(),
                     [](const LaneMark& a, const LaneMark& b) { return a.at_ms < b.at_ms; });
  }
}

std::string tell_votes(const Source& source) {
  const VoteLedger ledger(source.record);
  std::size_t cast = 0;
  std::string losses;
  for (const LinkSpec& link : source.scenario.links) {
    for (const auto& [from, to] :
         {std::pair(link.dialer, link.listener), std::pair(link.listener, link.dialer)}) {
      const std::size_t sent = ledger.cast_by(from, source.record.whole).size();
      const std::size_t lost = ledger.lost(from, to, source.record.whole).size();
      cast += sent;
      if (lost == 0) continue;
      losses += (losses.empty() ? "" : ", ") + std::to_string(lost) + " of " +
                std::to_string(sent) + (sent == 1 ? " vote" : " votes") + " from " + from + " to " +
                to + " lost";
    }
  }
  if (cast == 0) return "no votes were cast.";
  return losses.empty() ? "no vote was lost." : losses + ".";
}

std::string make_headline(const std::vector<Death>& deaths, const std::string& votes) {
  std::string text;
  for (std::size_t index = 0; index < std::min(deaths.size(), kSentencesMax); ++index)
    text += (index == 0 ? "" : ". ") + deaths[index].sentence;
  if (deaths.size() > kSentencesMax) {
    text += ". And " + std::to_string(deaths.size() - kSentencesMax) + " more deaths";
  }
  return (deaths.empty() ? "No connection died" : text) + "; " + votes;
}

}  // namespace halfopen::timeline
