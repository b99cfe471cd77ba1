// The incident as a golden transcript: what a node without defences does, line by line, when a peer
// has closed while nobody was looking. A change here is a change of what the project reproduces.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/node_simulation.hpp"

namespace halfopen::node::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;

TEST(NodeIncident, TheNaiveNodeSendsOnceAndThenHearsBrokenPipe) {
  Simulation simulation;
  simulation.add(make_settings("n1", {"> n2"}, Preset::kNaive));
  simulation.add(make_settings("n2", {"n1"}, Preset::kNaive));
  simulation.start();
  simulation.run_for(seconds(20));
  simulation.kill(1);
  simulation.run_for(seconds(21));
  simulation.cast(0);
  simulation.run_for(seconds(1));
  simulation.cast(0);
  EXPECT_THAT(simulation.trace(0),
              ElementsAre("    0.000  n2: Idle -> Dialing (start)",             //
                          "    0.002  dial n2 connected",                       //
                          "    0.002  n2: Dialing -> Handshaking (connected)",  //
                          "    0.002  read on",                                 //
                          "    0.004  opened n2 outbound",                      //
                          "    0.004  n2: Handshaking -> Healthy (hello)",      //
                          "    0.004  read off",                                //
                          "   41.000  broadcast to 1 peers, 1 connections",     //
                          "   41.000  send OK",                                 //
                          "   41.000  send EPIPE",                              //
                          "   41.000  read on",                                 //
                          "   41.000  n2: Healthy -> Closed (broken_pipe)",     //
                          "   41.000  closed n2 broken_pipe, 0 left",           //
                          "   41.000  abandoned n2 send_failed",                //
                          "   42.000  broadcast to 1 peers, 0 connections",     //
                          "   42.000  abandoned n2 no_connection"));
}

TEST(NodeIncident, TheResilientNodeNoticesAndDelivers) {
  Simulation simulation;
  simulation.add(make_settings("n1", {"> n2"}));
  simulation.add(make_settings("n2", {"n1"}));
  simulation.start();
  simulation.run_for(seconds(20));
  simulation.kill(1);
  simulation.run_for(seconds(21));
  const auto vote = simulation.cast(0);
  simulation.run_for(seconds(1));
  simulation.restart(1);
  simulation.run_for(seconds(6));
  EXPECT_EQ(simulation.count(0, "   20.001  n2: Healthy -> Backoff (eof)"), 1U);
  EXPECT_THAT(simulation.stored(1), ElementsAre(*vote));
  EXPECT_EQ(simulation.count(0, "EPIPE"), 0U);
}

TEST(NodeIncident, AMappingThatIsGoneGivesResetAndNotBrokenPipe) {
  Simulation simulation;
  simulation.add(make_settings("n1", {"> n2"}, Preset::kNaive));
  simulation.add(make_settings("n2", {"n1"}, Preset::kNaive));
  simulation.start();
  simulation.run_for(seconds(20));
  simulation.silence_links();
  simulation.kill(1);  // its FIN is not heard
  simulation.unsilence_links();
  simulation.run_for(seconds(21));
  simulation.cast(0);
  simulation.run_for(milliseconds(1));
  EXPECT_EQ(simulation.count(0, "send OK"), 1U);
  EXPECT_EQ(simulation.count(0, "send ECONNRESET"), 1U);
  EXPECT_EQ(simulation.count(0, "Healthy -> Closed (reset)"), 1U);
}

}  // namespace
}  // namespace halfopen::node::test
