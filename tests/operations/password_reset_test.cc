// Resetting a forgotten password oneself: invariant 11, and the decoys of invariant 10.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/errors.h"
#include "server/operations/recovery_operations.h"
#include "tests/operations/method_world.h"

namespace gatehouse::server {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

constexpr char kNewPassword[] = "basalt-orchard-viola-93";
constexpr char kResetInvalid[] = "FAILED_PRECONDITION / RESET_INVALID";
constexpr char kCodeInvalid[] = "FAILED_PRECONDITION / CODE_INVALID";
constexpr char kMethodInvalid[] = "FAILED_PRECONDITION / AUTHENTICATION_METHOD_INVALID";
constexpr char kExhausted[] = "RESOURCE_EXHAUSTED / CODES_EXHAUSTED";

class PasswordResetTest : public MethodWorldTest {
 protected:
  PasswordResetTest() { world_.Advance(absl::Hours(25)); }

  absl::StatusOr<v1::StartPasswordResetResponse> Start(const std::string& username,
                                                       const std::string& address = "192.0.2.9") {
    v1::StartPasswordResetRequest request;
    request.set_username(username);
    request.mutable_client()->set_ip_address(address);
    return world_.Call("", StartPasswordReset, request);
  }

  absl::StatusOr<v1::SendPasswordResetCodeResponse> Send(const std::string& reset_id,
                                                         const std::string& method_id) {
    v1::SendPasswordResetCodeRequest request;
    request.set_reset_id(reset_id);
    request.set_method_id(method_id);
    return world_.Call("", SendPasswordResetCode, request);
  }

  absl::StatusOr<v1::VerifyPasswordResetCodeResponse> Verify(const std::string& reset_id,
                                                             const std::string& method_id,
                                                             const std::string& code) {
    v1::VerifyPasswordResetCodeRequest request;
    request.set_reset_id(reset_id);
    request.set_method_id(method_id);
    request.set_code(code);
    return world_.Call("", VerifyPasswordResetCode, request);
  }

  absl::StatusOr<v1::CompletePasswordResetResponse> Complete(
      const std::string& reset_id, const std::string& password = kNewPassword) {
    v1::CompletePasswordResetRequest request;
    request.set_reset_id(reset_id);
    request.set_new_password(password);
    return world_.Call("", CompletePasswordReset, request);
  }

  // By asha's telephone, up to the last step.
  std::string Prove(const std::string& method_id) {
    const std::string reset_id = Start("asha.patel")->reset_id();
    EXPECT_EQ(Outcome(Send(reset_id, method_id)), "OK");
    const auto verified = Verify(reset_id, method_id, CodeSent());
    EXPECT_TRUE(verified.ok()) << verified.status();
    return reset_id;
  }
};

TEST_F(PasswordResetTest, ACodeByTelephoneGivesANewPasswordUnlocksAndEndsEverySession) {
  const std::string telephone = AddTelephone(asha_);
  const std::string session = world_.Enter(asha_);
  world_.Change(asha_,
                [&](storage::AccountRecord& account) { account.locked_at = world_.clock().Now(); });
  const auto started = Start("Asha.Patel");
  ASSERT_TRUE(started.ok()) << started.status();
  ASSERT_THAT(started->methods(), SizeIs(1));
  EXPECT_EQ(started->methods(0).masked_destination(), "+44 7*** ***123");
  EXPECT_EQ(started->methods(0).label(), "");
  EXPECT_FALSE(started->methods(0).has_create_time());
  ASSERT_EQ(Outcome(Send(started->reset_id(), telephone)), "OK");
  EXPECT_EQ(Messages().back().to().phone_number(), kNumber);
  const auto verified = Verify(started->reset_id(), telephone, CodeSent());
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->methods_remaining(), 0);
  EXPECT_TRUE(Lives(session)) << "nothing has changed yet";

  const auto completed = Complete(started->reset_id());
  ASSERT_TRUE(completed.ok()) << completed.status();
  EXPECT_THAT(completed->effects(), ElementsAre(v1::PASSWORD_RESET_EFFECT_PORTAL_PASSWORD,
                                                v1::PASSWORD_RESET_EFFECT_UNLOCKED));
  EXPECT_GT(completed->revocation().position(), 0);
  EXPECT_FALSE(Lives(session));
  EXPECT_FALSE(world_.Find(asha_).locked_at.has_value());
  EXPECT_EQ(Outcome(SignIn("asha.patel", kPassword)), "UNAUTHENTICATED / INVALID_CREDENTIALS");
  EXPECT_EQ(Outcome(SignIn("asha.patel", kNewPassword)), "OK");
  EXPECT_THAT(Told(), ElementsAre("AUTHENTICATION_METHOD_ADDED", "PASSWORD_RECOVERED"));
}

