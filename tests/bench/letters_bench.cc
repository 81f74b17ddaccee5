// Invariant 9 by the clock: whether the time that an answer takes tells at which place a caller's
// letter is wrong. Asked in turns, over one connection: the median difference of the pairs with its
// bootstrap 95 % interval, which must lie within 1 ms. Run it on a machine that is quiet.
//
//   build/release/bin/letters_bench [pairs]

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

#include "tests/bench/paired.h"
#include "tests/e2e/staffed_server.h"
#include "tests/harness/fatal.h"

namespace gatehouse::bench {
namespace {

using Accounts = v1::AccountService::Stub;

constexpr int kWarmUp = 20;
constexpr char kSecret[] = "periwinkleandthistle";  // without a Z

// Calls of one person to one agent.
class Caller {
 public:
  explicit Caller(e2e::StaffedServer& service) : service_(service) {
    const e2e::Person person = service.CreatePerson("sam.osei");
    account_id_ = person.account_id;
    e2e::Actor actor = service.NewActor();
    v1::SetAccountSecretRequest secret;
    secret.set_password(person.password);
    secret.set_account_secret(kSecret);
    if (!actor.SignIn(person.username, person.password).ok() ||
        !actor.Call(&Accounts::SetAccountSecret, secret).ok()) {
      harness::Fatal("the caller has no secret");
    }
  }

  // How many milliseconds the answer to three letters takes of which this one, from 0, is wrong. A
  // right answer before it, now and then, keeps verification open.
  double WrongAt(int place) {
    constexpr int kFailuresThatLeaveItOpen = 2;
    if (failures_ == kFailuresThatLeaveItOpen) {
      Say(kNone, v1::VERIFICATION_OUTCOME_SUCCESS);
      failures_ = 0;
    }
    ++failures_;
    return Say(place, v1::VERIFICATION_OUTCOME_FAILED);
  }

 private:
  static constexpr int kNone = -1;

  double Say(int wrong, v1::VerificationOutcome expected) {
    v1::StartIdentityVerificationRequest start;
    start.set_account_id(account_id_);
    const auto asked = service_.administrator().Call(&Accounts::StartIdentityVerification, start);
    v1::AnswerIdentityVerificationRequest request;
    request.set_verification_id(asked->verification_id());
    for (int i = 0; i < asked->positions_size(); ++i) {
      request.add_letters(i == wrong ? "z" : std::string(1, kSecret[asked->positions(i) - 1]));
    }
    const absl::Time began = absl::Now();
    const auto answered =
        service_.administrator().Call(&Accounts::AnswerIdentityVerification, request);
    const absl::Time ended = absl::Now();
    if (!answered.ok() || answered->outcome() != expected) {
      harness::Fatal("a verification came to another end than it was to");
    }
    return absl::ToDoubleMilliseconds(ended - began);
  }

  e2e::StaffedServer& service_;
  std::string account_id_;
  int failures_ = 0;
};

// The order turned over from pair to pair.
void Compare(Caller& caller, int place, int pairs) {
  std::vector<double> differences;
  std::vector<double> of_first;
  for (int i = -kWarmUp; i < pairs; ++i) {
    const bool turned = i % 2 != 0;
    const double one = caller.WrongAt(turned ? place : 0);
    const double other = caller.WrongAt(turned ? 0 : place);
    if (i < 0) continue;
    differences.push_back(turned ? one - other : other - one);
    of_first.push_back(turned ? other : one);
  }
  std::cout << absl::StreamFormat("letter %d wrong against the first %s ms of %s ms\n", place + 1,
                                  Format(MedianWithInterval(differences), 3),
                                  Format(MedianWithInterval(of_first), 2))
            << std::flush;
}

void Run(int pairs) {
  e2e::StaffedServer service;
  Caller caller(service);
  std::cout << pairs << " pairs each, median difference [bootstrap 95 % interval]\n";
  for (const int place : {0, 1, 2}) Compare(caller, place, pairs);
}

}  // namespace
}  // namespace gatehouse::bench

int main(int argc, char** argv) { gatehouse::bench::Run(argc > 1 ? std::atoi(argv[1]) : 1000); }
