#include "server/rpc/listening.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace gatehouse::server {
namespace {

constexpr absl::string_view kUnix = "unix:";

struct HostPort {
  std::string host;
  std::string port;
};

// "HOST:PORT" or "[HOST]:PORT".
std::optional<HostPort> Split(absl::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  absl::string_view host = address.substr(0, colon);
  const absl::string_view port = address.substr(colon + 1);
  int number = 0;
  if (!absl::SimpleAtoi(port, &number) || number < 0 || number > 65535) return std::nullopt;
  if (absl::ConsumePrefix(&host, "[")) {
    if (!absl::ConsumeSuffix(&host, "]")) return std::nullopt;
  } else if (absl::StrContains(host, ':')) {
    return std::nullopt;
  }
  if (host.empty()) return std::nullopt;
  return HostPort{std::string(host), std::string(port)};
}

absl::StatusOr<std::string> ReadPem(absl::string_view flag, const std::string& path,
                                    absl::string_view kind) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return absl::InvalidArgumentError(absl::StrCat("--", flag, ": cannot read ", path));
  }
  if (!absl::StrContains(text.str(), absl::StrCat(kind, "-----"))) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", flag, ": ", path, " holds no ", kind, " in PEM form"));
  }
  return text.str();
}

absl::Status CannotListen(absl::string_view address, absl::string_view cause) {
  return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": ", cause));
}

// A socket file may be left over from a server that was killed; one that answers is not.
absl::Status ProbeUnix(absl::string_view address, const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof(name.sun_path)) return CannotListen(address, "the path is too long");
  std::memcpy(name.sun_path, path.data(), path.size());
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const absl::Cleanup close_probe = [probe] { close(probe); };
  if (connect(probe, reinterpret_cast<const sockaddr*>(&name), sizeof(name)) == 0) {
    return CannotListen(address, "another server listens there");
  }
  return absl::OkStatus();
}

absl::Status ProbeTcp(absl::string_view address, const HostPort& where) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int fault = getaddrinfo(where.host.c_str(), where.port.c_str(), &hints, &found);
      fault != 0) {
    return CannotListen(address, gai_strerror(fault));
  }
  const absl::Cleanup free_found = [found] { freeaddrinfo(found); };
  const int probe = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const absl::Cleanup close_probe = [probe] { close(probe); };
  const int yes = 1;
  setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (bind(probe, found->ai_addr, found->ai_addrlen) != 0 || listen(probe, 1) != 0) {
    return CannotListen(address, std::strerror(errno));
  }
  return absl::OkStatus();
}

}  // namespace

bool IsLoopback(absl::string_view address) {
  if (absl::StartsWith(address, kUnix)) return true;
  const std::optional<HostPort> where = Split(address);
  if (!where.has_value()) return false;
  in_addr v4;
  if (inet_pton(AF_INET, where->host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6;
  if (inet_pton(AF_INET6, where->host.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6);
  return where->host == "localhost";
}

absl::Status CheckListenAddress(absl::string_view address, Transport transport) {
  const bool is_unix = absl::StartsWith(address, kUnix) && address.size() > kUnix.size();
  if (!is_unix && !Split(address).has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--listen=", address, ": must be HOST:PORT, [IPV6]:PORT or unix:PATH"));
  }
  if (transport == Transport::kInsecureLoopback && !IsLoopback(address)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--listen=", address, ": others can reach this address; without TLS the server listens on ",
        "loopback or a Unix socket only (give --tls_certificate, --tls_key and --tls_client_ca)"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(Transport transport,
                                                                         const TlsFiles& files) {
  if (transport == Transport::kInsecureLoopback) return grpc::InsecureServerCredentials();
  const auto certificate = ReadPem("tls_certificate", files.certificate, "CERTIFICATE");
  if (!certificate.ok()) return certificate.status();
  const auto key = ReadPem("tls_key", files.key, "PRIVATE KEY");
  if (!key.ok()) return key.status();
  const auto client_ca = ReadPem("tls_client_ca", files.client_ca, "CERTIFICATE");
  if (!client_ca.ok()) return client_ca.status();
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = *client_ca;
  options.pem_key_cert_pairs.push_back({*key, *certificate});
  return grpc::SslServerCredentials(options);
}

absl::Status ProbeListenAddress(absl::string_view address) {
  absl::string_view path = address;
  if (absl::ConsumePrefix(&path, kUnix)) return ProbeUnix(address, std::string(path));
  const std::optional<HostPort> where = Split(address);
  if (!where.has_value()) return CannotListen(address, "it is no address");
  return ProbeTcp(address, *where);
}

}  // namespace gatehouse::server
