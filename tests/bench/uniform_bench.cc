// Invariant 10 by the clock: whether the time that an answer takes tells an unknown username from
// one that somebody has, with a wrong password or locked, at a sign-in or in a password reset, or a
// foreign account from none. Asked in turns, over one connection, at the shipped cost of a
// password: the median difference of the pairs with its bootstrap 95 % interval, which must lie
// within 1 ms. Run it on a machine that is quiet.
//
//   build/release/bin/uniform_bench [pairs]

#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"

#include "gatehouse/v1/recovery_service.grpc.pb.h"
#include "tests/bench/paired.h"
#include "tests/e2e/staffed_server.h"
#include "tests/harness/authenticator.h"
#include "tests/harness/fatal.h"
#include "tests/harness/shipped_policy.h"

namespace gatehouse::bench {
namespace {

using Accounts = v1::AccountService::Stub;
using Sessions = v1::SessionService::Stub;
using Recovery = v1::RecoveryService::Stub;
using Ask = std::function<grpc::Status(int)>;

constexpr int kLockAfterFailures = 13;
constexpr int kBetween = kLockAfterFailures - 1;  // so many pairs, before the account is locked
constexpr int kWarmUp = 20;
constexpr char kNobody[] = "AAAAAAAAAAAAAAAAAAAAAA";

double Milliseconds(grpc::StatusCode expected, const Ask& ask, int i) {
  const absl::Time began = absl::Now();
  const grpc::Status answer = ask(i);
  const absl::Duration took = absl::Now() - began;
  if (answer.error_code() != expected) {
    harness::Fatal(absl::StrCat("another answer than expected: ", answer.error_message()));
  }
  return absl::ToDoubleMilliseconds(took);
}

// First one, then the other, the order turned over from pair to pair. All are answered `expected`.
void Compare(
    const std::string& what, grpc::StatusCode expected, const Ask& a, const Ask& b, int pairs,
    const std::function<void()>& between = [] {}) {
  std::vector<double> differences;
  std::vector<double> all;
  for (int i = -kWarmUp; i < pairs; ++i) {
    if ((i + kWarmUp) % kBetween == 0) between();
    const bool turned = i % 2 != 0;
    const double first = Milliseconds(expected, turned ? b : a, i + kWarmUp);
    const double second = Milliseconds(expected, turned ? a : b, i + kWarmUp);
    if (i < 0) continue;
    differences.push_back(turned ? first - second : second - first);
    all.push_back(first);
  }
  std::cout << absl::StreamFormat("%-46s %s ms of %s ms\n", what,
                                  Format(MedianWithInterval(differences), 3),
                                  Format(MedianWithInterval(all), 2))
            << std::flush;
}

void LockOut(const e2e::Actor& anybody, const e2e::Person& person) {
  for (int i = 0; i < kLockAfterFailures; ++i) {
    anybody.Call(&Sessions::CreateSession, e2e::AnonymousSignIn(person.username, "a guess"));
  }
}

void CompareSignIns(int pairs) {
  e2e::StaffedServer service;
  const e2e::Person known = service.CreatePerson("asha.patel");
  const e2e::Person locked = service.CreatePerson("kim.okafor");
  const e2e::Actor anybody = service.NewActor();
  const auto sign_in = [&anybody](const std::string& username, const std::string& password) {
    return anybody.Call(&Sessions::CreateSession, e2e::AnonymousSignIn(username, password)).status;
  };
  LockOut(anybody, locked);

  const Ask unknown = [&](int i) {
    return sign_in(absl::StrCat("nobody.", i), "a wrong password");
  };
  const Ask wrong = [&](int) { return sign_in(known.username, "a wrong password"); };
  // The right one clears the count.
  const auto clear = [&] { sign_in(known.username, known.password); };
  const Ask of_locked = [&](int) { return sign_in(locked.username, locked.password); };
  const auto read = [&service](const std::string& id) {
    v1::ResecureAccountRequest request = e2e::Attested<v1::ResecureAccountRequest>(id, "why");
    return service.national_operator().Call(&Accounts::ResecureAccount, request).status;
  };
  constexpr auto kRefused = grpc::StatusCode::UNAUTHENTICATED;
  Compare("sign-in, unknown against unknown", kRefused, unknown, unknown, pairs);
  Compare("sign-in, wrong password against unknown", kRefused, unknown, wrong, pairs, clear);
  Compare("sign-in, locked against unknown", kRefused, unknown, of_locked, pairs);
  Compare(
      "denial, a foreign account against none", grpc::StatusCode::PERMISSION_DENIED,
      [&](int) { return read(kNobody); }, [&](int) { return read(known.account_id); }, pairs);
}

// The rules, but for how many wrong codes there may be: every pair needs two.
std::string RulesForManyCodes() {
  return absl::StrReplaceAll(
      harness::PolicyWithCheapHashing(),
      {{R"("recovery_code_tries" value: "5")", R"("recovery_code_tries" value: "1000000")"},
       {R"("recovery_codes_per_day" value: "10")",
        R"("recovery_codes_per_day" value: "1000000")"}});
}

// Somebody who can reset the password, by an app.
e2e::Person CreatePersonWithApp(e2e::StaffedServer& service, const std::string& username) {
  const e2e::Person person = service.CreatePerson(username);
  e2e::Actor owner = service.NewActor();
  if (!owner.SignIn(person.username, person.password).ok()) harness::Fatal("no sign-in");
  v1::RegisterAuthenticationMethodRequest app;
  app.set_password(person.password);
  app.set_kind(v1::AUTHENTICATION_METHOD_KIND_TOTP);
  const auto registered = owner.Call(&Accounts::RegisterAuthenticationMethod, app);
  if (!registered.ok()) harness::Fatal("no app was registered");
  v1::ConfirmAuthenticationMethodRequest confirm;
  confirm.set_method_id(registered->method().method_id());
  confirm.set_code(harness::Authenticator(registered->otpauth_uri()).CodeAt(absl::Now()));
  if (!owner.Call(&Accounts::ConfirmAuthenticationMethod, confirm).ok()) {
    harness::Fatal("the app was not confirmed");
  }
  return person;
}

// Password resets by an address that nobody else comes from.
class Resets {
 public:
  explicit Resets(const e2e::Actor& anybody) : anybody_(anybody) {}

