#include "clients/cli/connection.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace gatehouse::cli {
namespace {

bool IsThisMachine(const std::string& server) {
  for (const char* prefix : {"unix:", "127.", "localhost:", "[::1]:"}) {
    if (absl::StartsWith(server, prefix)) return true;
  }
  return false;
}

absl::Status ReadInto(const std::string& path, std::string& pem) {
  if (path.empty()) return absl::OkStatus();
  std::ifstream stream(path);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  pem = text.str();
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> Credentials(const Settings& settings) {
  if (settings.tls_certificate.empty() != settings.tls_key.empty()) {
    return absl::InvalidArgumentError("--tls-certificate and --tls-key belong together");
  }
  const bool tls_wanted = !settings.tls_ca.empty() || !settings.tls_certificate.empty();
  if (!tls_wanted && IsThisMachine(settings.server)) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  for (const absl::Status& read : {ReadInto(settings.tls_ca, options.pem_root_certs),
                                   ReadInto(settings.tls_certificate, options.pem_cert_chain),
                                   ReadInto(settings.tls_key, options.pem_private_key)}) {
    if (!read.ok()) return read;
  }
  return grpc::SslCredentials(options);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Settings& settings) {
  auto credentials = Credentials(settings);
  if (!credentials.ok()) return credentials.status();
  grpc::ChannelArguments arguments;
  // A proxy of the environment is meant for the web, not for tokens.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return std::unique_ptr<Connection>(
      new Connection(grpc::CreateCustomChannel(settings.server, *credentials, arguments),
                     std::chrono::seconds(settings.timeout_seconds)));
}

Connection::Connection(std::shared_ptr<grpc::Channel> channel, std::chrono::seconds timeout)
    : channel_(std::move(channel)), timeout_(timeout) {}

void Connection::Prepare(grpc::ClientContext& context) const {
  context.set_deadline(std::chrono::system_clock::now() + timeout_);
  PrepareStream(context);
}

void Connection::PrepareStream(grpc::ClientContext& context) const {
  if (!token_.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", token_));
}

}  // namespace gatehouse::cli
