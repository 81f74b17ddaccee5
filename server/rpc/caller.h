// Who is on the other end of a call: the service, by its certificate, and the session token that it
// presents. Pure functions, thread-safe; what they return does not refer to the context.
#ifndef GATEHOUSE_SERVER_RPC_CALLER_H_
#define GATEHOUSE_SERVER_RPC_CALLER_H_

#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/server_context.h"

#include "server/secrets/secret_string.h"

namespace gatehouse::server {

enum class Transport {
  kMutualTls,
  kInsecureLoopback,
};

// The URI name of the client's certificate; UNAUTHENTICATED / CALLER_UNKNOWN if it bears none.
// Without TLS there are no names: every caller is "local".
absl::StatusOr<std::string> CallerName(const grpc::ServerContextBase& context, Transport transport);

// The token of `authorization: Bearer TOKEN`; empty if there is none, more than one, or another
// scheme.
SecretString BearerToken(const grpc::ServerContextBase& context);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RPC_CALLER_H_
