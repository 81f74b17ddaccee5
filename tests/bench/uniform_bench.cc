// Invariant 10 by the clock: whether the time that a refusal takes tells an unknown username from a
// wrong password or a locked account, or a foreign account from none. Asked in turns, over one
// connection, at the shipped cost of a password: the median difference of the pairs with its
// bootstrap 95 % interval, which must lie within 1 ms. Run it on a machine that is quiet.
//
//   build/release/bin/uniform_bench [pairs]

#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

#include "tests/bench/paired.h"
#include "tests/e2e/staffed_server.h"
#include "tests/harness/fatal.h"

namespace gatehouse::bench {
namespace {

using Accounts = v1::AccountService::Stub;
using Sessions = v1::SessionService::Stub;
using Refused = std::function<grpc::Status(int)>;

constexpr int kLockAfterFailures = 13;
constexpr int kWarmUp = 20;
constexpr char kNobody[] = "AAAAAAAAAAAAAAAAAAAAAA";

double Milliseconds(const Refused& ask, int i) {
  const absl::Time began = absl::Now();
  if (ask(i).ok()) harness::Fatal("what was to be refused was done");
  return absl::ToDoubleMilliseconds(absl::Now() - began);
}

// First one, then the other, the order turned over from pair to pair.
void Compare(
    const std::string& what, const Refused& a, const Refused& b, int pairs,
    const std::function<void()>& between = [] {}) {
  std::vector<double> differences;
  std::vector<double> all;
  for (int i = -kWarmUp; i < pairs; ++i) {
    if (i % (kLockAfterFailures - 1) == 0) between();
    const bool turned = i % 2 != 0;
    const double first = Milliseconds(turned ? b : a, i + kWarmUp);
    const double second = Milliseconds(turned ? a : b, i + kWarmUp);
    if (i < 0) continue;
    differences.push_back(turned ? first - second : second - first);
    all.push_back(first);
  }
  std::cout << absl::StreamFormat("%-46s %s ms of %s ms\n", what,
                                  Format(MedianWithInterval(differences), 3),
                                  Format(MedianWithInterval(all), 2))
            << std::flush;
}

void Run(int pairs) {
  e2e::StaffedServer service;
  const e2e::Person known = service.CreatePerson("asha.patel");
  const e2e::Person locked = service.CreatePerson("kim.okafor");
  const e2e::Actor anybody = service.NewActor();
  const auto sign_in = [&anybody](const std::string& username, const std::string& password) {
    return anybody.Call(&Sessions::CreateSession, e2e::AnonymousSignIn(username, password)).status;
  };
  for (int i = 0; i < kLockAfterFailures; ++i) sign_in(locked.username, "a guess");

  const Refused unknown = [&](int i) {
    return sign_in(absl::StrCat("nobody.", i), "a wrong password");
  };
  const Refused wrong = [&](int) { return sign_in(known.username, "a wrong password"); };
  // The right one clears the count.
  const auto clear = [&] { sign_in(known.username, known.password); };
  const Refused of_locked = [&](int) { return sign_in(locked.username, locked.password); };
  const auto read = [&service](const std::string& id) {
    v1::ResecureAccountRequest request = e2e::Attested<v1::ResecureAccountRequest>(id, "why");
    return service.national_operator().Call(&Accounts::ResecureAccount, request).status;
  };
  std::cout << pairs << " pairs each, median difference [bootstrap 95 % interval]\n";
  Compare("sign-in, unknown against unknown", unknown, unknown, pairs);
  Compare("sign-in, wrong password against unknown", unknown, wrong, pairs, clear);
  Compare("sign-in, locked against unknown", unknown, of_locked, pairs);
  Compare(
      "denial, a foreign account against none", [&](int) { return read(kNobody); },
      [&](int) { return read(known.account_id); }, pairs);
}

}  // namespace
}  // namespace gatehouse::bench

int main(int argc, char** argv) { gatehouse::bench::Run(argc > 1 ? std::atoi(argv[1]) : 1000); }