TEST_F(PasswordResetTest, TellsTheWorkstationWhereOnePasswordIsForBoth) {
  const std::string telephone = AddTelephone(asha_);
  EXPECT_EQ(world_.accounts().Transact([&](storage::Transaction& transaction) {
    auto organisation = *transaction.FindOrganisation(riverside_);
    organisation.password_scope = v1::PASSWORD_SCOPE_SEAMLESS;
    return transaction.UpdateOrganisation(organisation);
  }),
            absl::OkStatus());
  EXPECT_THAT(Complete(Prove(telephone))->effects(),
              ElementsAre(v1::PASSWORD_RESET_EFFECT_PORTAL_PASSWORD,
                          v1::PASSWORD_RESET_EFFECT_WORKSTATION_PASSWORD));
}

TEST_F(PasswordResetTest, AnAppNeedsNoSending) {
  const App app = AddApp(asha_);
  const std::string reset_id = Start("asha.patel")->reset_id();
  EXPECT_EQ(Outcome(Send(reset_id, app.method_id)), kMethodInvalid);
  const std::string code = app.authenticator.CodeAt(world_.clock().Now());
  EXPECT_EQ(Outcome(Verify(reset_id, app.method_id, code)), "OK");
  EXPECT_EQ(Outcome(Complete(reset_id)), "OK");
}

// Each order of up to four of the three calls that follow a start, by the right code where one was
// sent: only what contains send, verify, complete in this order may change the password.
TEST_F(PasswordResetTest, NoOrderOfTheCallsSkipsAStep) {
  const std::string telephone = AddTelephone(asha_);
  const std::string calls = "svc";
  std::vector<std::string> orders = {""};
  for (size_t done = 0; done < orders.size(); ++done) {
    if (orders[done].size() == 4) continue;
    for (const char call : calls) orders.push_back(orders[done] + call);
  }
  const auto is_in_order = [](const std::string& order) {
    size_t next = 0;
    for (const char call : order) next += call == std::string("svc")[std::min<size_t>(next, 2)];
    return next >= 3;
  };
  int skips = 0;
  for (const std::string& order : orders) {
    world_.Advance(absl::Hours(25));
    world_.Change(asha_, [this](storage::AccountRecord& account) {
      account.last_used_at = world_.clock().Now();
    });
    const std::string before = world_.Find(asha_).password.phc;
    const std::string reset_id = Start("asha.patel")->reset_id();
    bool sent = false;
    for (const char call : order) {
      if (call == 's') sent |= Send(reset_id, telephone).ok();
      if (call == 'v') {
        Verify(reset_id, telephone, sent ? CodeSent() : "000000").IgnoreError();
      }
      if (call == 'c') {
        Complete(reset_id, "basalt-orchard-" + order + "-" + std::to_string(orders.size()))
            .IgnoreError();
      }
    }
    const bool changed = world_.Find(asha_).password.phc != before;
    if (changed != is_in_order(order)) ++skips;
    EXPECT_EQ(changed, is_in_order(order)) << order;
  }
  std::printf("invariant 11: %zu orders, %d skips\n", orders.size(), skips);
}

TEST_F(PasswordResetTest, NothingIsUsedTwice) {
  const std::string telephone = AddTelephone(asha_);
  const std::string reset_id = Start("asha.patel")->reset_id();
  ASSERT_EQ(Outcome(Send(reset_id, telephone)), "OK");
  const std::string code = CodeSent();
  ASSERT_EQ(Outcome(Verify(reset_id, telephone, code)), "OK");
  EXPECT_EQ(Outcome(Verify(reset_id, telephone, code)), kMethodInvalid);
  const std::string other = Start("asha.patel")->reset_id();
  EXPECT_EQ(Outcome(Verify(other, telephone, code)), kCodeInvalid);
  ASSERT_EQ(Outcome(Complete(reset_id)), "OK");
  EXPECT_EQ(Outcome(Complete(reset_id, "another-orchard-viola-94")), kResetInvalid);
  EXPECT_EQ(Outcome(Send(reset_id, telephone)), kResetInvalid);
  EXPECT_EQ(Outcome(Send(other, telephone)), kResetInvalid) << "it began in another epoch";
}

