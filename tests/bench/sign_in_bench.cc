// P6 and the part of P5 that is not the hash, through the real server.
//
// What a sign-in costs beyond its hash is measured twice: as the whole sign-in's CPU time (server
// and Redis) against one hash's on the same core, in turns; and straight, under a policy whose hash
// costs next to nothing. Overload: what the server can do in a closed loop is its capacity; then
// four times as many sign-ins are asked for at fixed instants, with deadlines, beside validations
// whose latency is counted from the instant that was meant.
//
//   build/release/bin/sign_in_bench [pairs] [rounds of overload]      0 leaves a part out

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "sodium.h"

#include "gatehouse/v1/session_service.grpc.pb.h"
#include "server/secrets/argon2.h"
#include "tests/bench/paired.h"
#include "tests/bench/people.h"
#include "tests/bench/wire_load.h"
#include "tests/e2e/actor.h"
#include "tests/harness/fatal.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::bench {
namespace {

using SessionStub = v1::SessionService::Stub;

constexpr int kPeople = 5000;
constexpr char kPassword[] = "sable-orbit-kettle-583";
constexpr absl::Duration kSlice = absl::Seconds(2);
constexpr int kHashesASlice = 60;
constexpr absl::Duration kSignInDeadline = absl::Seconds(2);
constexpr int kCapacityInFlight = 8;
constexpr int kWorkers = 1;  // hashes at once: the system has one core
constexpr double kOverload = 4;
constexpr double kValidationsASecond = 200;
constexpr absl::Duration kRound = absl::Seconds(10);

const server::Argon2Parameters kShipped;
const server::Argon2Parameters kNextToNothing{.memory_kib = 8, .passes = 1};

// A policy like the shipped one but for its hash.
std::string CheapPolicy() {
  return absl::StrReplaceAll(
      harness::ReadFile(GATEHOUSE_RULES_DIR "/nhsmail.textproto"),
      {{"\"argon2_memory_kib\" value: \"19456\"", "\"argon2_memory_kib\" value: \"8\""},
       {"\"argon2_iterations\" value: \"2\"", "\"argon2_iterations\" value: \"1\""}});
}

void Populate(PinnedSystem& system, const server::Argon2Parameters& parameters) {
  Fill(*OpenDatabase(system.server().database()),
       {.count = kPeople, .now = absl::Now(), .phc = PhcOf(kPassword, parameters)});
  system.Start();
}

// Signs people in, one after the other; OK and a token is right.
Ask AskSignIn(const PinnedSystem& system) {
  const std::shared_ptr<SessionStub> stub = v1::SessionService::NewStub(system.Connect(1)[0]);
  const auto next = std::make_shared<std::atomic<int>>(0);
  return [stub, next](std::function<void(bool)> done) {
    v1::CreateSessionRequest request;
    request.set_username(UsernameOf(next->fetch_add(1) % kPeople));
    request.set_password(kPassword);
    Send(stub->async(), &SessionStub::async::CreateSession, std::move(request),
         {.deadline = kSignInDeadline},
         [done = std::move(done)](const grpc::Status& status,
                                  const v1::CreateSessionResponse& response) {
           done(status.ok() && response.session().level() == v1::SESSION_LEVEL_FULL);
         });
  };
}

Ask AskValidation(PinnedSystem& system) {
  e2e::Actor actor(system.server().NewChannel());
  const auto signed_in = actor.SignIn(UsernameOf(0), kPassword);
  if (!signed_in.ok()) harness::Fatal(signed_in.status.error_message());
  const std::shared_ptr<SessionStub> stub = v1::SessionService::NewStub(system.Connect(1)[0]);
  return [stub, token = actor.token()](std::function<void(bool)> done) {
    v1::ValidateSessionRequest request;
    request.set_session_token(token);
    Send(stub->async(), &SessionStub::async::ValidateSession, std::move(request), {},
         [done = std::move(done)](const grpc::Status& status, const v1::ValidateSessionResponse&) {
           done(status.ok());
         });
  };
}

// CPU microseconds a hash, on the core that the system has at other times.
double HashAlone(server::Argon2Workspace& workspace) {
  const std::array<uint8_t, 16> salt{};
  std::array<uint8_t, 32> tag;
  const std::string password = kPassword;
  PinTo(kSystemCore);
  const double before = ThreadCpuMicroseconds();
  for (int i = 0; i < kHashesASlice; ++i) {
    Require(workspace.Compute(
        absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(password.data()), password.size()),
        salt, kShipped, absl::MakeSpan(tag)));
  }
  const double cost = (ThreadCpuMicroseconds() - before) / kHashesASlice;
  PinTo(kLoadCore);
  return cost;
}

void Print(const std::string& what, const Comparison& result, const std::string& meaning) {
  std::cout << absl::StreamFormat(
                   "%s\n  A hash alone  %s us CPU\n  B sign-in     %s us CPU\n"
                   "  B/A           %s (%s)\n",
                   what, Format(result.a, 0), Format(result.b, 0), Format(result.ratio, 3), meaning)
            << std::flush;
}

void CompareWithHash(PinnedSystem& shipped, PinnedSystem& cheap, int pairs) {
  server::Argon2Workspace workspace;
  const auto hash = [&workspace] { return HashAlone(workspace); };
  const auto sign_in = [](PinnedSystem& system) {
    return [&system, ask = AskSignIn(system)] {
      return MeasureClosedLoop(system, ask, 1, kSlice).CpuPerAnswer();
    };
  };
  Print("A hash, B hash (B/A must contain 1.0)", Compare(hash, hash, pairs), "A against A");
  Print("the whole sign-in, one at a time", Compare(hash, sign_in(shipped), pairs), "P5: <= 1.05");
  Print("a sign-in whose hash is next to nothing (m=8 KiB, t=1)",
        Compare(hash, sign_in(cheap), pairs), "P5: <= 0.05");
}

