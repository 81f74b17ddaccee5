// A call that was refused, with its details decoded, and how a person or a program is told of it:
// which rules stand against it, who can mend each, by which command, and from when. Values;
// thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_VIEWS_REFUSAL_H_
#define GATEHOUSE_CLIENTS_CLI_VIEWS_REFUSAL_H_

#include <optional>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"

#include "clients/cli/exit_code.h"
#include "clients/cli/views/look.h"
#include "gatehouse/v1/decision.pb.h"

namespace gatehouse::cli {

struct Refusal {
  grpc::StatusCode code = grpc::StatusCode::UNKNOWN;
  std::string message;
  std::string reason;  // "AUP_NOT_ACCEPTED"; empty for a fault of the transport.
  std::optional<v1::Decision> decision;
  google::rpc::BadRequest fields;
  std::optional<google::rpc::RetryInfo> retry;
  google::rpc::Status status;  // All of it, for programs.
};

Refusal DecodeRefusal(const grpc::Status& status);

// Whether it refuses nothing: what was asked is done, and only the proof is still to be had.
bool IsDoneButNotProven(const grpc::Status& status);

// Whether what was asked may have been done all the same: the answer was lost, or says so.
bool MayBeDone(const grpc::Status& status);

// Whether the server was not reached, so that nothing was asked.
bool IsUnreachable(const grpc::Status& status);

ExitCode ExitCodeOf(const Refusal& refusal);

// What the refused command was about, for the commands that the refusal proposes.
struct RefusalContext {
  std::string username;  // As it was typed; empty where no account was named.
  std::string server;
};

std::string RenderRefusal(const Refusal& refusal, const RefusalContext& context, const Look& look);

// The rules against an action, each with its ways out: the body of a refusal, and of an
// eligibility's "no".
std::string RenderViolations(const v1::Decision& decision, const std::string& username,
                             const Look& look);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_VIEWS_REFUSAL_H_
