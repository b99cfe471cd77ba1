#include "proxy/core/sampling.hpp"

#include <gtest/gtest.h>

namespace halfopen {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(SampleInterval, IsAFourHundredthOfTheTimeoutWithinLimits) {
  EXPECT_EQ(choose_sample_interval(milliseconds(1200), 1), milliseconds(3));
  EXPECT_EQ(choose_sample_interval(seconds(10), 10), kSampleIntervalMax);
  EXPECT_EQ(choose_sample_interval(milliseconds(50), 1), kSampleIntervalMin);
  EXPECT_EQ(choose_sample_interval(hours(2), 1), kSampleIntervalMax);
}

TEST(SampleInterval, GrowsWithTheMappingsSoThatTheBudgetHolds) {
  for (const std::size_t mappings : {1U, 100U, 1000U, 10'000U}) {
    const Duration interval = choose_sample_interval(seconds(350), mappings);
    const Duration spent = kSampleCost * static_cast<std::int64_t>(mappings);
    EXPECT_LE(spent * kSampleCpuShare, interval) << mappings;
  }
  EXPECT_GT(choose_sample_interval(seconds(350), 9000), kSampleIntervalMax);
}

TEST(SampleInterval, NeverMakesAnExpiryLaterThanATwentiethOfTheTimeout) {
  for (const auto timeout : {seconds(3), seconds(60), seconds(350)}) {
    for (const std::size_t mappings : {100U, 9000U, 100'000U}) {
      EXPECT_LE(choose_sample_interval(timeout, mappings) * 20, Duration(timeout)) << mappings;
    }
  }
}

TEST(SampleInterval, OfBusyMappingsIsShorter) {
  EXPECT_LT(choose_busy_interval(seconds(30), 1000) * 4, choose_sample_interval(seconds(30), 1000));
}

}  // namespace
}  // namespace halfopen
