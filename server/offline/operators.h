// `gatehouse-server bootstrap` and `operators remove`: the first account of a system, and an
// operator fewer. There is no network way to either. Belongs to one thread.
#ifndef GATEHOUSE_SERVER_OFFLINE_OPERATORS_H_
#define GATEHOUSE_SERVER_OFFLINE_OPERATORS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

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
// for who is none, and where no other would be left who has signed in to the end and still can.
absl::Status RemoveOperator(const ServerConfig& config, const Environment& environment,
                            absl::string_view username);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OFFLINE_OPERATORS_H_
