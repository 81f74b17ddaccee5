// What a new password must be, whichever way it comes by (product/domain.md, section 6).
#include "server/operations/passwords/new_password.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/account_operations.h"
#include "server/operations/errors.h"
#include "server/operations/import/account_import.h"
#include "server/secrets/known/common_passwords.h"
#include "server/secrets/password_strength.h"
#include "tests/operations/world.h"

namespace gatehouse::server {
namespace {

using Reasons = std::vector<std::string>;

// All reasons of a refusal; without any, how the call ended.
Reasons ReasonsOf(const absl::Status& status) {
  const auto failure = FindDetail<google::rpc::PreconditionFailure>(status);
  if (!failure.has_value()) return {status.ok() ? "OK" : ReasonOf(status)};
  Reasons reasons;
  for (const auto& violation : failure->violations()) reasons.push_back(violation.type());
  return reasons;
}

class NewPasswordTest : public testing::Test {
 protected:
  template <typename Request>
  Request About(const storage::AccountId& target, const std::string& password) {
    Request request;
    request.set_account_id(target.value());
    request.set_reason("password forgotten");
    request.set_temporary_password(password);
    request.mutable_identity_check()->mutable_attestation()->set_kind(
        v1::ATTESTATION_KIND_DOCUMENT);
    return request;
  }

  absl::Status Change(const std::string& password) {
    v1::ChangePasswordRequest request;
    request.set_current_password(kPassword);
    request.set_new_password(password);
    return world_.Call(world_.Enter(asha_), ChangePassword, request).status();
  }
  absl::Status Reset(const std::string& password) {
    return world_
        .Call(world_.Enter(admin_), ResetPassword, About<v1::ResetPasswordRequest>(asha_, password))
        .status();
  }
  absl::Status Resecure(const std::string& password) {
    return world_
        .Call(world_.Enter(admin_), ResecureAccount,
              About<v1::ResecureAccountRequest>(asha_, password))
        .status();
  }

