// P2 of the performance page, and P1's anchor: what ValidateSession costs when its record comes
// from the session store, beside an empty unary method of the same binary (health, answered where
// it arrives). CPU microseconds an answer, of the server and Redis together, in turns.
//
// Sessions are written straight through the session store's Put, each of an account of its own, and
// asked for by Zipf 0.99; 1 % of the questions show a token that was never issued, 0.1 % one that
// the revocation log ends. Every answer is checked. Uses are recorded once a minute and session:
// the first comparison asks about sessions that need none recorded, the second about some that do.
//
//   build/release/bin/validate_bench [sessions] [calls in flight] [seconds a slice] [pairs]

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.grpc.pb.h"

#include "gatehouse/v1/session_service.grpc.pb.h"
#include "server/revocation/revocation_log.h"
#include "server/runtime/entropy.h"
#include "server/secrets/token.h"
#include "tests/bench/paired.h"
#include "tests/bench/people.h"
#include "tests/bench/wire_load.h"
#include "tests/contract/redis_fixture.h"

namespace gatehouse::bench {
namespace {

using HealthStub = grpc::health::v1::Health::Stub;
using SessionStub = v1::SessionService::Stub;

constexpr double kZipfExponent = 0.99;
constexpr double kUnknownShare = 0.01;
constexpr double kRevokedShare = 0.001;
constexpr int kRevokedSessions = 100;
constexpr int kConnections = 4;
constexpr int kBatch = 100;
constexpr int kBatchesInFlight = 8;
constexpr size_t kQuestions = 1 << 20;
constexpr int kWriters = 16;
constexpr absl::Duration kWritePatience = absl::Seconds(20);

struct Options {
  int sessions = 100'000;
  int in_flight = 64;
  absl::Duration slice = absl::Seconds(2);
  int pairs = 15;
};

// A token with what is to be said of it.
struct Question {
  std::string token;
  std::string account_id;
  bool valid = true;
};

// The sessions, and the questions about them in the order in which they are asked, over and over.
class Population {
 public:
  // `created_at` is also the last use.
  Population(const Options& options, absl::Time created_at, server::Entropy& entropy)
      : created_at_(created_at) {
    for (int i = 0; i < options.sessions; ++i) Add(entropy, true);
    for (int i = 0; i < kRevokedSessions; ++i) Add(entropy, false);
    first_unknown_ = questions_.size();
    for (int i = 0; i < kRevokedSessions; ++i) Add(entropy, false);
    Draw(static_cast<size_t>(options.sessions));
  }

  void Write(storage::SessionStore& store) const {
    std::atomic<size_t> next = 0;
    std::vector<std::thread> writers;
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back([&] {
        for (size_t at = next++; at < first_unknown_; at = next++) {
          Require(store.Put(Record(at), {}, absl::Now() + kWritePatience));
        }
      });
    }
    for (std::thread& writer : writers) writer.join();
  }

  void Revoke(storage::AccountStore& accounts) const {
    Require(accounts.TransactRevoking([this](storage::Transaction& transaction) {
      for (size_t i = first_unknown_ - kRevokedSessions; i < first_unknown_; ++i) {
        storage::RevocationRecord row{.kind = storage::RevocationKind::kSession,
                                      .account_id = storage::AccountId(questions_[i].account_id),
                                      .digest = server::DigestToken(questions_[i].token),
                                      .keep_until = absl::Now() + absl::Hours(24)};
        if (const auto at = transaction.AppendRevocation(row); !at.ok()) return at.status();
      }
      return absl::OkStatus();
    }));
  }

  const Question& Next() {
    return questions_[order_[next_.fetch_add(1, std::memory_order_relaxed) % order_.size()]];
  }

 private:
  void Add(server::Entropy& entropy, bool valid) {
    const std::string account_id = server::NewId(entropy);
    const server::IssuedToken token = server::IssueSessionToken(account_id, entropy);
    questions_.push_back({std::string(token.text.Reveal()), account_id, valid});
  }

