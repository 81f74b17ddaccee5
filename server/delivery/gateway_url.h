// Where a message gateway is, as the settings name it. Values and pure functions.
#ifndef GATEHOUSE_SERVER_DELIVERY_GATEWAY_URL_H_
#define GATEHOUSE_SERVER_DELIVERY_GATEWAY_URL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace gatehouse::server {

enum class GatewayProtocol { kSmtp, kHttp };

// How the wire is made safe. Without TLS only where the wire does not leave the machine.
enum class WireSecurity { kNone, kStartTls, kTls };

struct GatewayUrl {
  GatewayProtocol protocol = GatewayProtocol::kHttp;
  WireSecurity security = WireSecurity::kTls;
  std::string url;  // as libcurl takes it
};

// smtp://HOST[:PORT], which turns to TLS before anything is told; smtps://HOST[:PORT];
// https://HOST[:PORT][/PATH]. On loopback, smtp:// and http:// go without TLS.
// INVALID_ARGUMENT says what it must be, and repeats nothing of what it was.
absl::StatusOr<GatewayUrl> ParseGatewayUrl(absl::string_view url);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_DELIVERY_GATEWAY_URL_H_