// The most memory that a process has of its own, looked at every now and then until Stop. Without
// the pages of files that it maps: those of the database belong to the system's cache, and count
// once for each connection that has seen them.
class PeakMemory {
 public:
  explicit PeakMemory(pid_t process) : thread_([this, process] { Watch(process); }) {}

  double Stop() {
    stop_ = true;
    thread_.join();
    return mebibytes_;
  }

 private:
  void Watch(pid_t process) {
    while (!stop_) {
      mebibytes_ = std::max(mebibytes_, MemoryMebibytes(process, "RssAnon"));
      absl::SleepFor(absl::Milliseconds(20));
    }
  }

  std::atomic<bool> stop_{false};
  double mebibytes_ = 0;  // the thread's until it ends
  std::thread thread_;
};

// What was seen in the rounds of an overload.
struct Overload {
  std::vector<double> capacity;
  std::vector<double> goodput;  // over capacity
  std::vector<double> idle_p99;
  std::vector<double> overload_p99;  // milliseconds
  std::vector<double> p99_ratio;
};

void RunRound(PinnedSystem& system, const Ask& sign_in, const Ask& validation, Overload& seen) {
  const double capacity =
      MeasureClosedLoop(system, sign_in, kCapacityInFlight, kRound).AnswersPerSecond();
  const OpenLoopResult idle = RunOpenLoop(validation, kValidationsASecond, kRound);
  OpenLoopResult offered;
  std::thread storm([&] { offered = RunOpenLoop(sign_in, kOverload * capacity, kRound); });
  const OpenLoopResult busy = RunOpenLoop(validation, kValidationsASecond, kRound);
  storm.join();
  if (idle.right < idle.asked || busy.right < busy.asked) {
    std::cout << "validations refused or late: idle " << idle.asked - idle.right << ", overloaded "
              << busy.asked - busy.right << "\n";
  }
  seen.capacity.push_back(capacity);
  seen.goodput.push_back(static_cast<double>(offered.right) / absl::ToDoubleSeconds(offered.took) /
                         capacity);
  seen.idle_p99.push_back(absl::ToDoubleMilliseconds(idle.Percentile(0.99)));
  seen.overload_p99.push_back(absl::ToDoubleMilliseconds(busy.Percentile(0.99)));
  seen.p99_ratio.push_back(seen.overload_p99.back() / seen.idle_p99.back());
}

void MeasureOverload(PinnedSystem& system, int rounds) {
  const pid_t server = system.server().process().pid();
  const double at_rest = MemoryMebibytes(server, "RssAnon");
  PeakMemory memory(server);
  const Ask sign_in = AskSignIn(system);
  const Ask validation = AskValidation(system);
  Overload seen;
  for (int i = 0; i < rounds; ++i) RunRound(system, sign_in, validation, seen);
  const double most = memory.Stop();
  const double allowed = at_rest + kWorkers * kShipped.memory_kib / 1024.0;
  std::cout << absl::StreamFormat(
      "overload, %d rounds of %s: %.0f x capacity for sign-ins, deadline %s, beside %.0f "
      "validations a second\n"
      "  capacity                %s sign-ins a second\n"
      "  goodput / capacity      %s (P6: >= 0.95)\n"
      "  ValidateSession p99     idle %s ms, overloaded %s ms, ratio %s (P6: <= 2)\n"
      "  most memory of its own  %.1f MiB (P6: <= %.1f: %.1f at rest + %d worker x %.0f)\n",
      rounds, absl::FormatDuration(kRound), kOverload, absl::FormatDuration(kSignInDeadline),
      kValidationsASecond, Format(MedianWithInterval(seen.capacity), 1),
      Format(MedianWithInterval(seen.goodput)), Format(MedianWithInterval(seen.idle_p99)),
      Format(MedianWithInterval(seen.overload_p99)), Format(MedianWithInterval(seen.p99_ratio)),
      most, allowed, at_rest, kWorkers, kShipped.memory_kib / 1024.0);
}

void Run(int pairs, int rounds) {
  // Chooses the fastest kernels for the hash that is measured here, as the server does at its
  // start.
  if (sodium_init() < 0) harness::Fatal("libsodium cannot be used");
  const harness::TemporaryDirectory directory;
  PinnedSystem shipped({});
  PinnedSystem cheap(
      {.redis = "", .policy = directory.Write("cheap.textproto", CheapPolicy()).string()});
  Populate(shipped, kShipped);
  Populate(cheap, kNextToNothing);
  std::cout << kPeople << " accounts; server and Redis on one core, load on the other; " << pairs
            << " pairs of slices, median [bootstrap 95 % interval]\n";
  if (rounds > 0) MeasureOverload(shipped, rounds);  // first: it looks at the memory at rest
  if (pairs > 0) CompareWithHash(shipped, cheap, pairs);
}

}  // namespace
}  // namespace gatehouse::bench

int main(int argc, char** argv) {
  gatehouse::bench::Run(argc > 1 ? std::atoi(argv[1]) : 15, argc > 2 ? std::atoi(argv[2]) : 3);
  return 0;
}
