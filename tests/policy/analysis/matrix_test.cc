// What the cells of a policy's table say.

#include "policy/analysis/matrix.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/policy/testing.h"

namespace gatehouse::policy::analysis {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kRules[] =
    "permit { id: 'admins' on: UNLOCK_ACCOUNT when: \"actor.known && actor.roles.exists(r, "
    "r.role == LOCAL_ADMIN && r.organisation_id == account.organisation_id)\" }\n"
    "permit { id: 'anybody' on: SIGN_IN }\n"
    "require { id: 'locked' on: UNLOCK_ACCOUNT that: 'account.locked' else { reason: NOT_LOCKED "
    "mend { by: SELF operation: 'ChangePassword' } } }\n"
    "require { id: 'hold' on: UNLOCK_ACCOUNT that: \"now - account.joined_at >= duration('24h')\" "
    "else { reason: ORGANISATION_HOLD } }\n";

size_t PlaceOf(const auto& all, absl::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
  EXPECT_NE(found, all.end()) << name;
  return static_cast<size_t>(found - all.begin());
}

class MatrixTest : public testing::Test {
 protected:
  const MatrixRow& Row(Action::Value action) const {
    return *std::find_if(matrix_.rows.begin(), matrix_.rows.end(),
                         [&](const MatrixRow& row) { return row.action == action; });
  }
  const Cell& At(Action::Value action, absl::string_view seat) const {
    return Row(action).cells[PlaceOf(matrix_.seats, seat)];
  }

  Matrix matrix_ = MakeMatrix(*CompileOrDie(kRules));
};

TEST_F(MatrixTest, HasARowForEachActionThatAnybodyIsPermitted) {
  ASSERT_EQ(matrix_.rows.size(), 2u);
  EXPECT_EQ(matrix_.rows[0].action, Action::SIGN_IN);
  EXPECT_EQ(matrix_.rows[1].action, Action::UNLOCK_ACCOUNT);
}

TEST_F(MatrixTest, TellsYesAndNoWhateverElseIsSo) {
  EXPECT_EQ(At(Action::SIGN_IN, "NOBODY").access, Access::kAlways);
  EXPECT_EQ(At(Action::UNLOCK_ACCOUNT, "NOBODY").access, Access::kNever);
  EXPECT_EQ(At(Action::UNLOCK_ACCOUNT, "AUDITOR").access, Access::kNever);
  EXPECT_THAT(At(Action::UNLOCK_ACCOUNT, "AUDITOR").permits, IsEmpty());
}

TEST_F(MatrixTest, TellsWhatItDependsOn) {
  const Cell& cell = At(Action::UNLOCK_ACCOUNT, "LOCAL_ADMIN");
  EXPECT_EQ(cell.access, Access::kDepends);
  EXPECT_THAT(cell.permits, ElementsAre("admins"));
  ASSERT_THAT(cell.hurdles, ElementsAre(0u, 1u));
  const std::vector<Hurdle>& hurdles = Row(Action::UNLOCK_ACCOUNT).hurdles;
  EXPECT_EQ(hurdles[0].stands_while, "!account.locked");
  EXPECT_FALSE(hurdles[0].waiting_helps);
  EXPECT_EQ(hurdles[1].stands_while, "now - account.joined_at < 24h");
  EXPECT_TRUE(hurdles[1].waiting_helps);
}

TEST_F(MatrixTest, TellsWhatStandsAgainstItInAState) {
  const Cell& cell = At(Action::UNLOCK_ACCOUNT, "LOCAL_ADMIN");
  const StateAccess& active = cell.by_state[PlaceOf(matrix_.states, "ACTIVE")];
  EXPECT_EQ(active.access, Access::kNever);
  EXPECT_THAT(active.against, Contains(Reason::NOT_LOCKED));
  EXPECT_EQ(cell.by_state[PlaceOf(matrix_.states, "LOCKED")].access, Access::kDepends);
}

}  // namespace
}  // namespace gatehouse::policy::analysis
