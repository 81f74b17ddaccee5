// ImportAccounts as an operation: what is made of items, what is said of faulty ones, and that an
// import that broke off goes on.
#include "server/operations/import/account_import.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/call/messages.h"
#include "server/operations/errors.h"
#include "server/operations/session_operations.h"
#include "server/secrets/security_answer.h"
#include "tests/operations/import_world.h"

namespace gatehouse::server {
namespace {

using AccountImportTest = ImportWorldTest;
using Request = ImportWorldTest::Request;
using Response = ImportWorldTest::Response;
using Stream = ImportWorldTest::Stream;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(FieldFaultsTest, OfVeryManyFaultsTheFirstHundredAreTold) {
  FieldFaults faults;
  for (int i = 0; i < 100000; ++i) faults.Add(absl::StrCat("field[", i, "]"), "is wrong");
  const std::vector<std::string> told = FaultyFields(faults.ToStatus());
  ASSERT_EQ(told.size(), 101U);
  EXPECT_EQ(told[99], "field[99]");
  EXPECT_EQ(told[100], "request");
}

TEST_F(AccountImportTest, AnAccountComesInAsItIsGiven) {
  Request item = Item(1, "Sam.OSEI");
  const absl::Time joined = world_.clock().Now() - absl::Hours(2);
  *item.mutable_account()->mutable_joined_time() = ToTimestamp(joined);
  item.mutable_account()->mutable_profile()->set_contact_email("sam@example.org");
  const Stream run = Import({Start(), item});
  ASSERT_EQ(run.results.size(), 1U) << run.status;
  EXPECT_EQ(run.results[0].item(), 1);
  EXPECT_THAT(run.results[0].reasons(), IsEmpty()) << run.results[0].message();
  EXPECT_EQ(run.results[0].temporary_password(), "");
  const storage::AccountRecord account = Find(run.results[0]);
  EXPECT_EQ(account.username, "sam.osei");
  EXPECT_EQ(account.organisation_id, riverside_);
  EXPECT_EQ(account.status, v1::ACCOUNT_STATUS_PENDING);
  EXPECT_EQ(account.joined_at, joined);
  EXPECT_EQ(account.profile.contact_email, "sam@example.org");
  EXPECT_EQ(account.password.phc, kBcrypt);
  EXPECT_FALSE(account.password.temporary_until.has_value());
  EXPECT_FALSE(account.password.must_change);

  const storage::AuditRecord audit = world_.Audit(riverside_).front();
  EXPECT_EQ(audit.action, "IMPORT_ACCOUNTS");
  EXPECT_EQ(audit.target_id, account.id);
  EXPECT_EQ(audit.actor_id, operator_);
  EXPECT_EQ(audit.details.at("username"), "sam.osei");
  EXPECT_EQ(audit.details.at("item"), "1");
  EXPECT_EQ(audit.details.at("password"), "2b");
  EXPECT_EQ(audit.details.at("joined_time"), absl::FormatTime(joined));
  EXPECT_EQ(audit.details.at("import"), "0f8fad5b-d9cb-469f-a165-70867728950e");
}

TEST_F(AccountImportTest, WhoIsImportedIsToldSoAndPromisedNoTemporaryPassword) {
  ASSERT_EQ(Import({Start(), Item(1, "sam.osei")}).results.size(), 1U);
  ASSERT_THAT(world_.Outbox(), testing::SizeIs(1));
  EXPECT_EQ(world_.Outbox().front().kind, "ACCOUNT_IMPORTED");
}

TEST_F(AccountImportTest, AForeignHashOpensTheAccountAndIsReplacedAtTheFirstSignIn) {
  const Stream run = Import({Start(), Item(1, "sam.osei")});
  ASSERT_EQ(run.results.size(), 1U) << run.status;
  v1::CreateSessionRequest wrong;
  wrong.set_username("sam.osei");
  wrong.set_password("correct horsf");
  EXPECT_EQ(Outcome(world_.Call("", CreateSession, wrong)),
            "UNAUTHENTICATED / INVALID_CREDENTIALS");
  EXPECT_EQ(Find(run.results[0]).password.phc, kBcrypt);
  EXPECT_NE(world_.SignIn("sam.osei", "correct horse"), "");
  EXPECT_THAT(Find(run.results[0]).password.phc, testing::StartsWith("$argon2id$"));
  EXPECT_NE(world_.SignIn("sam.osei", "correct horse"), "");
}

TEST_F(AccountImportTest, WhatIsTypedBeyondWhatAForeignHashReadsIsNeitherStoredNorToldApart) {
  // Of 72 letters "a", and whatever follows.
  constexpr char kLong[] = "$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe";
  Request item = Item(1, "sam.osei");
  item.mutable_account()->set_password_hash(kLong);
  const Stream run = Import({Start(), item});
  ASSERT_EQ(run.results.size(), 1U) << run.status;
  EXPECT_NE(world_.SignIn("sam.osei", std::string(80, 'a') + "b"), "");
  EXPECT_EQ(Find(run.results[0]).password.phc, kLong) << "it may have been mistyped";
  EXPECT_NE(world_.SignIn("sam.osei", std::string(80, 'a') + "c"), "");

  const auto lock_after =
      world_.dependencies().policies.Get()->Int(policy::Parameter::kLockAfterFailures);
  for (const char* username : {"sam.osei", "nobody.atall"}) {
    for (const size_t size : {512, 1024}) {
      v1::CreateSessionRequest request;
      request.set_username(username);
      request.set_password(std::string(size, 'a'));
      EXPECT_EQ(Outcome(world_.Call("", CreateSession, request)),
                "UNAUTHENTICATED / INVALID_CREDENTIALS")
          << username << " " << size;
    }
  }
  v1::CreateSessionRequest wrong;
  wrong.set_username("sam.osei");
  wrong.set_password(std::string(600, 'a'));
  for (int64_t i = 2; i < lock_after; ++i) (void)world_.Call("", CreateSession, wrong);
  EXPECT_TRUE(Find(run.results[0]).locked_at.has_value()) << "each was counted when it came";
}

TEST_F(AccountImportTest, APasswordThatHasToWaitThrowsNothingAwayThatIsMadeBefore) {
  std::vector<Request> requests = Items(2);
  requests[2].mutable_account()->clear_password_hash();
  const std::vector<const Request*> all = {&requests[0], &requests[1], &requests[2]};
  HashGate& gate = world_.dependencies().hash_gate;
  std::vector<HashPermit> held;
  for (int i = 0; i < 2; ++i) {
    held.push_back(*gate.Acquire(absl::InfiniteFuture(), [] { return false; }));
  }
  AccountImport import(world_.dependencies());
  CallContext call = world_.ContextOf(world_.Enter(operator_), Request());
  call.deadline = call.now + absl::Milliseconds(1);  // too little to wait for a turn
  std::vector<Response> answers;
  const absl::StatusOr<size_t> taken = import.Step(call, all, answers);
  ASSERT_EQ(taken.status(), absl::OkStatus());
  EXPECT_EQ(*taken, 2U) << "the beginning and the first account";
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_THAT(answers[0].reasons(), IsEmpty());
  const auto rest = absl::MakeConstSpan(all).subspan(2);
  EXPECT_EQ(Outcome(import.Step(call, rest, answers).status()),
            "RESOURCE_EXHAUSTED / HASHING_BUSY");
  held.clear();
  EXPECT_EQ(import.Step(call, rest, answers).value_or(0), 1U);
  EXPECT_EQ(answers.size(), 2U);
}

TEST_F(AccountImportTest, AStoredHashThatCannotBeComputedIsAWrongPasswordThatIsSettled) {
  const Stream run = Import({Start(), Item(1, "sam.osei")});
  ASSERT_EQ(run.results.size(), 1U) << run.status;
  const storage::AccountId id(run.results[0].account_id());
  world_.Change(id, [](storage::AccountRecord& account) { account.password.phc = "$2b$31$none"; });
  v1::CreateSessionRequest request;
  request.set_username("sam.osei");
  request.set_password("correct horse");
  EXPECT_EQ(Outcome(world_.Call("", CreateSession, request)),
            "UNAUTHENTICATED / INVALID_CREDENTIALS");
  EXPECT_EQ(Attempts(id).failures, 1);
  EXPECT_THAT(Attempts(id).pending, IsEmpty());
}

TEST_F(AccountImportTest, WithoutAHashATemporaryPasswordIsMadeAndToldOnce) {
  std::vector<Request> requests = Items(40);
  for (size_t i = 1; i < requests.size(); ++i) requests[i].mutable_account()->clear_password_hash();
  const Stream run = Import(requests);
  ASSERT_EQ(run.results.size(), 40U) << run.status;
  EXPECT_NE(world_.SignIn("person.40", run.results[39].temporary_password()), "");
  EXPECT_TRUE(Find(run.results[0]).password.must_change);
  EXPECT_TRUE(Find(run.results[0]).password.temporary_until.has_value());
  const Stream again = Import(requests);
  ASSERT_EQ(again.results.size(), 40U) << again.status;
  for (const Response& result : again.results) {
    EXPECT_TRUE(result.replayed());
    EXPECT_EQ(result.temporary_password(), "");
  }
}

TEST_F(AccountImportTest, SecurityQuestionsAreKeptAndTheirAnswersSealed) {
  Request item = Item(1, "sam.osei");
  for (const char* question : {"First school?", "First pet?", "Mother's town?"}) {
    v1::SecurityQuestion& added = *item.mutable_account()->add_security_questions();
    added.set_question(question);
    added.set_answer("St. Mary's canary");
  }
  const Stream run = Import({Start(), item});
  ASSERT_EQ(run.results.size(), 1U) << run.status;
  const storage::AccountRecord account = Find(run.results[0]);
  EXPECT_TRUE(account.has_security_questions);
  std::vector<storage::SecurityQuestionRecord> questions;
  ASSERT_EQ(world_.accounts().Read([&](storage::Transaction& transaction) {
    questions = transaction.FindSecurityQuestions(account.id).value();
    return absl::OkStatus();
  }),
            absl::OkStatus());
  ASSERT_EQ(questions.size(), 3U);
  EXPECT_EQ(questions[1].question, "First pet?");
  EXPECT_EQ(OpenSecurityAnswer(world_.dependencies().keys, account.id.value(), 2,
                               {questions[1].key_id, questions[1].ciphertext})
                ->Reveal(),
            "stmaryscanary");
  EXPECT_THAT(world_.log(), Not(HasSubstr("canary")));
}

TEST_F(AccountImportTest, AnEventTellsNothingOfWhomElseThePartBrought) {
  Request first = Item(1, "asha.patel");
  *first.mutable_account()->mutable_joined_time() =
      ToTimestamp(world_.clock().Now() - absl::Hours(2));
  for (int i = 0; i < 3; ++i) {
    v1::SecurityQuestion& added = *first.mutable_account()->add_security_questions();
    added.set_question("First pet?");
    added.set_answer("canary");
  }
  const Stream run = Import({Start(), first, Item(2, "sam.osei")});
  ASSERT_EQ(run.results.size(), 2U) << run.status;
  const auto events = world_.Audit(riverside_);
  EXPECT_EQ(events[1].details.at("security_questions"), "3");
  EXPECT_TRUE(events[1].details.contains("joined_time"));
  EXPECT_EQ(events[0].target_id, Find(run.results[1]).id);
  EXPECT_FALSE(events[0].details.contains("joined_time"));
  EXPECT_FALSE(events[0].details.contains("security_questions"));
  EXPECT_EQ(events[0].details.at("item"), "2");
}

TEST_F(AccountImportTest, EveryFaultOfAnItemIsToldAtOnceAndNothingOfItIsMade) {
  world_.AddPerson(riverside_, "asha.patel");
  const std::string long_name(129, 'x');
  struct Case {
    std::function<void(v1::ImportedAccount&)> spoil;
    std::vector<std::string> reasons;
    std::vector<std::string> told;
  };
  const std::vector<Case> cases = {
      {[](auto& a) { a.set_username("a"); }, {"FIELDS_INVALID"}, {"username: "}},
      {[](auto& a) { a.set_username(std::string(100000, 'a')); }, {"FIELDS_INVALID"}, {"username"}},
      {[](auto& a) { a.set_username("caf\xe9.au.lait"); }, {"FIELDS_INVALID"}, {"username: "}},
      {[](auto& a) { a.set_username("..double"); }, {"FIELDS_INVALID"}, {"username: "}},
      {[](auto& a) { a.set_username("ASHA.patel"); }, {"USERNAME_TAKEN"}, {"belongs"}},
      {[](auto& a) { a.set_username("\uff41sha.patel"); }, {"USERNAME_TAKEN"}, {"belongs"}},
      {[](auto& a) { a.clear_profile(); },
       {"FIELDS_INVALID"},
       {"profile.given_name: must be given", "profile.family_name: must", "profile.display_name"}},
      {[&](auto& a) { a.mutable_profile()->set_given_name(long_name); },
       {"FIELDS_INVALID"},
       {"profile.given_name: has 129"}},
      {[](auto& a) { a.mutable_profile()->set_phone_number("0113 496 0000"); },
       {"FIELDS_INVALID"},
       {"profile.phone_number"}},
      {[](auto& a) { a.set_password_hash("{SSHA}canary"); },
       {"PASSWORD_HASH_UNSUPPORTED"},
       {"Argon2"}},
      {[](auto& a) {
         a.set_password_hash("$scrypt$ln=31,r=8,p=1$MDEyMzQ1Njc4OQ$MDEyMzQ1Njc4OWFi");
       },
       {"PASSWORD_HASH_UNSUPPORTED"},
       {"memory"}},
      {[](auto& a) { a.set_password_hash(std::string(200000, '$')); },
       {"PASSWORD_HASH_UNSUPPORTED"},
       {"Argon2"}},
      {[](auto& a) { a.add_security_questions(); },
       {"FIELDS_INVALID"},
       {"security_questions: must be none or 3", "security_questions[0].question: must be given",
        "security_questions[0].answer: must be given"}},
      {[](auto& a) {
         for (int i = 0; i < 500000; ++i) a.add_security_questions();
       },
       {"FIELDS_INVALID"},
       {"security_questions: must be none or 3"}},
      {[](auto& a) {
         for (int i = 0; i < 3; ++i) {
           a.add_security_questions()->set_question("?");
           a.mutable_security_questions(i)->set_answer("...");
         }
       },
       {"FIELDS_INVALID", "FIELDS_INVALID", "FIELDS_INVALID"},
       {"security_questions[0].answer: must hold letters", "security_questions[2].answer"}},
      {[&](auto& a) {
         *a.mutable_joined_time() = ToTimestamp(world_.clock().Now() + absl::Seconds(1));
       },
       {"FIELDS_INVALID"},
       {"joined_time: is still to come"}},
      {[](auto& a) { a.mutable_joined_time()->set_seconds(-1); },
       {"FIELDS_INVALID"},
       {"joined_time: is before 1970"}},
      {[](auto& a) { a.mutable_joined_time()->set_nanos(-1); },
       {"FIELDS_INVALID"},
       {"joined_time: "}},
      {[&](auto& a) {
         a.set_username("asha.patel");
         a.mutable_profile()->set_family_name("\x01");
         a.mutable_profile()->set_contact_email("nobody");
         a.set_password_hash("canary");
       },
       {"FIELDS_INVALID", "PASSWORD_HASH_UNSUPPORTED", "USERNAME_TAKEN"},
       {"profile.family_name: ", "profile.contact_email: ", "Argon2", "belongs"}},
  };
  std::vector<Request> requests = {Start()};
  for (size_t i = 0; i < cases.size(); ++i) {
    requests.push_back(Item(static_cast<int64_t>(i) + 1, absl::StrCat("person.", i)));
    cases[i].spoil(*requests.back().mutable_account());
  }
  const std::string token = world_.Enter(operator_);
  const std::string before = world_.Everything();
  const Stream run = Import(token, requests);
  ASSERT_EQ(run.results.size(), cases.size()) << run.status;
  for (size_t i = 0; i < cases.size(); ++i) {
    const Response& result = run.results[i];
    EXPECT_EQ(result.item(), static_cast<int64_t>(i) + 1);
    EXPECT_EQ(ReasonsOf(result), cases[i].reasons) << i << ": " << result.message();
    EXPECT_EQ(result.account_id(), "") << i;
    for (const std::string& told : cases[i].told) EXPECT_THAT(result.message(), HasSubstr(told));
    EXPECT_THAT(result.message(), Not(HasSubstr("canary")));
    EXPECT_LT(result.message().size(), 1000U) << i;
  }
  EXPECT_EQ(world_.Everything(), before);
}

TEST_F(AccountImportTest, TenThousandFaultyItemsAreTenThousandResults) {
  std::vector<Request> requests = Items(10000);
  for (Request& request : requests) {
    if (request.has_account()) request.mutable_account()->set_username("-");
  }
  requests.push_back(Item(10001, "sam.osei"));
  const Stream run = Import(requests);
  ASSERT_EQ(run.results.size(), 10001U) << run.status;
  EXPECT_THAT(ReasonsOf(run.results[9999]), ElementsAre("FIELDS_INVALID"));
  EXPECT_THAT(ReasonsOf(run.results[10000]), IsEmpty());
}

TEST_F(AccountImportTest, AUsernameIsGivenToTheFirstItemThatHasItAndNeverAgain) {
  const storage::AccountId renamed = world_.AddPerson(riverside_, "once.hers");
  world_.Change(renamed, [](storage::AccountRecord& account) { account.username = "now.hers"; });
  const Stream run = Import({Start(), Item(1, "sam.osei"), Item(2, "SAM.osei"), Item(3, "now.hers"),
                             Item(4, "once.hers"), Item(5, "other")});
  ASSERT_EQ(run.results.size(), 5U) << run.status;
  EXPECT_THAT(ReasonsOf(run.results[0]), IsEmpty());
  EXPECT_THAT(ReasonsOf(run.results[1]), ElementsAre("USERNAME_TAKEN"));
  EXPECT_THAT(ReasonsOf(run.results[2]), ElementsAre("USERNAME_TAKEN"));
  EXPECT_THAT(ReasonsOf(run.results[3]), ElementsAre("USERNAME_TAKEN"));
  EXPECT_THAT(ReasonsOf(run.results[4]), IsEmpty());
}

TEST_F(AccountImportTest, ANameThatIsTakenIsToldWithTheOtherFaultsWhoeverHasOrHadIt) {
  const storage::AccountId purged = world_.AddPerson(riverside_, "purged.name");
  ASSERT_EQ(world_.accounts().Transact([&](storage::Transaction& transaction) {
    return transaction.EraseAccount(purged, world_.clock().Now());
  }),
            absl::OkStatus());
  world_.AddPerson(riverside_, "living.name");
  std::vector<Request> requests = {Start(),
                                   Item(1, "purged.name"),
                                   Item(2, "living.name"),
                                   Item(3, "new.name"),
                                   Item(4, "new.name"),
                                   Item(5, "free.name")};
  for (const size_t faulty : {1, 2, 4, 5}) {
    requests[faulty].mutable_account()->set_password_hash("$1$salt$hash");
  }
  const Stream run = Import(requests);
  ASSERT_EQ(run.results.size(), 5U) << run.status;
  for (const size_t taken : {0, 1, 3}) {
    EXPECT_THAT(ReasonsOf(run.results[taken]),
                ElementsAre("PASSWORD_HASH_UNSUPPORTED", "USERNAME_TAKEN"))
        << taken;
  }
  EXPECT_THAT(ReasonsOf(run.results[2]), IsEmpty());
  EXPECT_THAT(ReasonsOf(run.results[4]), ElementsAre("PASSWORD_HASH_UNSUPPORTED"));
}

TEST_F(AccountImportTest, APasswordIsToldAlthoughItCannotBeToldWhoseTheNamesAreOfFaultyItems) {
  Request made = Item(1, "sam.osei");
  made.mutable_account()->clear_password_hash();
  Request faulty = Item(2, "kim.lee");
  faulty.mutable_account()->set_password_hash("md5");
  const std::string token = world_.Enter(operator_);
  world_.accounts().AfterWrite([&] {
    world_.accounts().BeforeRead([] { return absl::UnavailableError("silent"); });
    return absl::OkStatus();
  });
  const Stream run = Import(token, {Start(), made, faulty});
  world_.accounts().AfterWrite(nullptr);
  world_.accounts().BeforeRead(nullptr);
  ASSERT_EQ(run.results.size(), 2U) << run.status;
  EXPECT_NE(run.results[0].temporary_password(), "");
  EXPECT_FALSE(world_.SignIn("sam.osei", run.results[0].temporary_password()).empty());
  EXPECT_THAT(ReasonsOf(run.results[1]), ElementsAre("PASSWORD_HASH_UNSUPPORTED"));
}

TEST_F(AccountImportTest, AnImportThatBrokeOffGoesOnAndMakesNothingTwice) {
  const std::vector<Request> all = Items(130);
  const std::vector<Request> some(all.begin(), all.begin() + 106);
  const Stream first = Import(some);
  ASSERT_EQ(first.results.size(), 105U) << first.status;
  world_.Advance(absl::Hours(1));
  const std::string token = world_.Enter(operator_, "another device");
  const Stream second = Import(token, all);
  ASSERT_EQ(second.results.size(), 130U) << second.status;
  for (size_t i = 0; i < second.results.size(); ++i) {
    EXPECT_EQ(second.results[i].item(), static_cast<int64_t>(i) + 1);
    EXPECT_EQ(second.results[i].replayed(), i < 105) << i;
    EXPECT_THAT(second.results[i].reasons(), IsEmpty()) << i;
    if (i < 105) {
      EXPECT_EQ(second.results[i].account_id(), first.results[i].account_id());
    }
  }
  const std::string before = world_.Everything();
  const Stream third = Import(token, all);
  ASSERT_EQ(third.results.size(), 130U) << third.status;
  EXPECT_EQ(world_.Everything(), before);
}

TEST_F(AccountImportTest, ARefusedItemMayBeMendedUnderTheSameRequestId) {
  std::vector<Request> requests = {Start(), Item(1, "sam.osei"), Item(2, "-")};
  EXPECT_THAT(ReasonsOf(Import(requests).results[1]), ElementsAre("FIELDS_INVALID"));
  requests[2] = Item(2, "mended");
  const Stream run = Import(requests);
  EXPECT_TRUE(run.results[0].replayed());
  EXPECT_THAT(ReasonsOf(run.results[1]), IsEmpty());
  EXPECT_FALSE(run.results[1].replayed());
}

TEST_F(AccountImportTest, AnotherItemInTheSamePlaceIsRefused) {
  ASSERT_EQ(Import({Start(), Item(1, "sam.osei")}).status, absl::OkStatus());
  const Response other = Import({Start(), Item(1, "another")}).results[0];
  EXPECT_THAT(ReasonsOf(other), ElementsAre("REQUEST_ID_REUSED"));
  EXPECT_THAT(other.message(), AllOf(HasSubstr("item 1 "), HasSubstr("at the end")));
  Request elsewhere = Start();
  elsewhere.mutable_start()->set_organisation_id(world_.AddOrganisation("Hilltop Surgery").value());
  EXPECT_THAT(ReasonsOf(Import({elsewhere, Item(1, "sam.osei")}).results[0]),
              ElementsAre("REQUEST_ID_REUSED"));
}

TEST_F(AccountImportTest, AnImportBelongsToWhoeverBeganIt) {
  ASSERT_EQ(Import({Start(), Item(1, "sam.osei")}).status, absl::OkStatus());
  const std::string other = world_.Enter(world_.AddOperator("second.operator"));
  EXPECT_THAT(ReasonsOf(Import(other, {Start(), Item(1, "sam.osei")}).results[0]),
              ElementsAre("USERNAME_TAKEN"));
}

TEST_F(AccountImportTest, AfterADayItIsForgottenWhatWasIn) {
  ASSERT_EQ(Import({Start(), Item(1, "sam.osei")}).status, absl::OkStatus());
  world_.Advance(absl::Hours(24));
  EXPECT_THAT(ReasonsOf(Import({Start(), Item(1, "sam.osei")}).results[0]),
              ElementsAre("USERNAME_TAKEN"));
  EXPECT_THAT(ReasonsOf(Import({Start(), Item(1, "another")}).results[0]), IsEmpty());
}

TEST_F(AccountImportTest, ADryRunChecksEverythingAndLeavesNothing) {
  world_.AddPerson(riverside_, "asha.patel");
  std::vector<Request> requests = Items(150);
  requests[0] = Start(/*validate_only=*/true);
  requests[3].mutable_account()->set_username("asha.patel");
  requests[4].mutable_account()->clear_password_hash();
  requests[150].mutable_account()->set_username("person.1");
  const std::string token = world_.Enter(operator_);
  const std::string before = world_.Everything();
  const Stream run = Import(token, requests);
  ASSERT_EQ(run.results.size(), 150U) << run.status;
  EXPECT_EQ(world_.Everything(), before);
  EXPECT_TRUE(world_.Outbox().empty());
  for (const Response& result : run.results) {
    EXPECT_EQ(result.account_id(), "");
    EXPECT_EQ(result.temporary_password(), "");
    const bool is_taken = result.item() == 3 || result.item() == 150;
    EXPECT_EQ(ReasonsOf(result),
              is_taken ? std::vector<std::string>{"USERNAME_TAKEN"} : std::vector<std::string>{})
        << result.item();
  }
}

TEST_F(AccountImportTest, OnlyAnOperatorImports) {
  const storage::OrganisationId national = world_.Find(operator_).organisation_id;
  const std::vector<std::pair<std::string, storage::AccountId>> others = {
      {"nobody special", world_.AddPerson(riverside_, "asha.patel")},
      {"helpdesk", world_.AddPerson(riverside_, "help.desk", v1::ROLE_LOCAL_HELPDESK)},
      {"administrator", world_.AddPerson(riverside_, "primary", v1::ROLE_PRIMARY_LOCAL_ADMIN)},
      {"auditor", world_.AddPerson(riverside_, "auditor", v1::ROLE_AUDITOR)},
      {"national", world_.AddPerson(national, "national", v1::ROLE_NATIONAL_ADMIN)},
  };
  for (const auto& [who, id] : others) {
    const Stream run = Import(world_.Enter(id), {Start(), Item(1, "sam.osei")});
    EXPECT_EQ(Outcome(run.status), "PERMISSION_DENIED / NOT_PERMITTED") << who;
    EXPECT_THAT(run.results, IsEmpty()) << who;
    EXPECT_EQ(world_.Audit(world_.Find(id).organisation_id).front().outcome,
              v1::AUDIT_OUTCOME_DENIED)
        << who;
  }
  EXPECT_EQ(Outcome(Import("", {Start()}).status), "UNAUTHENTICATED / SESSION_INVALID");
  Request nowhere = Start();
  nowhere.mutable_start()->set_organisation_id("AAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(Outcome(Import({nowhere}).status), "PERMISSION_DENIED / NOT_PERMITTED");
}

TEST_F(AccountImportTest, EachPartIsAUseOfTheSessionWhichEndsWhenItsTimeIsOver) {
  const std::string token = world_.Enter(operator_);
  AccountImport import(world_.dependencies());
  const std::vector<Request> requests = Items(20);
  std::vector<Response> answers;
  const auto step = [&](size_t place) {
    return import.Step(world_.ContextOf(token, Request()), {&requests[place]}, answers).status();
  };
  ASSERT_EQ(step(0), absl::OkStatus());
  // A session lasts for 12 hours, and for one hour without use.
  for (size_t part = 1; part * 50 < 12 * 60; ++part) {
    world_.Advance(absl::Minutes(50));
    ASSERT_EQ(step(part), absl::OkStatus()) << part;
  }
  world_.Advance(absl::Minutes(50));
  EXPECT_EQ(Outcome(step(15)), "UNAUTHENTICATED / SESSION_INVALID");
}

TEST_F(AccountImportTest, AnImportEndsWithItsActorsSession) {
  const std::string token = world_.Enter(operator_);
  const std::vector<Request> requests = Items(130);
  AccountImport import(world_.dependencies());
  std::vector<const Request*> left;
  for (const Request& request : requests) left.push_back(&request);
  std::vector<Response> answers;
  const auto taken = import.Step(world_.ContextOf(token, Request()), left, answers);
  ASSERT_EQ(taken.status(), absl::OkStatus());
  v1::RevokeAllSessionsRequest revoke;
  revoke.set_account_id(operator_.value());
  ASSERT_EQ(Outcome(world_.Call(world_.Enter(operator_), RevokeAllSessions, revoke)), "OK");
  const auto rest = absl::MakeConstSpan(left).subspan(*taken);
  EXPECT_EQ(Outcome(import.Step(world_.ContextOf(token, Request()), rest, answers).status()),
            "UNAUTHENTICATED / SESSION_INVALID");
  const Stream again = Import(requests);
  ASSERT_EQ(again.results.size(), 130U) << again.status;
  EXPECT_TRUE(again.results[answers.size() - 1].replayed());
  EXPECT_FALSE(again.results[answers.size()].replayed());
}

TEST_F(AccountImportTest, MessagesThatBelongElsewhereEndTheStreamAfterWhatCameBefore) {
  const std::vector<std::pair<std::vector<Request>, std::string>> cases = {
      {{Item(1, "person.1")}, "start"},
      {{Request()}, "start"},
      {{Start(), Item(1, "person.1"), Start()}, "account"},
      {{Start(), Item(1, "person.1"), Request()}, "account"},
      {{Start(), Item(1, "person.1"), Item(1, "person.2")}, "account.item"},
      {{Start(), Item(1, "person.1"), Item(0, "person.2")}, "account.item"},
      {{Start(), Item(0, "person.1")}, "account.item"},
      {{Start(), Item(-1, "person.1")}, "account.item"},
  };
  for (const auto& [requests, field] : cases) {
    const Stream run = Import(requests);
    EXPECT_EQ(Outcome(run.status), "INVALID_ARGUMENT / FIELDS_INVALID");
    EXPECT_THAT(FaultyFields(run.status), ElementsAre(field));
    EXPECT_EQ(run.results.size(), requests.size() > 2 ? 1U : 0U);
  }
  Request start;
  start.mutable_start();
  EXPECT_THAT(FaultyFields(Import({start}).status),
              ElementsAre("start.organisation_id", "request_id"));
}

TEST_F(AccountImportTest, TwoRunsOfOneImportMakeEachAccountOnce) {
  const std::vector<Request> requests = Items(50);
  Stream other;
  world_.BeforeWrite(0, [&] { other = Import(requests); });
  const Stream run = Import(requests);
  ASSERT_EQ(run.results.size(), 50U) << run.status;
  ASSERT_EQ(other.results.size(), 50U) << other.status;
  for (size_t i = 0; i < 50; ++i) {
    EXPECT_FALSE(other.results[i].replayed());
    EXPECT_TRUE(run.results[i].replayed());
    EXPECT_EQ(run.results[i].account_id(), other.results[i].account_id());
  }
}

TEST_F(AccountImportTest, ACommitWhoseOutcomeIsUnknownIsFoundOutByGoingOn) {
  const std::vector<Request> requests = Items(50);
  const std::string token = world_.Enter(operator_);
  world_.accounts().AfterWrite([] { return absl::UnavailableError("the connection was lost"); });
  const Stream lost = Import(token, requests);
  EXPECT_EQ(Outcome(lost.status), "UNAVAILABLE / STORE_UNAVAILABLE");
  EXPECT_THAT(lost.results, IsEmpty());
  world_.accounts().AfterWrite(nullptr);
  const Stream run = Import(token, requests);
  ASSERT_EQ(run.results.size(), 50U) << run.status;
  for (const Response& result : run.results) EXPECT_TRUE(result.replayed());
}

TEST_F(AccountImportTest, BodiesThatRunAgainAddNothingToTheFirstRun) {
  world_.accounts().RunBodiesTwice();
  const Stream run = Import({Start(), Item(1, "sam.osei"), Item(2, "sam.osei"), Item(3, "other")});
  ASSERT_EQ(run.results.size(), 3U) << run.status;
  EXPECT_THAT(ReasonsOf(run.results[0]), IsEmpty());
  EXPECT_THAT(ReasonsOf(run.results[1]), ElementsAre("USERNAME_TAKEN"));
  EXPECT_THAT(ReasonsOf(run.results[2]), IsEmpty());
}

}  // namespace
}  // namespace gatehouse::server