TEST_F(PasswordResetTest, OfAThousandCompletionsAtOnceOneChangesThePassword) {
  constexpr int kThreads = 8;
  constexpr int kEach = 125;
  const std::string telephone = AddTelephone(asha_);
  const std::string reset_id = Prove(telephone);
  std::atomic<int> completed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < kEach; ++j) {
        const std::string password = "basalt-orchard-" + std::to_string(i * kEach + j) + "-viola";
        if (Complete(reset_id, password).ok()) ++completed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::printf("invariant 11: %d parallel redemptions, %d took effect\n", kThreads * kEach,
              completed.load());
  EXPECT_EQ(completed, 1);
}

TEST_F(PasswordResetTest, AResetLastsFifteenMinutesAndItsCodeTenToTheInstant) {
  const std::string telephone = AddTelephone(asha_);
  const auto microsecond = absl::Microseconds(1);
  const std::string first = Start("asha.patel")->reset_id();
  ASSERT_TRUE(Send(first, telephone).ok());
  const std::string code = CodeSent();
  world_.Advance(absl::Minutes(10) - microsecond);
  EXPECT_EQ(Outcome(Verify(first, telephone, code)), "OK");

  const std::string second = Start("asha.patel")->reset_id();
  ASSERT_TRUE(Send(second, telephone).ok());
  world_.Advance(absl::Minutes(10));
  EXPECT_EQ(Outcome(Verify(second, telephone, CodeSent())), kCodeInvalid);
  world_.Advance(absl::Minutes(5) - microsecond);
  EXPECT_EQ(Outcome(Verify(second, telephone, "000000")), kCodeInvalid);
  world_.Advance(microsecond);
  EXPECT_EQ(Outcome(Verify(second, telephone, "000000")), kResetInvalid);
  EXPECT_EQ(Outcome(Complete(first)), kResetInvalid);
}

TEST_F(PasswordResetTest, WrongCodesAreCountedOverAllResetsOfADay) {
  const std::string telephone = AddTelephone(asha_);
  for (int reset = 0; reset < 2; ++reset) {
    const std::string reset_id = Start("asha.patel")->reset_id();
    ASSERT_TRUE(Send(reset_id, telephone).ok());
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(Outcome(Verify(reset_id, telephone, Wrong(CodeSent()))), kCodeInvalid);
    }
    EXPECT_EQ(Outcome(Verify(reset_id, telephone, CodeSent())), kExhausted);
  }
  const std::string third = Start("asha.patel")->reset_id();
  ASSERT_TRUE(Send(third, telephone).ok());
  EXPECT_EQ(Outcome(Verify(third, telephone, CodeSent())), kExhausted);
  EXPECT_TRUE(SignIn("asha.patel")->has_second_factor()) << "who guesses here locks nobody out";
  world_.Advance(absl::Hours(24) + absl::Seconds(1));
  EXPECT_EQ(Outcome(Complete(Prove(telephone))), "OK");
}

TEST_F(PasswordResetTest, AnAddressThatGuessesTooOftenIsHeldUpWhateverItBeganBefore) {
  const std::string telephone = AddTelephone(asha_);
  const std::string earlier = Start("asha.patel")->reset_id();
  for (int i = 0; i < 30; ++i) {
    const auto started = Start("name" + std::to_string(i));
    ASSERT_TRUE(started.ok()) << i << started.status();
    EXPECT_EQ(Outcome(Verify(started->reset_id(), started->methods(0).method_id(), "000000")),
              kCodeInvalid);
  }
  const std::string held_up = "RESOURCE_EXHAUSTED / TOO_MANY_ATTEMPTS";
  EXPECT_EQ(Outcome(Start("asha.patel")), held_up);
  EXPECT_EQ(Outcome(Send(earlier, telephone)), held_up);
  EXPECT_EQ(Outcome(Verify(earlier, telephone, "000000")), held_up);
  EXPECT_EQ(Outcome(Start("asha.patel", "198.51.100.7")), "OK");
  world_.Advance(absl::Minutes(10) + absl::Seconds(1));
  EXPECT_EQ(Outcome(Start("asha.patel")), "OK");
}

