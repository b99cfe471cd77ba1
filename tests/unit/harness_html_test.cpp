// What of a run's data goes into the page, and in which form.
#include "harness/shell/report/html.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace halfopen {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using enum Detail;

TEST(HtmlData, CannotEndItsScriptAndIsStillTheSameData) {
  const boost::json::value data = {"</script><!--", "a < b", "\\<"};
  const std::string safe = for_script(boost::json::serialize(data));
  EXPECT_THAT(safe, Not(HasSubstr("<")));
  EXPECT_EQ(boost::json::parse(safe), data);
}

TEST(HtmlDetail, EverythingStaysWhereItFits) {
  EXPECT_THAT(choose_details({{100, 50, true}, {100, 50, false}}, 200), ElementsAre(kFull, kFull));
}

TEST(HtmlDetail, PassingRunsLoseTheirPlotsFirstTheEarliestFirst) {
  EXPECT_THAT(choose_details({{100, 40, false}, {100, 40, true}, {100, 40, true}}, 250),
              ElementsAre(kFull, kNoPlots, kFull));
}

TEST(HtmlDetail, ThenPassingRunsLoseAllBeforeAFailureLosesAnything) {
  EXPECT_THAT(choose_details({{100, 40, false}, {100, 40, true}, {100, 40, true}}, 130),
              ElementsAre(kFull, kNone, kNone));
}

TEST(HtmlDetail, AFailureLosesItsPlotsLast) {
  EXPECT_THAT(choose_details({{100, 40, false}, {100, 40, true}}, 60),
              ElementsAre(kNoPlots, kNone));
}

}  // namespace
}  // namespace halfopen