  storage::SessionRecord Record(size_t at) const {
    return {.key = {.account_id = storage::AccountId(questions_[at].account_id),
                    .digest = server::DigestToken(questions_[at].token)},
            .incarnation = server::IncarnationPrefix(kIncarnation),
            .position = 0,
            .epoch = 1,
            .authorisation_version = 1,
            .level = v1::SESSION_LEVEL_FULL,
            .required_actions = {},
            .created_at = created_at_,
            .expires_at = created_at_ + absl::Hours(12),
            .idle_timeout = absl::Hours(1),
            .organisation_id = storage::OrganisationId("EBESExQVFhcYGRobHB0eHw"),
            .roles = {}};
  }

  void Draw(size_t sessions) {
    std::vector<double> cumulative(sessions);
    double sum = 0;
    for (size_t rank = 0; rank < sessions; ++rank) {
      cumulative[rank] = sum += std::pow(static_cast<double>(rank + 1), -kZipfExponent);
    }
    std::mt19937_64 random(1);
    std::uniform_real_distribution<double> share(0, 1);
    std::uniform_int_distribution<size_t> special(0, kRevokedSessions - 1);
    for (size_t i = 0; i < kQuestions; ++i) {
      const double kind = share(random);
      if (kind < kUnknownShare) {
        order_.push_back(first_unknown_ + special(random));
      } else if (kind < kUnknownShare + kRevokedShare) {
        order_.push_back(sessions + special(random));
      } else {
        const auto place =
            std::lower_bound(cumulative.begin(), cumulative.end(), share(random) * sum);
        order_.push_back(std::min(static_cast<size_t>(place - cumulative.begin()), sessions - 1));
      }
    }
  }

  const absl::Time created_at_;
  std::vector<Question> questions_;  // live sessions, revoked ones, and tokens never issued
  size_t first_unknown_ = 0;
  std::vector<size_t> order_;
  std::atomic<size_t> next_{0};
};

// The stubs of several connections, in turn.
template <typename Stub>
class Stubs {
 public:
  explicit Stubs(const PinnedSystem& system) {
    for (const auto& channel : system.Connect(kConnections)) {
      stubs_.push_back(std::make_unique<Stub>(channel));
    }
  }
  auto* Next() { return stubs_[next_.fetch_add(1) % stubs_.size()]->async(); }

 private:
  std::vector<std::unique_ptr<Stub>> stubs_;
  std::atomic<size_t> next_{0};
};

Ask AskHealth(const PinnedSystem& system) {
  using Response = grpc::health::v1::HealthCheckResponse;
  return [stubs = std::make_shared<Stubs<HealthStub>>(system)](std::function<void(bool)> done) {
    Send(stubs->Next(), &HealthStub::async::Check, grpc::health::v1::HealthCheckRequest(), {},
         [done = std::move(done)](const grpc::Status& status, const Response& response) {
           done(status.ok() && response.status() == Response::SERVING);
         });
  };
}

Ask AskOne(const PinnedSystem& system, Population& population) {
  return [stubs = std::make_shared<Stubs<SessionStub>>(system),
          &population](std::function<void(bool)> done) {
    const Question& question = population.Next();
    v1::ValidateSessionRequest request;
    request.set_session_token(question.token);
    Send(stubs->Next(), &SessionStub::async::ValidateSession, std::move(request), {},
         [&question, done = std::move(done)](const grpc::Status& status,
                                             const v1::ValidateSessionResponse& response) {
           done(question.valid
                    ? status.ok() && response.session().account_id() == question.account_id
                    : status.error_code() == grpc::StatusCode::UNAUTHENTICATED);
         });
  };
}

bool IsRight(const Question& question, const v1::SessionValidation& result) {
  return question.valid ? result.session().account_id() == question.account_id
                        : result.reason() == v1::ERROR_REASON_SESSION_INVALID;
}

Ask AskBatch(const PinnedSystem& system, Population& population) {
  return [stubs = std::make_shared<Stubs<SessionStub>>(system),
          &population](std::function<void(bool)> done) {
    std::vector<const Question*> questions(kBatch);
    v1::BatchValidateSessionsRequest request;
    for (const Question*& question : questions) {
      question = &population.Next();
      request.add_session_tokens(question->token);
    }
    Send(stubs->Next(), &SessionStub::async::BatchValidateSessions, std::move(request), {},
         [questions = std::move(questions), done = std::move(done)](
             const grpc::Status& status, const v1::BatchValidateSessionsResponse& response) {
           bool right = status.ok() && response.results_size() == kBatch;
           for (int i = 0; right && i < kBatch; ++i) {
             right = IsRight(*questions[static_cast<size_t>(i)], response.results(i));
           }
           done(right);
         });
  };
}

// One of the two that are compared.
class Variant {
 public:
  Variant(PinnedSystem& system, const Options& options, Ask ask, int answers_a_call = 1)
      : system_(system), options_(options), ask_(std::move(ask)), answers_(answers_a_call) {}

