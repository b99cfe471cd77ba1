// What is done to the run: its links, its steps, and the faults while they last.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <utility>

#include "base/duration_text.hpp"
#include "harness/model/timeline/timeline_parts.hpp"

namespace halfopen::timeline {
namespace {

std::string value_words(const boost::json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
}

std::string attribute(const FaultSpec& fault, std::string_view key) {
  const auto* value = fault.attributes.if_contains(key);
  return value == nullptr ? "" : value_words(*value);
}

std::string nat_words(const FaultSpec& fault) {
  std::string words = "NAT";
  if (const auto profile = attribute(fault, "profile"); !profile.empty()) words += " " + profile;
  if (const auto idle = attribute(fault, "idle_timeout"); !idle.empty()) {
    words += ", forgets a connection idle for " + idle;
  }
  if (const auto next = attribute(fault, "on_next_packet"); !next.empty()) {
    static const std::map<std::string, std::string> kNext{
        {"drop", "then drops its packets in silence"},
        {"rst", "then answers its packets with a reset"},
        {"repick_same_port", "then makes the mapping anew"},
        {"repick_new_port", "then makes a mapping with another port"}};
    const auto known = kNext.find(next);
    words += ", " + (known == kNext.end() ? "then: " + next : known->second);
  }
  if (const auto expiry = attribute(fault, "on_expiry"); !expiry.empty() && expiry != "none") {
    words += ", tells at expiry: " + expiry;
  }
  if (attribute(fault, "refresh_by") == "bytes") words += ", only data keeps it";
  return words;
}

// A nat that is there from the start is what the path is like, not something that befalls it.
bool is_setting(const FaultSpec& fault) {
  return fault.type == "nat";
}

class Bands {
 public:
  explicit Bands(const Source& source) : source_(source) {}

  std::vector<FaultBand> find() {
    for (const LinkSpec& link : source_.scenario.links) {
      for (const FaultSpec& fault : link.faults) {
        if (!is_setting(fault)) open(link.id, fault, 0);
      }
    }
    for (const StepSpan& span : source_.record.steps) {
      const auto step = std::find_if(source_.scenario.steps.begin(), source_.scenario.steps.end(),
                                     [&](const Step& known) { return known.id == span.id; });
      if (step != source_.scenario.steps.end()) apply(step->action, span.span);
    }
    for (const auto& [key, band] : open_)
      bands_.push_back(band);
    std::stable_sort(bands_.begin(), bands_.end(), [](const FaultBand& a, const FaultBand& b) {
      return a.begin_ms < b.begin_ms;
    });
    return std::move(bands_);
  }

 private:
  void open(const std::string& link, const FaultSpec& fault, double at) {
    close(link, fault.name, at);
    open_[{link, fault.name}] = {fault.name, fault.type, fault_words(fault),   link,
                                 "",         at,         source_.duration_ms()};
  }

  void close(const std::string& link, const std::string& name, double at) {
    const auto found = open_.find({link, name});
    if (found == open_.end()) return;
    found->second.end_ms = at;
    bands_.push_back(found->second);
    open_.erase(found);
  }

  // Up again is what the node itself says; before that it is as down as at first.
  void down(const std::string& node, RestartKind kind, Interval span) {
    const auto& events = source_.record.events;
    const auto start = std::find_if(events.begin(), events.end(), [&](const Event& event) {
      return event.node == node && event.event == "started" && event.at > span.begin;
    });
    const bool comes_back = start != events.end();
    const double end = comes_back ? source_.clamped(start->at) : source_.duration_ms();
    const std::string word = kind == RestartKind::kPowerLoss ? "loses power"
                             : kind == RestartKind::kCrash   ? "crashes"
                                                             : "shuts down";
    bands_.push_back({node + " " + word, "restart",
                      comes_back ? "and starts again" : "and stays down", "", node,
                      source_.clamped(span.begin), end});
  }

  void apply(const StepAction& action, Interval span) {
    const double at = source_.clamped(span.begin);
    if (const auto* set = std::get_if<SetFault>(&action)) open(set->link, set->fault, at);
    if (const auto* clear = std::get_if<ClearFault>(&action))
      close(clear->link, clear->fault.name, at);
    if (const auto* restart = std::get_if<RestartNode>(&action)) {
      down(restart->node, restart->kind, span);
    }
    if (const auto* stop = std::get_if<StopNode>(&action)) down(stop->node, stop->kind, span);
    if (const auto* heal = std::get_if<Heal>(&action)) {
      for (const ClearFault& fault : heal->faults)
        close(fault.link, fault.fault.name, at);
    }
  }

