// P8 of the performance page, end to end: ResecureAccount without hashing (its temporary password
// is deferred) over the wire, against a resecure's statements run straight on SQLite's own
// interface with the same durability, in turns, on the same core and disk. store_bench has the
// store alone.
//
//   build/release/bin/resecure_bench [accounts] [pairs]

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

#include "clients/cli/request_id.h"
#include "gatehouse/v1/account_service.grpc.pb.h"
#include "tests/bench/paired.h"
#include "tests/bench/people.h"
#include "tests/bench/raw_resecure.h"
#include "tests/bench/wire_load.h"
#include "tests/e2e/actor.h"
#include "tests/harness/fatal.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::bench {
namespace {

using AccountStub = v1::AccountService::Stub;

constexpr char kPassword[] = "sable-orbit-kettle-583";
constexpr absl::Duration kSlice = absl::Seconds(1);

// What one resecure took, by the clock on the wall or of the CPU, in microseconds.
enum class Clock { kWall, kCpu };

void Populate(const std::string& database, const People& people) {
  const auto store = OpenDatabase(database);
  Fill(*store, people);
  Require(store->Transact([&people](storage::Transaction& transaction) {
    auto administrator = transaction.FindAccount(IdOf(0));
    Require(administrator.status());
    administrator->roles = {
        {.role = v1::ROLE_LOCAL_ADMIN, .organisation_id = OrganisationOf(people, 0)}};
    return transaction.UpdateAccount(*administrator);
  }));
}

// Resecures everybody but the administrator, each once: it needs what it takes away.
Ask AskResecure(PinnedSystem& system, int accounts) {
  e2e::Actor administrator(system.server().NewChannel());
  const auto signed_in = administrator.SignIn(UsernameOf(0), kPassword);
  if (!signed_in.ok()) harness::Fatal(signed_in.status.error_message());
  // Administrators need a second factor; with it the session is a FULL one.
  const auto registered = administrator.RegisterApp(kPassword);
  if (!registered.ok()) harness::Fatal(registered.status.error_message());
  const std::shared_ptr<AccountStub> stub = v1::AccountService::NewStub(system.Connect(1)[0]);
  const auto next = std::make_shared<std::atomic<int>>(1);
  return [stub, next, accounts, token = administrator.token()](std::function<void(bool)> done) {
    const int account = next->fetch_add(1);
    if (account >= accounts) harness::Fatal("more accounts are needed");
    auto request =
        e2e::Attested<v1::ResecureAccountRequest>(IdOf(account).value(), "lost their laptop");
    request.set_defer_temporary_password(true);
    request.set_request_id(cli::NewRequestId());
    Send(stub->async(), &AccountStub::async::ResecureAccount, std::move(request), {.token = token},
         [done = std::move(done)](const grpc::Status& status,
                                  const v1::ResecureAccountResponse& response) {
           done(status.ok() && response.receipt().steps_size() == 4);
         });
  };
}

// The statements alone, on the core that the system has at other times.
class Raw {
 public:
  Raw(const std::string& path, int accounts) : raw_(path), accounts_(accounts) {}

  double operator()(Clock clock) {
    PinTo(kSystemCore);
    const int first = request_;
    const absl::Time start = absl::Now();
    const double cpu_before = ThreadCpuMicroseconds();
    while (absl::Now() < start + kSlice) {
      raw_.Run(IdOf(0).value(), IdOf(1 + request_ % (accounts_ - 1)).value(), request_);
      ++request_;
    }
    const double spent = clock == Clock::kWall ? absl::ToDoubleMicroseconds(absl::Now() - start)
                                               : ThreadCpuMicroseconds() - cpu_before;
    PinTo(kLoadCore);
    return spent / (request_ - first);
  }

 private:
  RawResecure raw_;
  const int accounts_;
  int request_ = 0;
};

void CompareAndPrint(const std::string& what, const Slice& raw, const Slice& wire, int pairs) {
  const Comparison result = Compare(raw, wire, pairs);
  const Interval& ratio = result.ratio;
  std::cout << absl::StreamFormat("%-28s A %s us   B %s us   A/B %.2f [%.2f, %.2f]\n", what,
                                  Format(result.a, 0), Format(result.b, 0), 1 / ratio.median,
                                  1 / ratio.high, 1 / ratio.low)
            << std::flush;
}

void Run(int accounts, int pairs) {
  const People people{.count = accounts,
                      .organisation_size = accounts,
                      .now = absl::Now(),
                      .phc = PhcOf(kPassword, server::Argon2Parameters())};
  const harness::TemporaryDirectory directory;
  const std::string raw_path = (directory / "raw.db").string();
  Populate(absl::StrCat("sqlite:", raw_path), people);
  PinnedSystem system({});
  Populate(system.server().database(), people);
  system.Start();

  const Ask ask = AskResecure(system, accounts);
  Raw raw(raw_path, accounts);
  const auto straight = [&raw](Clock clock) { return [&raw, clock] { return raw(clock); }; };
  const auto wire = [&](Clock clock, int in_flight) {
    return [&system, &ask, clock, in_flight] {
      const ClosedLoopResult result = MeasureClosedLoop(system, ask, in_flight, kSlice);
      return clock == Clock::kCpu ? result.CpuPerAnswer() : 1e6 / result.AnswersPerSecond();
    };
  };
  std::cout << accounts << " accounts; A: the statements on SQLite itself; B: ResecureAccount over "
            << "the wire; " << pairs << " pairs of slices of " << kSlice
            << ", median [bootstrap 95 % interval]; P8: A/B >= 0.8\n";
  CompareAndPrint("wall, A/A", straight(Clock::kWall), straight(Clock::kWall), pairs);
  CompareAndPrint("wall, 1 call in flight", straight(Clock::kWall), wire(Clock::kWall, 1), pairs);
  CompareAndPrint("wall, 8 calls in flight", straight(Clock::kWall), wire(Clock::kWall, 8), pairs);
  CompareAndPrint("CPU, 8 calls in flight", straight(Clock::kCpu), wire(Clock::kCpu, 8), pairs);
}

}  // namespace
}  // namespace gatehouse::bench

int main(int argc, char** argv) {
  gatehouse::bench::Run(argc > 1 ? std::atoi(argv[1]) : 100'000,
                        argc > 2 ? std::atoi(argv[2]) : 15);
  return 0;
}
