// What tests of ending sessions share: people, and whether a token still opens anything.
#ifndef GATEHOUSE_TESTS_OPERATIONS_SESSION_WORLD_H_
#define GATEHOUSE_TESTS_OPERATIONS_SESSION_WORLD_H_

#include <string>

#include "gtest/gtest.h"

#include "server/operations/organisation_operations.h"
#include "server/secrets/token.h"
#include "tests/operations/world.h"

namespace gatehouse::server {

class SessionWorldTest : public testing::Test {
 protected:
  bool Lives(const std::string& token) {
    const std::string outcome = Outcome(world_.Call(token, GetAcceptableUsePolicy, {}));
    EXPECT_TRUE(outcome == "OK" || outcome == "UNAUTHENTICATED / SESSION_INVALID") << outcome;
    return outcome == "OK";
  }

  static std::string SessionIdOf(const std::string& token) {
    return DigestToken(token).ToSessionId();
  }

  World world_;
  const storage::OrganisationId hilltop_ = world_.AddOrganisation("Hilltop Surgery");
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const storage::AccountId asha_ = world_.AddPerson(hilltop_, "asha.patel");
  const storage::AccountId admin_ = world_.AddPerson(hilltop_, "la.hilltop", v1::ROLE_LOCAL_ADMIN);
  const storage::AccountId foreign_admin_ =
      world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_TESTS_OPERATIONS_SESSION_WORLD_H_
