// P12 of the performance page, over the wire: what GetAccount and a page of ListAccounts cost with
// 1,000 accounts and with many, in turns; CPU of the server and Redis together. store_bench has the
// store alone, where a resecure is, too. Databases are warm: they were written just before.
//
//   build/release/bin/growth_bench [accounts] [pairs]

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

#include "gatehouse/v1/account_service.grpc.pb.h"
#include "tests/bench/paired.h"
#include "tests/bench/people.h"
#include "tests/bench/wire_load.h"
#include "tests/e2e/actor.h"
#include "tests/harness/fatal.h"

namespace gatehouse::bench {
namespace {

using AccountStub = v1::AccountService::Stub;

constexpr int kFew = 1000;
constexpr int kPage = 50;
constexpr int kInFlight = 8;
constexpr char kPassword[] = "sable-orbit-kettle-583";
constexpr absl::Duration kSlice = absl::Seconds(1);

// A system with so many accounts, the first of which is an operator's.
class Town {
 public:
  explicit Town(int accounts) : people_{.count = accounts, .now = absl::Now()} {
    people_.phc = PhcOf(kPassword, {});
    const auto store = OpenDatabase(system_.server().database());
    Fill(*store, people_);
    Require(store->Transact([](storage::Transaction& transaction) {
      auto operator_account = transaction.FindAccount(IdOf(0));
      Require(operator_account.status());
      operator_account->roles = {{.role = v1::ROLE_OPERATOR, .organisation_id = {}}};
      return transaction.UpdateAccount(*operator_account);
    }));
  }

  void Start() {
    system_.Start();
    e2e::Actor actor(system_.server().NewChannel());
    const auto signed_in = actor.SignIn(UsernameOf(0), kPassword);
    if (!signed_in.ok()) harness::Fatal(signed_in.status.error_message());
    // Operators need a second factor; with it the session is a FULL one.
    const auto registered = actor.RegisterApp(kPassword);
    if (!registered.ok()) harness::Fatal(registered.status.error_message());
    token_ = actor.token();
    stub_ = v1::AccountService::NewStub(system_.Connect(1)[0]);
  }

  void AskForAccount(std::function<void(bool)> done) {
    v1::GetAccountRequest request;
    request.set_account_id(IdOf(Somewhere()).value());
    Send(stub_->async(), &AccountStub::async::GetAccount, request, {.token = token_},
         [id = request.account_id(), done = std::move(done)](
             const grpc::Status& status, const v1::GetAccountResponse& response) {
           done(status.ok() && response.account().account_id() == id);
         });
  }

  void AskForPage(std::function<void(bool)> done) {
    v1::ListAccountsRequest request;
    request.set_organisation_id(OrganisationOf(people_, Somewhere()).value());
    request.set_page_size(kPage);
    Send(stub_->async(), &AccountStub::async::ListAccounts, request, {.token = token_},
         [done = std::move(done)](const grpc::Status& status,
                                  const v1::ListAccountsResponse& response) {
           done(status.ok() && response.accounts_size() == kPage);
         });
  }

  using Question = void (Town::*)(std::function<void(bool)>);

  // CPU microseconds an answer, over one slice.
  double Cost(Question question) {
    const Ask ask = [this, question](std::function<void(bool)> done) {
      (this->*question)(std::move(done));
    };
    return MeasureClosedLoop(system_, ask, kInFlight, kSlice).CpuPerAnswer();
  }

 private:
  // In an order that visits all, far apart.
  int Somewhere() {
    return static_cast<int>((turn_.fetch_add(1) * 7'368'787 + 1) %
                            static_cast<std::uint64_t>(people_.count));
  }

  PinnedSystem system_{{}};
  People people_;
  std::string token_;
  std::shared_ptr<AccountStub> stub_;
  std::atomic<std::uint64_t> turn_{0};
};

void CompareAndPrint(const char* what, Town& few, Town& many, Town::Question question, int pairs) {
  const Comparison result =
      Compare([&] { return few.Cost(question); }, [&] { return many.Cost(question); }, pairs);
  std::cout << absl::StreamFormat("%-24s few %s us   many %s us   many/few %s (P12: <= 1.3)\n",
                                  what, Format(result.a, 1), Format(result.b, 1),
                                  Format(result.ratio))
            << std::flush;
}

void Run(int accounts, int pairs) {
  Town few(kFew);
  Town many(accounts);
  few.Start();
  many.Start();
  std::cout << kFew << " and " << accounts << " accounts; " << kInFlight << " calls in flight; "
            << pairs << " pairs of slices of " << kSlice
            << ", median [bootstrap 95 % interval] of CPU, server and Redis\n";
  CompareAndPrint("GetAccount", few, many, &Town::AskForAccount, pairs);
  CompareAndPrint("ListAccounts, a page", few, many, &Town::AskForPage, pairs);
}

}  // namespace
}  // namespace gatehouse::bench

int main(int argc, char** argv) {
  gatehouse::bench::Run(argc > 1 ? std::atoi(argv[1]) : 1'000'000,
                        argc > 2 ? std::atoi(argv[2]) : 15);
  return 0;
}
