#include "server/rpc/caller.h"

#include <iterator>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "grpc/grpc_security_constants.h"
#include "grpcpp/security/auth_context.h"

#include "server/operations/errors.h"

namespace gatehouse::server {
namespace {

constexpr absl::string_view kLocal = "local";
constexpr absl::string_view kScheme = "Bearer ";

}  // namespace

absl::StatusOr<std::string> CallerName(const grpc::ServerContextBase& context,
                                       Transport transport) {
  if (transport == Transport::kInsecureLoopback) return std::string(kLocal);
  const std::vector<grpc::string_ref> names =
      context.auth_context()->FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME);
  if (names.empty()) {
    return Error(absl::StatusCode::kUnauthenticated, v1::ERROR_REASON_CALLER_UNKNOWN,
                 "the client's certificate bears no URI name; have one issued with a URI as its "
                 "subject alternative name");
  }
  return std::string(names.front().data(), names.front().size());
}

SecretString BearerToken(const grpc::ServerContextBase& context) {
  const auto& metadata = context.client_metadata();
  const auto [first, last] = metadata.equal_range("authorization");
  if (first == last || std::next(first) != last) return SecretString();
  absl::string_view value(first->second.data(), first->second.size());
  if (!absl::StartsWithIgnoreCase(value, kScheme)) return SecretString();
  value.remove_prefix(kScheme.size());
  return SecretString(value);
}

}  // namespace gatehouse::server