TEST_F(PasswordResetTest, NobodySendsMoreThanTwentyCodesADayToOneTelephone) {
  const std::string telephone = AddTelephone(asha_);
  const std::string reset_id = Start("asha.patel")->reset_id();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Outcome(Send(reset_id, telephone)), "OK");
  EXPECT_EQ(Outcome(Send(reset_id, telephone)), kExhausted);
  EXPECT_EQ(Outcome(Send(Start("asha.patel")->reset_id(), telephone)), kExhausted);
}

TEST_F(PasswordResetTest, WhatStandsAgainstItIsToldAfterARightCodeAndNotBefore) {
  const struct {
    std::string expected;
    std::function<void(storage::AccountRecord&)> make;
  } cases[] = {{"ORGANISATION_HOLD",
                [this](auto& a) { a.joined_at = world_.clock().Now() - absl::Hours(23); }},
               {"RESECURE_PENDING", [this](auto& a) { a.resecured_at = world_.clock().Now(); }},
               {"ACCOUNT_DISABLED", [](auto& a) { a.status = v1::ACCOUNT_STATUS_DISABLED; }},
               {"ACCOUNT_DELETED", [](auto& a) { a.status = v1::ACCOUNT_STATUS_DELETED; }},
               {"AUTHENTICATION_METHOD_REQUIRED", [this](auto& a) {
                  a.roles = {{v1::ROLE_LOCAL_ADMIN, riverside_}};
                }}};
  int number = 0;
  for (const auto& [expected, make] : cases) {
    const std::string username = "person" + std::to_string(++number);
    const auto id = world_.AddPerson(riverside_, username);
    const std::string telephone = AddTelephone(id);
    world_.Advance(absl::Hours(25));
    world_.Change(id, [&make = make](storage::AccountRecord& account) { make(account); });
    const std::string reset_id = Start(username)->reset_id();
    EXPECT_EQ(Outcome(Send(reset_id, telephone)), "OK");
    EXPECT_EQ(Outcome(Verify(reset_id, telephone, Wrong(CodeSent()))), kCodeInvalid);
    EXPECT_EQ(Outcome(Complete(reset_id)), kResetInvalid);
    EXPECT_EQ(Outcome(Verify(reset_id, telephone, CodeSent())),
              "FAILED_PRECONDITION / " + expected);
    EXPECT_EQ(Outcome(Complete(reset_id)), "FAILED_PRECONDITION / " + expected);
  }
}

TEST_F(PasswordResetTest, AnAdministratorProvesTwoMethods) {
  const std::string telephone = AddTelephone(asha_);
  const App app = AddApp(asha_);
  world_.Change(asha_, [&](storage::AccountRecord& account) {
    account.roles = {{v1::ROLE_LOCAL_ADMIN, riverside_}};
  });
  const std::string reset_id = Start("asha.patel")->reset_id();
  ASSERT_TRUE(Send(reset_id, telephone).ok());
  EXPECT_EQ(Verify(reset_id, telephone, CodeSent())->methods_remaining(), 1);
  EXPECT_EQ(Outcome(Complete(reset_id)), "FAILED_PRECONDITION / AUTHENTICATION_METHOD_REQUIRED");
  EXPECT_EQ(Verify(reset_id, app.method_id, app.authenticator.CodeAt(world_.clock().Now()))
                ->methods_remaining(),
            0);
  EXPECT_EQ(Outcome(Complete(reset_id)), "OK");
}

TEST_F(PasswordResetTest, HistoryAndRulesHoldHereTooAndARefusedPasswordCanBeReplaced) {
  const std::string reset_id = Prove(AddTelephone(asha_));
  EXPECT_EQ(Outcome(Complete(reset_id, kPassword)), "FAILED_PRECONDITION / PASSWORD_REUSED");
  EXPECT_EQ(Outcome(Complete(reset_id, "short")), "FAILED_PRECONDITION / PASSWORD_TOO_SHORT");
  EXPECT_EQ(Outcome(Complete(reset_id)), "OK");
}

TEST_F(PasswordResetTest, WhoeverHasTheTelephoneCannotGuessAtThePasswordWithoutEffect) {
  const std::string reset_id = Prove(AddTelephone(asha_));
  world_.Change(asha_,
                [](storage::AccountRecord& account) { account.profile.family_name = "Lantern"; });
  const auto refused = Complete(reset_id, kPassword);
  EXPECT_EQ(Outcome(refused), "FAILED_PRECONDITION / PASSWORD_CONTAINS_NAME");
  EXPECT_EQ(FindDetail<google::rpc::PreconditionFailure>(refused.status())->violations_size(), 1);
}

