// Ten thousand guesses at one password, all at once (quality/invariants.md, 3): however many
// connections they come over, no more are evaluated than lock an account. A crowd that types the
// right one, all at once, gets in. And a storm of sign-ins takes no more memory than the hashes
// that are at work, while sessions are validated on (17).
//
// No guess names a client's address, so that the limit per source does not help.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
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

// Many times what a second's hashing is good for.
constexpr int kStorm = 1'000;
constexpr size_t kLongestPassword = 1024;  // that is taken at all
constexpr int64_t kHashKib = 19'456;
// What a thousand calls under way may take of gRPC; a hash for each would be nineteen gigabytes.
constexpr int64_t kCallsKib = 96 * 1024;

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

  // As many as are told of, each by its number.
  Tally Fire(int count, absl::FunctionRef<v1::CreateSessionRequest(int)> guess_of) {
    absl::BlockingCounter answered(count);
    std::vector<Guess> guesses(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) {
      Guess& guess = guesses[static_cast<size_t>(i)];
      guess.request = guess_of(i);
      guess.context.set_deadline(std::chrono::system_clock::now() +
                                 absl::ToChronoSeconds(kPatience));
      stubs_[static_cast<size_t>(i % kConnections)]->async()->CreateSession(
          &guess.context, &guess.request, &guess.response, [this, &answered](grpc::Status status) {
            Count(status);
            answered.DecrementCount();
          });
    }
    answered.Wait();
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

  // The most memory that the server has ever had.
  int64_t PeakKib() {
    std::ifstream status(absl::StrCat("/proc/", service_.server().process().pid(), "/status"));
    for (std::string line; std::getline(status, line);) {
      if (absl::StartsWith(line, "VmHWM:")) {
        int64_t kib = 0;
        std::istringstream(line.substr(line.find(':') + 1)) >> kib;
        return kib;
      }
    }
    ADD_FAILURE() << "the kernel does not tell";
    return 0;
  }

  StaffedServer service_;
};

TEST_F(ParallelGuessesTest, EvaluatesNoMoreGuessesThanLockTheAccount) {
  const Person person = service_.CreatePerson("asha.patel");

  const absl::Time began = absl::Now();
  const Tally answers = Volley(service_.server()).Fire(kGuesses, [&](int i) {
    return AnonymousSignIn(person.username, absl::StrCat("guess-number-", i));
  });
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

TEST_F(ParallelGuessesTest, AStormOfSignInsTakesTheMemoryOfTheHashesAtWorkAndNoMore) {
  const Person person = service_.CreatePerson("asha.patel");
  Actor actor = service_.NewActor();
  ASSERT_TRUE(actor.SignIn(person.username, person.password).ok());
  const int64_t before = PeakKib();

  std::atomic<bool> over = false;
  std::atomic<int> validated = 0;
  absl::Duration slowest;
  std::thread validating([&] {
    while (!over) {
      const absl::Time began = absl::Now();
      const auto answer = actor.Validate();
      slowest = std::max(slowest, absl::Now() - began);
      EXPECT_TRUE(answer.ok()) << answer;
      ++validated;
    }
  });
  // Names that nobody has cost as much as others, and none is ever locked.
  const std::string password(kLongestPassword, 'x');
  const absl::Time began = absl::Now();
  const Tally answers = Volley(service_.server()).Fire(kStorm, [&](int i) {
    return AnonymousSignIn(absl::StrCat("nobody.", i), password);
  });
  const absl::Duration took = absl::Now() - began;
  over = true;
  validating.join();

  const int64_t growth = PeakKib() - before;
  const int64_t hashes = kHashKib * static_cast<int64_t>(std::thread::hardware_concurrency());
  std::cout << kStorm << " sign-ins at once in " << took << ": " << answers << "\n  the server's "
            << before / 1024 << " MiB grew by " << growth / 1024
            << ", of which the hashes at work may have " << hashes / 1024 << "; meanwhile "
            << validated << " validations, the slowest in " << slowest << std::endl;
  for (const auto& [answer, count] : answers) {
    EXPECT_THAT(answer, testing::AnyOf("INVALID_CREDENTIALS", "OVERLOADED", "HASHING_BUSY",
                                       "DEADLINE_EXCEEDED"))
        << count << " times";
  }
  EXPECT_LE(growth, hashes + kCallsKib);
  EXPECT_GT(validated, 0);
}

}  // namespace
}  // namespace gatehouse::e2e