  double operator()() {
    const int calls = answers_ == 1 ? options_.in_flight : kBatchesInFlight;
    const ClosedLoopResult result = MeasureClosedLoop(system_, ask_, calls, options_.slice);
    rates_.push_back(result.AnswersPerSecond() * answers_);
    return result.CpuPerAnswer() / answers_;
  }

  std::string Rate() const { return bench::Format(MedianWithInterval(rates_), 0); }

 private:
  PinnedSystem& system_;
  const Options options_;
  const Ask ask_;
  const int answers_;
  std::vector<double> rates_;
};

void CompareAndPrint(const std::string& what, Variant a, Variant b, int pairs) {
  const Comparison result = Compare([&a] { return a(); }, [&b] { return b(); }, pairs);
  std::cout << absl::StreamFormat(
                   "%s\n  A      %s us CPU an answer, %s a second\n"
                   "  B      %s us CPU an answer, %s a second\n  B/A    %s\n",
                   what, bench::Format(result.a), a.Rate(), bench::Format(result.b), b.Rate(),
                   bench::Format(result.ratio, 3))
            << std::flush;
}

void Run(const Options& options) {
  server::SystemEntropy entropy;
  PinnedSystem system({});
  const absl::Time now = absl::Now();
  // A last use to come needs no recording before then; one long ago needs it at once.
  Population fresh(options, now + absl::Minutes(30), entropy);
  Population used(options, now - absl::Minutes(5), entropy);
  {
    const auto accounts = OpenDatabase(system.server().database());
    const auto sessions = storage::ConnectedStore(system.redis());
    for (const Population* population : {&fresh, &used}) {
      population->Revoke(*accounts);
      population->Write(*sessions);
    }
  }
  std::cout << "2 x " << options.sessions << " sessions written in " << absl::Now() - now << "; "
            << options.in_flight << " calls in flight on " << kConnections
            << " connections; server and Redis on one core, load on the other; " << options.pairs
            << " pairs of slices of " << options.slice << ", median [bootstrap 95 % interval]\n";
  system.Start();
  const Variant empty(system, options, AskHealth(system));
  const Variant one(system, options, AskOne(system, fresh));
  CompareAndPrint("A empty, B empty (B/A must contain 1.0)", empty, empty, options.pairs);
  CompareAndPrint("A empty, B ValidateSession from the store (P2: B/A <= 1.6)", empty, one,
                  options.pairs);
  CompareAndPrint("A empty, B the same, with uses recorded", empty,
                  Variant(system, options, AskOne(system, used)), options.pairs);
  CompareAndPrint(absl::StrCat("A BatchValidateSessions of ", kBatch,
                               " from the store, a token; B ValidateSession from the store"),
                  Variant(system, options, AskBatch(system, fresh), kBatch), one, options.pairs);
}

int Argument(int argc, char** argv, int at, int otherwise) {
  return argc > at ? std::atoi(argv[at]) : otherwise;
}

}  // namespace
}  // namespace gatehouse::bench

int main(int argc, char** argv) {
  using gatehouse::bench::Argument;
  gatehouse::bench::Options options;
  options.sessions = Argument(argc, argv, 1, options.sessions);
  options.in_flight = Argument(argc, argv, 2, options.in_flight);
  options.slice = absl::Seconds(Argument(argc, argv, 3, 2));
  options.pairs = Argument(argc, argv, 4, options.pairs);
  gatehouse::bench::Run(options);
  return 0;
}
