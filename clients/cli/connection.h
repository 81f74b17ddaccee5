// The channel to one server, and one call over it with the token and a deadline. Without TLS only
// to this machine: a token must not cross a network in the clear. Not thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_CONNECTION_H_
#define GATEHOUSE_CLIENTS_CLI_CONNECTION_H_

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

#include "clients/cli/settings.h"

namespace gatehouse::cli {

class Connection {
 public:
  // Fails when a TLS file cannot be read. Nothing is dialled before the first call.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Settings& settings);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // Every call from now on is made as this session's; empty: as nobody's.
  void set_token(std::string token) { token_ = std::move(token); }
  const std::string& token() const { return token_; }

  // Puts deadline and token on a call.
  void Prepare(grpc::ClientContext& context) const;
  // The same on a stream, which lasts as long as it has to.
  void PrepareStream(grpc::ClientContext& context) const;

 private:
  Connection(std::shared_ptr<grpc::Channel> channel, std::chrono::seconds timeout);

  std::shared_ptr<grpc::Channel> channel_;
  std::chrono::seconds timeout_;
  std::string token_;
};

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_CONNECTION_H_
