// Where the server may listen, and with what it proves itself. Pure but for reading the files;
// thread-safe.
#ifndef GATEHOUSE_SERVER_RPC_LISTENING_H_
#define GATEHOUSE_SERVER_RPC_LISTENING_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "grpcpp/security/server_credentials.h"

#include "server/rpc/caller.h"

namespace gatehouse::server {

// PEM files.
struct TlsFiles {
  std::string certificate;  // the server's, and those between it and its root
  std::string key;
  std::string client_ca;  // who issues the clients' certificates
};

// Whether only this machine can reach the address: a Unix socket ("unix:PATH"), 127.0.0.0/8, ::1 or
// localhost.
bool IsLoopback(absl::string_view address);

// INVALID_ARGUMENT for what is no HOST:PORT or unix:PATH, and for an address that others can reach
// without TLS.
absl::Status CheckListenAddress(absl::string_view address, Transport transport);

// With mutual TLS, a client needs a certificate that `client_ca` issued. INVALID_ARGUMENT names the
// file that cannot be read or is not what it should be.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(Transport transport,
                                                                         const TlsFiles& files);

// UNAVAILABLE with the cause if nobody could listen there now: the port is taken, the directory is
// missing, the privilege is lacking.
absl::Status ProbeListenAddress(absl::string_view address);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RPC_LISTENING_H_