  const Source& source_;
  std::map<std::pair<std::string, std::string>, FaultBand> open_;
  std::vector<FaultBand> bands_;
};

// Of every kind of step, so that a new one without words does not compile.
struct StepWords {
  std::string operator()(const WaitUntil& step) const {
    return "wait until " + step.condition.text() + ", within " + format_duration(step.within);
  }
  std::string operator()(const IdleFor& step) const {
    return "idle for " + format_duration(step.duration);
  }
  std::string operator()(const CastVotes& step) const {
    return step.node + " casts " + std::to_string(step.count) +
           (step.count == 1 ? " vote" : " votes");
  }
  std::string operator()(const SetFault& step) const {
    return "fault on " + step.link + ": " + fault_words(step.fault);
  }
  std::string operator()(const ClearFault& step) const {
    return "fault ends on " + step.link + ": " + step.fault.name;
  }
  std::string operator()(const RestartNode& step) const {
    return "restart " + step.node + " (" + std::string(to_text(step.kind)) + ")";
  }
  std::string operator()(const StopNode& step) const {
    return "stop " + step.node + " (" + std::string(to_text(step.kind)) + ")";
  }
  std::string operator()(const FlushNat& step) const { return "NAT reboots on " + step.link; }
  std::string operator()(const DestroyConnections& step) const {
    return "destroy connections of " + step.node + (step.peer.empty() ? "" : " to " + step.peer);
  }
  std::string operator()(const Heal& step) const {
    std::string words;
    for (const ClearFault& fault : step.faults)
      words += "fault ends on " + fault.link + ": " + fault.fault.name + ", ";
    for (const StopNode& stopped : step.nodes)
      words += "start " + stopped.node + ", ";
    return words + "then wait until all is well: " + step.condition.text() + ", within " +
           format_duration(step.within);
  }
};

}  // namespace

std::string fault_words(const FaultSpec& fault) {
  static const std::map<std::string, std::string, std::less<>> kWords{
      {"blackhole", "the path swallows every packet"},
      {"peer_restart", "the listener's machine restarts"},
      {"syn_drop", "new dials get no answer"},
      {"refuse", "new dials are refused"},
      {"accept_then_silence", "the listener accepts and says nothing"},
      {"reset_on_next", "the next packet draws a reset"},
      {"half_close", "a FIN that nobody sent"},
      {"asymmetric", "one side is forgotten"},
      {"flap", "the link goes up and down"},
      {"one_way_loss", "packets one way are lost"},
      {"link_down", "the cable has no carrier"}};
  if (fault.type == "nat") return nat_words(fault);
  std::string attributes;
  for (const auto& entry : fault.attributes) {
    attributes += (attributes.empty() ? "" : ", ") + std::string(entry.key()) + " " +
                  value_words(entry.value());
  }
  const auto known = kWords.find(fault.type);
  const std::string words = known == kWords.end() ? fault.type : known->second;
  return attributes.empty() ? words : words + " (" + attributes + ")";
}

std::vector<FaultBand> find_bands(const Source& source) {
  return Bands(source).find();
}

std::vector<LinkPicture> find_links(const Source& source) {
  std::vector<LinkPicture> links;
  for (const LinkSpec& link : source.scenario.links) {
    std::string summary;
    for (const FaultSpec& fault : link.faults) {
      if (is_setting(fault)) summary += (summary.empty() ? "" : "; ") + fault_words(fault);
    }
    links.push_back(
        {link.id, link.dialer, link.listener, summary.empty() ? "no NAT between them" : summary});
  }
  return links;
}

std::vector<StepMark> find_steps(const Source& source) {
  std::vector<StepMark> steps;
  for (const StepSpan& span : source.record.steps) {
    StepMark mark{span.id, "", source.clamped(span.span.begin), source.clamped(span.span.end)};
    for (const Step& step : source.scenario.steps) {
      if (step.id == span.id) mark.text = std::visit(StepWords{}, step.action);
    }
    steps.push_back(std::move(mark));
  }
  return steps;
}

}  // namespace halfopen::timeline
