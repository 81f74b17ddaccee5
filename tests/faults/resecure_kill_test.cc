// A resecure under kill -9: whenever the server dies, what it leaves is either nothing or all of
// it, and the same request, sent again, brings all of it, once (quality/invariants.md, 5). And
// however often it died, its audit log is whole (13).
//
// GATEHOUSE_SEED repeats the moments, GATEHOUSE_ROUNDS sets how many there are.

#include <sodium/crypto_hash_sha256.h>

#include <filesystem>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/call/canonical.h"
#include "tests/e2e/staffed_server.h"
#include "tests/harness/setting.h"
#include "tests/harness/wait.h"

namespace gatehouse::e2e {
namespace {

using Accounts = v1::AccountService::Stub;
using ResecureAnswer = Answer<v1::ResecureAccountResponse>;

constexpr char kUsername[] = "asha.patel";

// What can be seen of a resecure from outside. Each is a part of it.
struct Effects {
  size_t sessions_refused = 0;
  bool old_password_refused = false;
  bool new_password_works = false;
  int required_actions = 0;
  size_t audit_rows = 0;

  friend bool operator==(const Effects&, const Effects&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Effects& effects) {
    return out << effects.sessions_refused << " sessions refused, old password "
               << (effects.old_password_refused ? "refused" : "good") << ", new password "
               << (effects.new_password_works ? "good" : "refused") << ", "
               << effects.required_actions << " required actions, " << effects.audit_rows
               << " audit rows";
  }
};

std::string Sha256(const std::string& input) {
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<const unsigned char*>(input.data()), input.size());
  return digest;
}

class ResecureKillTest : public ::testing::Test {
 protected:
  // One person, secured again and again.
  void Round() {
    const std::string old_password = person_.password;
    std::vector<std::string> sessions;
    for (int i = 0; i < 3; ++i) {
      Actor actor = service_.NewActor();
      ASSERT_TRUE(actor.SignIn(kUsername, old_password).ok());
      sessions.push_back(actor.token());
    }
    v1::ResecureAccountRequest request =
        Attested<v1::ResecureAccountRequest>(person_.account_id, "in the wrong hands");
    request.set_temporary_password(FreshPassword());
    request.set_request_id(cli::NewRequestId());

    const ResecureAnswer interrupted = KillDuring(request);
    service_.Restart();

    const Effects none{};
    Effects all{.sessions_refused = sessions.size(),
                .old_password_refused = true,
                .new_password_works = true,
                .required_actions = 4,
                .audit_rows = 1};
    const Effects left = Look(request, old_password, sessions);
    ASSERT_TRUE(left == none || left == all) << "a mixed state: " << left;
    const bool committed = left == all;
    EXPECT_TRUE(committed || !interrupted.ok()) << "an acknowledged resecure is gone";
    Count(interrupted.ok(), committed);

    const ResecureAnswer retried =
        service_.administrator().Call(&Accounts::ResecureAccount, request);
    ASSERT_TRUE(retried.ok()) << retried;
    EXPECT_EQ(retried->replayed(), committed);
    all.sessions_refused = sessions.size();
    EXPECT_EQ(Look(request, old_password, sessions), all);

    service_.Settle(person_, request.temporary_password());
    ++rounds_done_;
  }

  // The messages wait in the outbox over all the kills, and come once each.
  size_t NotificationsOfResecures() {
    size_t found = 0;
    for (const auto& file : std::filesystem::directory_iterator(service_.server().spool())) {
      const bool finished = file.path().filename().string()[0] != '.';
      if (finished && absl::StrContains(harness::ReadFile(file.path()), "ACCOUNT_RESECURED")) {
        ++found;
      }
    }
    return found;
  }

  // Of the organisation's log, from its first event on, the first that does not follow from the
  // one before it; 0 when all do.
  int64_t FirstGap() {
    const std::vector<v1::AuditEvent> events = service_.AuditEvents({});
    events_ = events.size();
    std::string previous;
    int64_t sequence = 0;
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      v1::AuditEvent content = *event;
      content.clear_chain_sha256();
      previous = Sha256(absl::StrCat(previous, server::CanonicalBytes(content)));
      if (event->sequence() != ++sequence || event->chain_sha256() != previous) return sequence;
    }
    return 0;
  }

