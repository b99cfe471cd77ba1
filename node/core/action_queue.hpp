// The actions that wait to be carried out, oldest first.
//
// It keeps its memory when it runs empty, so that a node which only pings allocates nothing; after
// a burst it gives the memory back.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "node/core/action.hpp"

namespace halfopen::node {

class ActionQueue {
 public:
  // More are not worth keeping the memory for.
  static constexpr std::size_t kKeptMax = 1'024;

  template <class Content>
  void emplace_back(Content&& content) {
    actions_.emplace_back(std::forward<Content>(content));
  }

  std::optional<Action> take() {
    if (next_ == actions_.size()) return std::nullopt;
    std::optional<Action> oldest(std::move(actions_[next_++]));
    if (next_ == actions_.size()) forget();
    return oldest;
  }

 private:
  void forget() {
    actions_.clear();
    next_ = 0;
    if (actions_.capacity() > kKeptMax) actions_.shrink_to_fit();
  }

  std::vector<Action> actions_;
  std::size_t next_ = 0;
};

}  // namespace halfopen::node
