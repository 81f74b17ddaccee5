// `gatehouse-server passwords index INPUT OUTPUT`: of a list of breached passwords, the compact
// file that --breached_passwords names. Needs no settings, and no server. Belongs to one thread.
#ifndef GATEHOUSE_SERVER_OFFLINE_PASSWORD_INDEX_H_
#define GATEHOUSE_SERVER_OFFLINE_PASSWORD_INDEX_H_

#include <string>

#include "absl/status/statusor.h"

#include "server/runtime/entropy.h"

namespace gatehouse::server {

// Reads `input` ("-": the standard input) in one of the forms of
// server/secrets/known/password_lines.h, and puts the file at `output`, in the place of what is
// there. What there is to tell about it, lines for people: how many passwords, how large, and how
// often it takes another password for one of them, by calculation and as measured. INVALID_ARGUMENT
// for a list that holds no password, or a line that does not belong there; else the system's error.
absl::StatusOr<std::string> IndexPasswords(const std::string& input, const std::string& output,
                                           Entropy& entropy);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OFFLINE_PASSWORD_INDEX_H_