  void Report() const {
    std::cout << rounds_done_ << " resecures killed: " << before_commit_ << " before the commit, "
              << before_answer_ << " between commit and answer, " << after_answer_
              << " after the answer; " << events_ << " audit events, none missing; seed " << seed_
              << std::endl;
  }

  const uint64_t seed_ = harness::Setting("GATEHOUSE_SEED", std::random_device()());
  const uint64_t rounds_ = harness::Setting("GATEHOUSE_ROUNDS", 100);
  uint64_t rounds_done_ = 0;
  size_t events_ = 0;

 private:
  ResecureAnswer KillDuring(const v1::ResecureAccountRequest& request) {
    ResecureAnswer answer;
    const absl::Duration moment = span_ * std::uniform_real_distribution<>(0, 1)(random_);
    const absl::Time began = absl::Now();
    std::thread caller(
        [&] { answer = service_.administrator().Call(&Accounts::ResecureAccount, request); });
    absl::SleepFor(began + moment - absl::Now());
    service_.server().Kill9();
    caller.join();
    // Keeps about one kill in five behind the answer, however fast the machine is.
    span_ *= answer.ok() ? 0.8 : 1.05;
    return answer;
  }

  // A sign-in that works adds its session to those that a resecure must end.
  Effects Look(const v1::ResecureAccountRequest& request, const std::string& old_password,
               std::vector<std::string>& sessions) {
    Effects effects;
    for (const std::string& token : sessions) {
      const auto validated = service_.Holder(token).Validate();
      EXPECT_TRUE(validated.ok() || validated.reason() == "SESSION_INVALID") << validated;
      if (!validated.ok()) ++effects.sessions_refused;
    }
    const auto old = SignIn(old_password);
    EXPECT_TRUE(old.ok() || old.reason() == "INVALID_CREDENTIALS") << old;
    effects.old_password_refused = !old.ok();
    if (old.ok()) sessions.push_back(old->session_token());
    effects.new_password_works = SignIn(request.temporary_password()).ok();

    v1::GetAccountRequest account;
    account.set_account_id(person_.account_id);
    const auto seen = service_.administrator().Call(&Accounts::GetAccount, account);
    EXPECT_TRUE(seen.ok()) << seen;
    effects.required_actions = seen->account().required_actions_size();

    v1::ListAuditEventsRequest audit;
    audit.set_target_account_id(person_.account_id);
    audit.add_actions(v1::ACTION_RESECURE_ACCOUNT);
    effects.audit_rows = service_.AuditEvents(audit).size() - rounds_done_;
    return effects;
  }

  Answer<v1::CreateSessionResponse> SignIn(const std::string& password) {
    return service_.NewActor().Call(&v1::SessionService::Stub::CreateSession,
                                    AnonymousSignIn(kUsername, password));
  }

  void Count(bool answered, bool committed) {
    ++(!committed ? before_commit_ : answered ? after_answer_ : before_answer_);
  }

  StaffedServer service_{{.hashing = Hashing::kCheap}};
  Person person_ = service_.CreatePerson(kUsername);
  std::mt19937_64 random_{seed_};
  absl::Duration span_ = absl::Milliseconds(20);
  int before_commit_ = 0;
  int before_answer_ = 0;
  int after_answer_ = 0;
};

TEST_F(ResecureKillTest, LeavesAllOrNothingAndIsFinishedByTheSameRequest) {
  SCOPED_TRACE(testing::Message() << "GATEHOUSE_SEED=" << seed_);
  for (uint64_t round = 0; round < rounds_ && !HasFailure(); ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    Round();
  }
  EXPECT_EQ(FirstGap(), 0);
  Report();
  EXPECT_TRUE(harness::WaitUntil([&] { return NotificationsOfResecures() >= rounds_done_; }));
  EXPECT_EQ(NotificationsOfResecures(), rounds_done_);
}

}  // namespace
}  // namespace gatehouse::e2e
