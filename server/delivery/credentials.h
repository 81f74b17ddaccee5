// What a gateway asks of us, from a file that nobody else can read. Thread-safe.
#ifndef GATEHOUSE_SERVER_DELIVERY_CREDENTIALS_H_
#define GATEHOUSE_SERVER_DELIVERY_CREDENTIALS_H_

#include <string>

#include "absl/status/statusor.h"

#include "server/secrets/secret_string.h"

namespace gatehouse::server {

struct GatewayCredentials {
  std::string username;  // empty where a token is all
  SecretString secret;   // the password or the token; empty: none is needed
};

// The file's one line, a token; or its two, a username and a password: printable ASCII, so that
// neither breaks out of a header. As ReadKeyFile, or INVALID_ARGUMENT; every error names the file.
absl::StatusOr<GatewayCredentials> ReadToken(const std::string& path);
absl::StatusOr<GatewayCredentials> ReadUsernameAndPassword(const std::string& path);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_DELIVERY_CREDENTIALS_H_
