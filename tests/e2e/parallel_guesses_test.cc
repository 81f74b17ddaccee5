// Ten thousand guesses at one password, all at once (quality/invariants.md, 3): however many
// connections they come over, no more are evaluated than lock an account. And a crowd that types
// the right one, all at once, gets in.
//
// No guess names a client's address, so that the limit per source does not help.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/e2e/staffed_server.h"

namespace gatehouse::e2e {
namespace {

using Sessions = v1::SessionService;

constexpr int kGuesses = 10'000;
constexpr int kConnections = 100;  // of at most 128 calls each
constexpr int kLockAfterFailures = 13;
constexpr int kCrowd = 200;
constexpr absl::Duration kPatience = absl::Minutes(5);

// How often each answer came: "INVALID_CREDENTIALS", "OVERLOADED", ...
using Tally = std::map<std::string, int>;

// All guesses are under way before the first is waited for.
class Volley {
 public:
  explicit Volley(const harness::ServerProcess& server) {
    for (int i = 0; i < kConnections; ++i) {
      stubs_.push_back(Sessions::NewStub(server.NewChannel()));
    }
  }

  Tally Fire(const std::string& username) {
    std::vector<Guess> guesses(kGuesses);
    for (int i = 0; i < kGuesses; ++i) {
      Guess& guess = guesses[static_cast<size_t>(i)];
      guess.request = AnonymousSignIn(username, absl::StrCat("guess-number-", i));
      guess.context.set_deadline(std::chrono::system_clock::now() +
                                 absl::ToChronoSeconds(kPatience));
      stubs_[static_cast<size_t>(i % kConnections)]->async()->CreateSession(
          &guess.context, &guess.request, &guess.response, [this, &guess](grpc::Status status) {
            Count(status);
            answered_.DecrementCount();
          });
    }
    answered_.Wait();
    return tally_;
  }

 private:
  struct Guess {
    grpc::ClientContext context;
    v1::CreateSessionRequest request;
    v1::CreateSessionResponse response;
  };

  void Count(const grpc::Status& status) {
    const std::lock_guard lock(mutex_);
    ++tally_[status.ok() ? "OK" : cli::DecodeRefusal(status).reason];
  }

  std::vector<std::unique_ptr<Sessions::Stub>> stubs_;
  absl::BlockingCounter answered_{kGuesses};
  std::mutex mutex_;
  Tally tally_;  // guarded by mutex_
};

std::ostream& operator<<(std::ostream& out, const Tally& tally) {
  for (const auto& [answer, count] : tally) out << count << " " << answer << "  ";
  return out;
}

class ParallelGuessesTest : public ::testing::Test {
 protected:
  // By the cause that only the audit log tells.
  Tally Causes(const Person& person) {
    v1::ListAuditEventsRequest request;
    request.set_target_account_id(person.account_id);
    request.add_actions(v1::ACTION_SIGN_IN);
    request.set_outcome(v1::AUDIT_OUTCOME_DENIED);
    Tally causes;
    for (const v1::AuditEvent& event : service_.AuditEvents(request)) {
      ++causes[event.details().at("cause")];
    }
    return causes;
  }

  // Tries again for as long as it is told to: how many tries it took, or 0 when it did not get in.
  int SignInPatiently(const Person& person) {
    const Actor actor = service_.NewActor();
    const absl::Time end = absl::Now() + kPatience;
    for (int tries = 1; absl::Now() < end; ++tries) {
      const auto answer = actor.Call(&Sessions::Stub::CreateSession,
                                     AnonymousSignIn(person.username, person.password));
      if (answer.ok()) return tries;
      const bool may_retry = answer.status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED &&
                             answer.refusal.retry.has_value();
      EXPECT_TRUE(may_retry) << answer;
      if (!may_retry) return 0;
      const auto& delay = answer.refusal.retry->retry_delay();
      absl::SleepFor(absl::Seconds(delay.seconds()) + absl::Nanoseconds(delay.nanos()));
    }
    return 0;
  }

  StaffedServer service_;
};

TEST_F(ParallelGuessesTest, EvaluatesNoMoreGuessesThanLockTheAccount) {
  const Person person = service_.CreatePerson("asha.patel");

  const absl::Time began = absl::Now();
  const Tally answers = Volley(service_.server()).Fire(person.username);
  Tally causes = Causes(person);
  std::cout << kGuesses << " parallel guesses in " << absl::Now() - began << ": " << answers
            << "\n  of those that got a place: " << causes << std::endl;

  for (const auto& [answer, count] : answers) {
    EXPECT_THAT(answer, testing::AnyOf("INVALID_CREDENTIALS", "OVERLOADED", "HASHING_BUSY",
                                       "DEADLINE_EXCEEDED"))
        << count << " times";
  }
  EXPECT_EQ(causes["wrong password"], kLockAfterFailures);

  const auto right = service_.NewActor().Call(&Sessions::Stub::CreateSession,
                                              AnonymousSignIn(person.username, person.password));
  EXPECT_EQ(right.reason(), "INVALID_CREDENTIALS") << "the right one is refused once it is locked";
  v1::GetAccountRequest account;
  account.set_account_id(person.account_id);
  EXPECT_TRUE(service_.administrator()
                  .Call(&v1::AccountService::Stub::GetAccount, account)
                  ->account()
                  .locked());
}

TEST_F(ParallelGuessesTest, LetsACrowdWithTheRightPasswordIn) {
  const Person person = service_.CreatePerson("kim.okafor");

  const absl::Time began = absl::Now();
  std::atomic<int> admitted = 0;
  std::atomic<int> tries = 0;
  std::vector<std::thread> crowd;
  for (int i = 0; i < kCrowd; ++i) {
    crowd.emplace_back([&] {
      const int needed = SignInPatiently(person);
      admitted += needed > 0 ? 1 : 0;
      tries += needed;
    });
  }
  for (std::thread& one : crowd) one.join();
  std::cout << admitted << " of " << kCrowd << " admitted, with " << tries << " tries, in "
            << absl::Now() - began << std::endl;

  EXPECT_EQ(admitted, kCrowd);
  EXPECT_THAT(Causes(person), testing::IsEmpty());
}

}  // namespace
}  // namespace gatehouse::e2e