TEST_F(PasswordResetTest, PrintedCodesResetNothing) {
  const App app = AddApp(asha_);
  const auto started = Start("asha.patel");
  ASSERT_THAT(started->methods(), SizeIs(1));
  EXPECT_EQ(started->methods(0).kind(), v1::AUTHENTICATION_METHOD_KIND_TOTP);
}

// What somebody sees of the methods that a name has.
std::string ShapeOf(const v1::StartPasswordResetResponse& started) {
  std::vector<std::string> kinds;
  for (const auto& method : started.methods()) {
    kinds.push_back(v1::AuthenticationMethodKind_Name(method.kind())
                        .substr(sizeof("AUTHENTICATION_METHOD_KIND_") - 1));
  }
  return absl::StrJoin(kinds, " ");
}

TEST_F(PasswordResetTest, DecoysHaveEveryShapeThatMethodsHaveAndNoneIsOfMost) {
  std::map<std::string, int> shapes;
  std::set<std::string> ids;
  constexpr int kNames = 1000;
  size_t most = 0;
  for (int i = 0; i < kNames; ++i) {
    const auto started =
        Start("nobody" + std::to_string(i), absl::StrCat("10.0.", i / 100, ".", i % 100));
    ids.insert(started->methods(0).method_id());
    ++shapes[ShapeOf(*started)];
    most = std::max<size_t>(most, started->methods_size());
  }
  EXPECT_EQ(ids.size(), kNames);
  for (const char* shape :
       {"SMS", "TOTP", "VOICE", "SMS SMS", "SMS TOTP", "TOTP SMS", "TOTP TOTP", "SMS VOICE"}) {
    EXPECT_GT(shapes[shape], 0) << shape;
  }
  EXPECT_GT(most, 2u);
  EXPECT_LE(most, 10u) << "no more than an account may have";
  for (const auto& [shape, count] : shapes) EXPECT_LT(count, kNames / 2) << shape;
}

TEST_F(PasswordResetTest, DecoysAndWhatIsCountedOfThemOutliveAChangeOfKeys) {
  const auto before = Start("nobody");
  for (int i = 0; i < 2; ++i) {
    const std::string reset_id = Start("nobody")->reset_id();
    for (int j = 0; j < 5; ++j) {
      EXPECT_EQ(Outcome(Verify(reset_id, before->methods(0).method_id(), "000000")), kCodeInvalid);
    }
  }
  world_.RotateKeys();
  const auto after = Start("nobody");
  ASSERT_EQ(after->methods_size(), before->methods_size());
  for (int i = 0; i < after->methods_size(); ++i) {
    EXPECT_EQ(after->methods(i).SerializeAsString(), before->methods(i).SerializeAsString());
  }
  const absl::Status refused =
      Verify(after->reset_id(), after->methods(0).method_id(), "000000").status();
  EXPECT_EQ(Outcome(refused), kExhausted);
}

TEST_F(PasswordResetTest, NobodyIsToldWhenTheCodesOfANameWereTried) {
  const std::string telephone = AddTelephone(asha_);
  const auto exhaust = [&](const std::string& name, const std::string& method_id) {
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(Outcome(Verify(Start(name)->reset_id(), method_id, "not it")), kCodeInvalid);
    }
    world_.Advance(absl::Hours(1));
    return Verify(Start(name)->reset_id(), method_id, "not it").status();
  };
  const absl::Status refused = exhaust("asha.patel", telephone);
  EXPECT_EQ(Outcome(refused), kExhausted);
  EXPECT_EQ(FindDetail<google::rpc::RetryInfo>(refused)->retry_delay().seconds(), 24 * 3600);
  EXPECT_EQ(exhaust("nobody", Start("nobody")->methods(0).method_id()), refused);
  EXPECT_EQ(std::ranges::count(Told(), "CODES_EXHAUSTED"), 1);
}

