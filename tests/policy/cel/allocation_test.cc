// That evaluation allocates nothing once its arena has grown.
#include <gtest/gtest.h>

#include "tests/policy/cel/counting_new.h"
#include "tests/policy/cel/testing.h"

namespace gatehouse::policy::cel {
namespace {

TEST(AllocationTest, EvaluationAllocatesNothing) {
  const Facts facts;
  for (const char* text : {
           "now - account.joined_at >= organisation_hold && account.aup_accepted",
           "actor.roles.exists(r, r.role == LOCAL_ADMIN && "
           "r.organisation_id == account.organisation_id)",
           "account.organisation_id.matches('^org-[0-9]+$')",
           "now.getHours('Europe/London') > 8",
           "size(actor.roles.filter(r, r.role in [LOCAL_ADMIN, LOCAL_HELPDESK])) == 1",
           "account.labels.transformMap(k, v, k + v).exists(k, k == 'ward')",
           "has(account.locked_at) || {account.failures: 'a'}[3] == 'a'",
       }) {
    const Program program = facts.Compile(text);
    Arena arena;
    program.Evaluate(facts.slots(), arena);
    const int64_t before = CountAllocations();
    for (int i = 0; i < 100; ++i) {
      arena.Reset();
      program.Evaluate(facts.slots(), arena);
    }
    EXPECT_EQ(CountAllocations() - before, 0) << text;
  }
}

}  // namespace
}  // namespace gatehouse::policy::cel
