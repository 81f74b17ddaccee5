#include "server/gateways.h"

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "server/delivery/composing_gateway.h"
#include "server/delivery/credentials.h"
#include "server/delivery/http_gateway.h"
#include "server/delivery/message_templates.h"
#include "server/delivery/smtp_gateway.h"
#include "server/runtime/outbox/spool_directory.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using Gateway = absl::StatusOr<std::unique_ptr<MessageGateway>>;

Peer PeerAt(const std::string& url, const ServerConfig& config) {
  return {.url = *ParseGatewayUrl(url),  // checked with the settings
          .ca_file = config.gateway_ca(),
          .timeout = GatewayTimeoutOf(config)};
}

absl::StatusOr<GatewayCredentials> ReadCredentials(const std::string& file,
                                                   GatewayProtocol protocol) {
  if (file.empty()) return GatewayCredentials();
  return protocol == GatewayProtocol::kSmtp ? ReadUsernameAndPassword(file) : ReadToken(file);
}

// Read again by each connection; better told now that it cannot be.
absl::Status CheckAuthorities(const std::string& path) {
  if (path.empty()) return absl::OkStatus();
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return absl::InvalidArgumentError(absl::StrCat("--gateway_ca: cannot read ", path));
  }
  if (absl::StrContains(text.str(), "-----BEGIN CERTIFICATE-----")) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--gateway_ca: ", path, " holds no CERTIFICATE in PEM form"));
}

Gateway OpenSpool(const std::string& path) {
  GATEHOUSE_ASSIGN_OR_RETURN(auto spool, SpoolDirectory::Open(path));
  return spool;
}

// Past the spool.
Gateway OpenWire(const std::string& url, const std::string& credentials_file,
                 const ServerConfig& config) {
  GATEHOUSE_RETURN_IF_ERROR(CheckAuthorities(config.gateway_ca()));
  Peer peer = PeerAt(url, config);
  GATEHOUSE_ASSIGN_OR_RETURN(GatewayCredentials credentials,
                             ReadCredentials(credentials_file, peer.url.protocol));
  if (peer.url.protocol == GatewayProtocol::kSmtp) {
    return std::make_unique<SmtpGateway>(std::move(peer), config.notification_sender(),
                                         std::move(credentials));
  }
  return std::make_unique<HttpGateway>(std::move(peer), std::move(credentials));
}

}  // namespace

Gateway OpenNotificationGateway(const ServerConfig& config) {
  Gateway gateway =
      config.notification_gateway().empty()
          ? OpenSpool(config.spool())
          : OpenWire(config.notification_gateway(), config.notification_credentials_file(), config);
  if (config.templates().empty()) return gateway;
  auto templates = MessageTemplates::Load({.directory = config.templates(),
                                           .language = config.language(),
                                           .time_zone = config.time_zone()});
  std::vector<absl::string_view> faults;
  if (!gateway.ok()) faults.push_back(gateway.status().message());
  if (!templates.ok()) faults.push_back(templates.status().message());
  if (!faults.empty()) return absl::FailedPreconditionError(absl::StrJoin(faults, "\n"));
  return std::make_unique<ComposingGateway>(*std::move(templates), *std::move(gateway));
}

Gateway OpenDirectoryGateway(const ServerConfig& config) {
  if (!config.directory_gateway().empty()) {
    return OpenWire(config.directory_gateway(), config.directory_credentials_file(), config);
  }
  GATEHOUSE_RETURN_IF_ERROR(SpoolDirectory::Open(config.spool()).status());
  return OpenSpool(absl::StrCat(config.spool(), "/directory"));
}

}  // namespace gatehouse::server