  e2e::Answer<v1::StartPasswordResetResponse> Start(const std::string& username) {
    v1::StartPasswordResetRequest request;
    request.set_username(username);
    ++begun_;
    request.mutable_client()->set_ip_address(
        absl::StrCat("10.", begun_ / 65536, ".", begun_ / 256 % 256, ".", begun_ % 256));
    return anybody_.Call(&Recovery::StartPasswordReset, request);
  }

  // Begins the one whose codes are tried next.
  void Begin(const std::string& username) {
    const auto started = Start(username);
    if (!started.ok()) harness::Fatal(started.status.error_message());
    wrong_[username].set_reset_id(started->reset_id());
    wrong_[username].set_method_id(started->methods(0).method_id());
    wrong_[username].set_code("not it");
  }
  grpc::Status TryWrongCode(const std::string& username) {
    return anybody_.Call(&Recovery::VerifyPasswordResetCode, wrong_[username]).status;
  }

 private:
  const e2e::Actor& anybody_;
  std::map<std::string, v1::VerifyPasswordResetCodeRequest> wrong_;
  int begun_ = 0;
};

void CompareResets(int pairs) {
  e2e::StaffedServer service({.rules = RulesForManyCodes()});
  const std::string known = CreatePersonWithApp(service, "asha.patel").username;
  const e2e::Person person = CreatePersonWithApp(service, "kim.okafor");
  const std::string locked = person.username;
  const e2e::Actor anybody = service.NewActor();
  LockOut(anybody, person);
  Resets resets(anybody);
  const auto start = [&](const std::string& username) -> Ask {
    return [&resets, username](int i) {
      return resets.Start(username.empty() ? absl::StrCat("nobody.", i) : username).status;
    };
  };
  Compare("reset begun, unknown against unknown", grpc::StatusCode::OK, start(""), start(""),
          pairs);
  Compare("reset begun, known against unknown", grpc::StatusCode::OK, start(""), start(known),
          pairs);
  Compare("reset begun, locked against unknown", grpc::StatusCode::OK, start(""), start(locked),
          pairs);
  const auto wrong = [&](const std::string& username) -> Ask {
    return [&resets, username](int) { return resets.TryWrongCode(username); };
  };
  // Each name is tried in one comparison alone: what is counted of both grows alike.
  const auto compare = [&](const char* what, const std::string& nobody, const std::string& other) {
    Compare(what, grpc::StatusCode::FAILED_PRECONDITION, wrong(nobody), wrong(other), pairs, [&] {
      for (const std::string& username : {nobody, other}) resets.Begin(username);
    });
  };
  compare("wrong code, unknown against unknown", "no.body", "no.body.either");
  compare("wrong code, known against unknown", "no.body.here", known);
  compare("wrong code, locked against unknown", "no.body.there", locked);
}

void Run(int pairs) {
  std::cout << pairs << " pairs each, median difference [bootstrap 95 % interval]\n";
  CompareSignIns(pairs);
  CompareResets(pairs);
}

}  // namespace
}  // namespace gatehouse::bench

int main(int argc, char** argv) { gatehouse::bench::Run(argc > 1 ? std::atoi(argv[1]) : 1000); }
