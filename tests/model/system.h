// Gatehouse as the model's driver sees it: calls in the contract's messages, and a clock that the
// driver moves. There are three, each with an operator to begin with:
//
// - NewFakeSystem: the operations over stores in memory (tests/operations/world.h). Its clock
//   stands still between steps, so that it can be put on an instant to the microsecond, and a new
//   one costs a few milliseconds: this is where thousands of sequences run.
// - NewAssembledSystem: all that the server consists of (server/assembly.h) with a real SQLite, a
//   real Redis and gRPC between, on a clock that runs, and can be put forward, and with no sweeps:
//   the binary takes its time from the system alone, and has no seam for another one, as it should
//   be.
// - NewBinarySystem: the binary itself, whose clock only runs.
//
// Belongs to one thread.
#ifndef GATEHOUSE_TESTS_MODEL_SYSTEM_H_
#define GATEHOUSE_TESTS_MODEL_SYSTEM_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/status.h"

#include "gatehouse/v1/account_service.pb.h"

namespace gatehouse::model {

enum class ClockKind {
  kStandsStill,  // moves by Advance alone
  kRuns,         // and can be put forward
  kOnlyRuns,
};

// The operator who is there before anything was done.
struct FirstOperator {
  std::string account_id;
  std::string username;
  std::string password;
  // Whether the operator has nothing left to do but perhaps to register a method, and a first
  // acceptable use policy is published; else the password is a temporary one, and nothing is.
  bool settled = false;
  std::string aup;  // which is that first one
};

// A code that left for a telephone, and how: "SMS" or "VOICE".
struct SentCode {
  std::string number;
  std::string by;
  std::string text;
};

class System {
 public:
  virtual ~System() = default;

  virtual const FirstOperator& first_operator() const = 0;

  // One unary method, which the request's type names. An empty token is no actor.
  virtual grpc::Status Call(const std::string& token, const google::protobuf::Message& request,
                            google::protobuf::Message& response) = 0;

  // A whole import, and what became of its accounts.
  virtual grpc::Status Import(const std::string& token,
                              const std::vector<v1::ImportAccountsRequest>& messages,
                              std::vector<v1::ImportAccountsResponse>& results) = 0;

  // All codes that left for telephones since this was last asked. Where they leave in their own
  // time, as many as these are waited for.
  virtual std::vector<SentCode> TakeCodes(size_t expected) = 0;

  virtual ClockKind clock() const = 0;
  virtual absl::Time Now() const = 0;
  // By more than nothing; not of a clock that only runs.
  virtual void Advance(absl::Duration step) = 0;
};

std::unique_ptr<System> NewFakeSystem();
std::unique_ptr<System> NewAssembledSystem();
std::unique_ptr<System> NewBinarySystem();

}  // namespace gatehouse::model

#endif  // GATEHOUSE_TESTS_MODEL_SYSTEM_H_