  World world_;
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const storage::AccountId asha_ = world_.AddPerson(riverside_, "asha.patel");
  const storage::AccountId admin_ =
      world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
};

// One that only the list knows: nothing else speaks against it.
std::string OnlyOnTheList() {
  for (const absl::string_view word : absl::StrSplit(kCommonPasswords, '\n', absl::SkipEmpty())) {
    const PasswordFacts facts = ExaminePassword(SecretString(word), {}, 3);
    if (facts.length >= 10 && !facts.common && facts.guesses_log10 > 7) return std::string(word);
  }
  return "";
}

TEST_F(NewPasswordTest, OneThatBreaksRulesIsRefusedOnEveryWayWithAllOfThem) {
  world_.Change(asha_, [](storage::AccountRecord& account) {
    account.profile.given_name = "Zo\u00eb";
    account.profile.family_name = "Stra\u00dfer";
    account.profile.display_name = "Zo\u00eb Stra\u00dfer";
  });
  ASSERT_NE(OnlyOnTheList(), "") << "the list adds nothing to zxcvbn any more";
  const std::vector<std::pair<std::string, Reasons>> cases = {
      {"k3)vL!0q", {"PASSWORD_TOO_SHORT"}},
      {"k3)vL!0qp", {"PASSWORD_TOO_SHORT"}},
      // Nine letters of two code points each, that NFKC makes one; and nine of two UTF-16 units.
      {"e\u0301k\u0301o\u0301v\u0301z\u0301u\u0301g\u0301y\u0301", {"PASSWORD_TOO_SHORT"}},
      {"\U0001f40e\U0001f955\U0001f3a9\U0001f9ed\U0001f6f6\U0001f9ca\U0001f33b\U0001f511\U0001fa81",
       {"PASSWORD_TOO_SHORT"}},
      {std::string("k3)vL!0qpZx9") + std::string(117, '~'), {"PASSWORD_TOO_LONG"}},
      {"vexed-zoe\u0308-harp-93", {"PASSWORD_CONTAINS_NAME"}},
      {"vexed-STRASSER-harp-93", {"PASSWORD_CONTAINS_NAME"}},
      {"vexed-\uff33trasser-harp-93", {"PASSWORD_CONTAINS_NAME"}},
      {"vexed.asha-patel.harp", {"PASSWORD_CONTAINS_NAME"}},
      {"password123", {"PASSWORD_COMMON"}},
      {"\uff30assword\uff11\uff12\uff13", {"PASSWORD_COMMON"}},
      {"qwertyuiop", {"PASSWORD_COMMON"}},
      {"aaaaaaaaaaaaaaaa", {"PASSWORD_COMMON"}},
      {OnlyOnTheList(), {"PASSWORD_COMMON"}},
      {kPassword, {"PASSWORD_REUSED"}},
      {"zo\u00eb", {"PASSWORD_TOO_SHORT", "PASSWORD_CONTAINS_NAME", "PASSWORD_COMMON"}},
      {"caf\xe9-au-lait", {"FIELDS_INVALID"}},
      {"tab\tulator-12", {"FIELDS_INVALID"}},
      {"zero\u200bwidth-space", {"FIELDS_INVALID"}},
  };
  const storage::AccountRecord before = world_.Find(asha_);
  for (const auto& [password, reasons] : cases) {
    EXPECT_EQ(ReasonsOf(Change(password)), reasons) << "changed to " << password;
    EXPECT_EQ(ReasonsOf(Reset(password)), reasons) << "reset to " << password;
    EXPECT_EQ(ReasonsOf(Resecure(password)), reasons) << "resecured with " << password;
  }
  EXPECT_EQ(world_.Find(asha_).password.version, before.password.version);
  EXPECT_EQ(world_.Find(asha_).password.phc, before.password.phc);
}

// Of accounts whose password is older than a rule, or came by an import.
TEST_F(NewPasswordTest, AGuessAtSomebodyElsesPasswordIsNotAnsweredBesideAnotherRefusal) {
  world_.Change(asha_,
                [](storage::AccountRecord& account) { account.profile.family_name = "Lantern"; });
  EXPECT_EQ(ReasonsOf(Reset(kPassword)), Reasons{"PASSWORD_CONTAINS_NAME"});
  EXPECT_EQ(ReasonsOf(Resecure(kPassword)), Reasons{"PASSWORD_CONTAINS_NAME"});
  EXPECT_EQ(ReasonsOf(Change(kPassword)), (Reasons{"PASSWORD_CONTAINS_NAME", "PASSWORD_REUSED"}))
      << "its owner has proven to know it";
}

// A wrong guess would have had its effect then, but for what happened in between.
TEST_F(NewPasswordTest, AGuessAtSomebodyElsesPasswordIsNotAnsweredWhereItWouldHaveNoEffect) {
  const auto touch = [this] { world_.Change(asha_, [](storage::AccountRecord&) {}); };
  const auto give_another = [this] {
    world_.Change(asha_, [](storage::AccountRecord& account) { ++account.password.version; });
  };
  const auto guess = [this]<typename Request, typename Response>(
                         World::Operation<Request, Response> operation, bool with_etag,
                         const std::function<void()>& meanwhile) {
    auto request = About<Request>(asha_, kPassword);
    const std::string admin = world_.Enter(admin_);
    if (with_etag) {
      v1::GetAccountRequest get;
      get.set_account_id(asha_.value());
      request.set_etag(world_.Call(admin, GetAccount, get)->account().etag());
    }
    world_.BeforeWrite(0, meanwhile);
    return Outcome(world_.Call(admin, operation, request));
  };
  EXPECT_EQ(guess(&ResetPassword, true, touch), "ABORTED / ETAG_STALE");
  EXPECT_EQ(guess(&ResecureAccount, true, touch), "ABORTED / ETAG_STALE");
  EXPECT_EQ(guess(&ResetPassword, false, give_another), "ABORTED / CONFLICT");
  EXPECT_EQ(guess(&ResecureAccount, false, give_another), "ABORTED / CONFLICT");
  EXPECT_EQ(guess(&ResetPassword, true, [] {}), "FAILED_PRECONDITION / PASSWORD_REUSED");
  EXPECT_EQ(guess(&ResecureAccount, true, [] {}), "FAILED_PRECONDITION / PASSWORD_REUSED");
}

TEST_F(NewPasswordTest, EachWordOfANameIsLookedForThatIsLongEnough) {
  world_.Change(asha_, [](storage::AccountRecord& account) {
    account.profile.given_name = "Mary Jane";
    account.profile.family_name = "Li-Okonkwo";
  });
  for (const char* password : {"vexed-maryjane-harp-93", "vexed-JANE-harp-93",
                               "vexed-okonkwo-harp-93", "vexed-liokonkwo-harp-93"}) {
    EXPECT_EQ(ReasonsOf(Change(password)), Reasons{"PASSWORD_CONTAINS_NAME"}) << password;
  }
  EXPECT_EQ(ReasonsOf(Change("vexed-lintel-harp-93")), Reasons{"OK"}) << "two letters are in much";
}

TEST_F(NewPasswordTest, OneThatBreaksNoRuleIsTakenOnEveryWay) {
  for (const std::string password : {"k3)vL!0qpZ", "granite teapot meadow",
                                     "\u4e2d\u5c71\u6b63\u7af9\u6797\u96e8\u7d72\u7ae0\u9b5a\u9f8d",
                                     "\U0001f40e\U0001f955\U0001f3a9\U0001f9ed\U0001f6f6\U0001f9ca"
                                     "\U0001f33b\U0001f511\U0001fa81k"}) {
    const auto original = world_.Find(asha_);
    EXPECT_EQ(ReasonsOf(Reset(password)), Reasons{"OK"}) << password;
    world_.Change(asha_, [&](storage::AccountRecord& account) {
      account.password = {.phc = original.password.phc,
                          .version = account.password.version + 1,
                          .changed_at = original.password.changed_at};
    });
  }
  EXPECT_EQ(ReasonsOf(Change("vexed-marble-harp-93")), Reasons{"OK"});
  EXPECT_EQ(ReasonsOf(Resecure("vexed-marble-fiddle-93")), Reasons{"OK"});
}

// --- Generated ones ---

// The ways by which one is generated, for somebody of this family name.
struct Way {
  const char* name;
  std::string (*generate)(World& world, const std::string& family_name);
};

storage::AccountId AddNamed(World& world, const std::string& family_name) {
  const auto id = world.AddPerson(world.AddOrganisation("Riverside Trust"), "asha.patel");
  world.Change(id, [&](storage::AccountRecord& account) {
    account.profile.family_name = family_name;
    account.profile.display_name = "Asha";
  });
  return id;
}

template <typename Request, typename Response>
std::string GeneratedFor(World& world, World::Operation<Request, Response> operation,
                         const std::string& family_name) {
  const auto id = AddNamed(world, family_name);
  const auto admin =
      world.AddPerson(world.Find(id).organisation_id, "la.riverside", v1::ROLE_LOCAL_ADMIN);
  Request request;
  request.set_account_id(id.value());
  request.set_reason("password forgotten");
  request.mutable_identity_check()->mutable_attestation()->set_kind(v1::ATTESTATION_KIND_DOCUMENT);
  return world.Call(world.Enter(admin), operation, request)->temporary_password();
}

v1::Profile Profile(const std::string& family_name) {
  v1::Profile profile;
  profile.set_given_name("Kim");
  profile.set_family_name(family_name);
  profile.set_display_name("Kim");
  return profile;
}

const Way kWays[] = {
    {"ResetPassword",
     [](World& world, const std::string& family_name) {
       return GeneratedFor(world, ResetPassword, family_name);
     }},
    {"ResecureAccount",
     [](World& world, const std::string& family_name) {
       return GeneratedFor(world, ResecureAccount, family_name);
     }},
    {"CreateAccount",
     [](World& world, const std::string& family_name) {
       const auto riverside = world.AddOrganisation("Riverside Trust");
       const auto admin = world.AddPerson(riverside, "la.riverside", v1::ROLE_LOCAL_ADMIN);
       v1::CreateAccountRequest request;
       request.set_organisation_id(riverside.value());
       request.set_username("kim.lee");
       *request.mutable_profile() = Profile(family_name);
       return world.Call(world.Enter(admin), CreateAccount, request)->temporary_password();
     }},
    {"ImportAccounts",
     [](World& world, const std::string& family_name) {
       v1::ImportAccountsRequest start;
       start.mutable_start()->set_organisation_id(world.AddOrganisation("Riverside Trust").value());
       start.mutable_start()->set_request_id(world.NewRequestId());
       v1::ImportAccountsRequest item;
       item.mutable_account()->set_item(1);
       item.mutable_account()->set_username("kim.lee");
       *item.mutable_account()->mutable_profile() = Profile(family_name);
       const CallContext call = world.ContextOf(world.Enter(world.AddOperator()), start);
       std::vector<v1::ImportAccountsResponse> answers;
       const auto taken = AccountImport(world.dependencies()).Step(call, {&start, &item}, answers);
       EXPECT_TRUE(taken.ok()) << taken.status();
       return answers.empty() ? "" : answers[0].temporary_password();
     }},
};

// Worlds draw alike: what is drawn first is known from one where nothing stands against it.
TEST(GeneratedPasswordTest, IsDrawnAgainWhereItHoldsThePersonsName) {
  for (const Way& way : kWays) {
    World without;
    const std::string first = way.generate(without, "Zyx");
    ASSERT_NE(first, "") << way.name;
    const std::string word = first.substr(0, first.find('-'));
    World with;
    const std::string second = way.generate(with, word);
    EXPECT_NE(second, "") << way.name;
    EXPECT_THAT(second, testing::Not(testing::HasSubstr(word))) << way.name;
  }
}

TEST(GeneratedPasswordTest, IsDrawnUntilThePolicyHasNothingAgainstItButNotForEver) {
  World world;
  const auto draw = [&] {
    SeededEntropy entropy(7);
    const auto drawn = DrawPassword(entropy, KnownPasswords(), *world.policies().Get(), {}, "");
    return drawn.ok() ? "OK" : ReasonsOf(drawn.status()).at(0);
  };
  EXPECT_EQ(draw(), "OK");
  const std::string shipped(world.policies().Get()->text());
  world.ChangePolicy(absl::StrReplaceAll(shipped, {{R"-("password_min_length" value: "10")-",
                                                    R"-("password_min_length" value: "99")-"}}));
  EXPECT_EQ(draw(), "PASSWORD_TOO_SHORT");
}

}  // namespace
}  // namespace gatehouse::server