TEST_F(PasswordResetTest, AnAddressBeginsAHundredResetsInTenMinutesWhoeverTheyAreFor) {
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(Start("name" + std::to_string(i)).ok()) << i;
  for (const char* name : {"asha.patel", "nobody"}) {
    EXPECT_EQ(Outcome(Start(name)), "RESOURCE_EXHAUSTED / TOO_MANY_ATTEMPTS") << name;
  }
  EXPECT_EQ(Outcome(Start("asha.patel", "198.51.100.7")), "OK");
  int refusals = 0;
  for (const auto& event : world_.Audit({})) refusals += event.outcome == v1::AUDIT_OUTCOME_DENIED;
  EXPECT_EQ(refusals, 1) << "alike ones are counted beside the log";
  world_.Advance(absl::Minutes(10) + absl::Seconds(1));
  EXPECT_EQ(Outcome(Start("asha.patel")), "OK");
}

TEST_F(PasswordResetTest, ADuplicateThatComesWhileTheFirstIsAnsweredGetsItsAnswer) {
  v1::CompletePasswordResetRequest request;
  request.set_reset_id(Prove(AddTelephone(asha_)));
  request.set_new_password(kNewPassword);
  request.set_request_id(world_.NewRequestId());
  absl::StatusOr<v1::CompletePasswordResetResponse> first;
  world_.BeforeRead(1, [&] { first = world_.Call("", CompletePasswordReset, request); });
  const auto duplicate = world_.Call("", CompletePasswordReset, request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(duplicate.ok()) << duplicate.status();
  EXPECT_TRUE(duplicate->replayed());
}

TEST_F(PasswordResetTest, WhatIsRefusedAfterARightCodeIsRefusedAlikeWhenItIsRepeated) {
  const std::string telephone = AddTelephone(asha_);
  world_.Change(asha_,
                [&](storage::AccountRecord& account) { account.joined_at = world_.clock().Now(); });
  const auto started = Start("asha.patel");
  ASSERT_TRUE(Send(started->reset_id(), telephone).ok());
  v1::VerifyPasswordResetCodeRequest request;
  request.set_reset_id(started->reset_id());
  request.set_method_id(telephone);
  request.set_code(CodeSent());
  request.set_request_id(world_.NewRequestId());
  const absl::Status first = world_.Call("", VerifyPasswordResetCode, request).status();
  EXPECT_EQ(Outcome(first), "FAILED_PRECONDITION / ORGANISATION_HOLD");
  EXPECT_EQ(world_.Call("", VerifyPasswordResetCode, request).status(), first);
}

TEST_F(PasswordResetTest, WhatIsRefusedBecauseAFactIsMissingIsJudgedAnewWhenItIsRepeated) {
  const std::string telephone = AddTelephone(asha_);
  const auto started = Start("asha.patel");
  ASSERT_TRUE(Send(started->reset_id(), telephone).ok());
  v1::VerifyPasswordResetCodeRequest request;
  request.set_reset_id(started->reset_id());
  request.set_method_id(telephone);
  request.set_code(CodeSent());
  request.set_request_id(world_.NewRequestId());
  const auto shipped = world_.policies().Get();
  world_.ChangePolicy(absl::StrCat(
      shipped->text(),
      "require { id: 'unknowable' on: VERIFY_PASSWORD_RESET_CODE that: \"password.length > 0\" ",
      "else { reason: ACCOUNT_NOT_ACTIVE message: 'nobody can know' } }"));
  EXPECT_EQ(Outcome(world_.Call("", VerifyPasswordResetCode, request)),
            "FAILED_PRECONDITION / FACT_UNAVAILABLE");
  world_.ChangePolicy(shipped->text());
  const auto again = world_.Call("", VerifyPasswordResetCode, request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->replayed());
}

TEST_F(PasswordResetTest, AskingHowManyMethodsAreStillWantedIsNoDecision) {
  AddApp(asha_);
  Prove(AddTelephone(asha_));
  DecisionJournal& journal = world_.dependencies().decision_journal;
  journal.Flush();
  std::vector<policy::Action::Value> actions;
  for (const auto& kept : journal.ReadAfter(0)) actions.push_back(kept->action);
  EXPECT_EQ(std::ranges::count(actions, policy::Action::COMPLETE_PASSWORD_RESET), 0);
  EXPECT_EQ(std::ranges::count(actions, policy::Action::VERIFY_PASSWORD_RESET_CODE), 1);
}

// Step by step for each: what it ends with, in how many bytes, but for what is drawn.
TEST_F(PasswordResetTest, NobodyLearnsByAnyStepWhetherANameIsSomebodys) {
  const std::vector<std::string> known = {"another", "locked", "held", "resecured", "disabled"};
  AddTelephone(world_.AddPerson(riverside_, "known"));
  for (const std::string& username : known) {
    const auto id = world_.AddPerson(riverside_, username);
    AddTelephone(id);
    world_.Change(id, [&](storage::AccountRecord& account) {
      const absl::Time now = world_.clock().Now();
      if (username == "locked") account.locked_at = now;
      if (username == "resecured") account.resecured_at = now;
      if (username == "disabled") account.status = v1::ACCOUNT_STATUS_DISABLED;
      account.joined_at = username == "held" ? now : now - absl::Hours(48);
    });
  }
  // Of those with one telephone, as the known have: nobody, and people without a method.
  std::vector<std::string> unknown;
  for (int i = 0; unknown.size() < 6; ++i) {
    const std::string name = "nobody" + std::to_string(i);
    if (ShapeOf(*Start(name)) != "SMS") continue;
    if (unknown.size() % 2 == 0) world_.AddPerson(riverside_, name);
    unknown.push_back(name);
  }

  const auto shape = [](const absl::Status& status, size_t bytes) {
    const auto info = FindDetail<google::rpc::ErrorInfo>(status);
    const auto retry = FindDetail<google::rpc::RetryInfo>(status);
    return absl::StrCat(status.ToString(absl::StatusToStringMode::kWithNoExtraData),
                        info.has_value() ? info->ShortDebugString() : "",
                        retry.has_value() ? retry->ShortDebugString() : "", bytes);
  };
  int walks = 0;
  const auto walk = [&](const std::string& name) {
    std::vector<std::string> steps;
    const auto started = Start(name, "198.51.100." + std::to_string(++walks));
    const std::string& method_id = started->methods(0).method_id();
    steps.push_back(shape(started.status(), started->ByteSizeLong()));
    const auto sent = Send(started->reset_id(), method_id);
    steps.push_back(shape(sent.status(), sent->ByteSizeLong()));
    steps.push_back(shape(Complete(started->reset_id()).status(), 0));
    const std::string wrong = name == "known" ? Wrong(CodeSent()) : "not it";
    for (int i = 0; i < 6; ++i) {
      steps.push_back(shape(Verify(started->reset_id(), method_id, wrong).status(), 0));
    }
    steps.push_back(
        shape(Verify(started->reset_id(), "AAAAAAAAAAAAAAAAAAAAAA", wrong).status(), 0));
    return steps;
  };
  const std::vector<std::string> expected = walk("known");
  for (const auto& names : {known, unknown}) {
    for (const std::string& name : names) EXPECT_EQ(walk(name), expected) << name;
  }
}

TEST_F(PasswordResetTest, EveryFaultyIdGetsOneAnswer) {
  const std::string telephone = AddTelephone(asha_);
  const std::string expired = Start("asha.patel")->reset_id();
  world_.Advance(absl::Minutes(15));
  const std::string used = Prove(telephone);
  ASSERT_TRUE(Complete(used).ok());
  const absl::Status expected = Verify("unknown", telephone, "000000").status();
  EXPECT_EQ(Outcome(expected), kResetInvalid);
  const std::string challenge = SignIn("asha.patel", kNewPassword)->second_factor().challenge_id();
  for (const std::string& id : {expired, used, challenge}) {
    EXPECT_EQ(Verify(id, telephone, "000000").status(), expected);
    EXPECT_EQ(Send(id, telephone).status(), expected);
    EXPECT_EQ(Complete(id).status(), expected);
  }
}

TEST_F(PasswordResetTest, TheAuditTellsEachStepAndNoCode) {
  const std::string telephone = AddTelephone(asha_);
  ASSERT_TRUE(Complete(Prove(telephone)).ok());
  std::vector<std::string> actions;
  for (const auto& event : world_.Audit(riverside_)) {
    if (event.action.ends_with("PASSWORD_RESET") || event.action.ends_with("RESET_CODE")) {
      actions.push_back(event.action);
      EXPECT_EQ(event.target_id, asha_);
    }
  }
  EXPECT_THAT(actions, ElementsAre("COMPLETE_PASSWORD_RESET", "VERIFY_PASSWORD_RESET_CODE",
                                   "SEND_PASSWORD_RESET_CODE", "START_PASSWORD_RESET"));
}

}  // namespace
}  // namespace gatehouse::server
