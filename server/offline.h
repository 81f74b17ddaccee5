// What an operator does to a system that is not running: the first account, an operator fewer,
// another policy, a restored database. There is no network way to any of it. Belongs to one thread.
#ifndef GATEHOUSE_SERVER_OFFLINE_H_
#define GATEHOUSE_SERVER_OFFLINE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "server/assembly.h"
#include "server/config.h"

namespace gatehouse::server {

// Who is to run the system, and in which organisation, which is created unless it exists.
struct FirstOperator {
  std::string organisation_name;
  std::string username;
  // To be confirmed, or corrected, by the operator at the first sign-in.
  std::string given_name = "System";
  std::string family_name = "Operator";
};

// Creates an OPERATOR's account. The JSON object `organisation_id, account_id, username,
// temporary_password`, a line each; nobody is told the password again. INVALID_ARGUMENT with all
// faults of the names, ALREADY_EXISTS for the username, or what opening the parts answers.
absl::StatusOr<std::string> Bootstrap(const ServerConfig& config, const Environment& environment,
                                      const FirstOperator& first);

// Takes the role from an OPERATOR, whom nobody outranks and so nobody can touch online; what is
// left is an account like others. They are told, as by WithdrawRole. NOT_FOUND; FAILED_PRECONDITION
// for whom it is not, and for the last one.
absl::Status RemoveOperator(const ServerConfig& config, const Environment& environment,
                            absl::string_view username);

// The text of the policy in force, whether a server of this version understands it or not.
absl::StatusOr<std::string> PolicyText(const ServerConfig& config, const Environment& environment);

// Puts the file of --policy in force, if it is sound and its tests pass: the way out where the
// policy in force is not one that the server understands, and it does not start. Leaves an event in
// the system's audit log. What to tell the operator.
absl::StatusOr<std::string> ActivatePolicyFile(const ServerConfig& config,
                                               const Environment& environment,
                                               absl::string_view reason);

// Begins a new incarnation of the revocation log: every session from before is over, those too
// whose revocation the backup does not know. Leaves an event in the system's audit log.
absl::Status AfterRestore(const ServerConfig& config, const Environment& environment);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OFFLINE_H_
