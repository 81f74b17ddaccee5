// What a refusal gives away of who there is and who is locked: nothing, in no bit of it
// (quality/invariants.md, 10). What it gives away by the time it takes, tests/bench/uniform_bench
// measures: a test that other programs can slow down would prove nothing about that.

#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/e2e/staffed_server.h"

namespace gatehouse::e2e {
namespace {

using Accounts = v1::AccountService::Stub;
using Sessions = v1::SessionService::Stub;
using ::testing::SizeIs;

constexpr int kPairs = 300;
constexpr int kLockAfterFailures = 13;
constexpr char kNobody[] = "AAAAAAAAAAAAAAAAAAAAAA";

class UniformAnswersTest : public ::testing::Test {
 protected:
  // All that the caller gets, as it crosses the wire.
  void Note(const std::string& of_whom, const grpc::Status& status) {
    answers_[absl::StrCat(status.error_code(), " | ", status.error_message(), " | ",
                          status.error_details())]
        .push_back(of_whom);
  }

  grpc::Status SignIn(const std::string& username, const std::string& password) {
    return anybody_.Call(&Sessions::CreateSession, AnonymousSignIn(username, password)).status;
  }

  std::string Told() const {
    std::string told;
    for (const auto& [answer, whom] : answers_) {
      absl::StrAppend(&told, whom.size(), " times, first to ", whom[0], ": ", answer, "\n");
    }
    return told;
  }

  StaffedServer service_{{.hashing = Hashing::kCheap}};
  const Actor anybody_ = service_.NewActor();
  std::map<std::string, std::vector<std::string>> answers_;
};

TEST_F(UniformAnswersTest, SigningInAnswersUnknownWrongAndLockedInTheSameBytes) {
  const Person living = service_.CreatePerson("asha.patel");
  const Person locked = service_.CreatePerson("kim.okafor");
  for (int i = 0; i < kLockAfterFailures; ++i) SignIn(locked.username, "a guess");

  for (int i = 0; i < kPairs; ++i) {
    Note("a locked one by the right password", SignIn(locked.username, locked.password));
    Note("a locked one by a wrong password", SignIn(locked.username, "a guess"));
    Note("an unknown one", SignIn(absl::StrCat("nobody.", i), living.password));
    Note("a known one by a wrong password", SignIn(living.username, "a guess"));
    ASSERT_TRUE(SignIn(living.username, living.password).ok());  // which clears the count
  }
  EXPECT_THAT(answers_, SizeIs(1)) << Told();
  std::cout << 4 * kPairs << " refusals of sign-ins, " << answers_.size() << " answer" << std::endl;
}

TEST_F(UniformAnswersTest, AForeignAccountIsDeniedInTheSameBytesAsNone) {
  const Person mine = service_.CreatePerson("asha.patel");
  Actor person = service_.NewActor();
  ASSERT_TRUE(person.SignIn(mine.username, mine.password).ok());
  const Person foreign = service_.CreatePerson("kim.okafor");
  for (int i = 0; i < kPairs; ++i) {
    for (const std::string& id : {foreign.account_id, std::string(kNobody)}) {
      const std::string whom = id == kNobody ? "nobody's" : "a foreign one";
      v1::GetAccountRequest read;
      read.set_account_id(id);
      Note(whom, person.Call(&Accounts::GetAccount, read).status);
      Note(whom,
           person.Call(&Accounts::ResecureAccount, Attested<v1::ResecureAccountRequest>(id, "why"))
               .status);
    }
  }
  EXPECT_THAT(answers_, SizeIs(1)) << Told();
  std::cout << 4 * kPairs << " denials, " << answers_.size() << " answer" << std::endl;
}

}  // namespace
}  // namespace gatehouse::e2e
