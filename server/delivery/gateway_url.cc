#include "server/delivery/gateway_url.h"

#include "re2/re2.h"

namespace gatehouse::server {
namespace {

bool IsLoopback(const std::string& host) {
  static const RE2 loopback(R"(localhost|127(\.\d{1,3}){3}|\[::1\])");
  return RE2::FullMatch(host, loopback);
}

}  // namespace

absl::StatusOr<GatewayUrl> ParseGatewayUrl(absl::string_view url) {
  static const RE2 form(
      R"((smtps?|https?)://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?(/[^\x00-\x20\x7f-\xff#]*)?)",
      RE2::Latin1);
  std::string scheme;
  std::string host;
  std::string path;
  if (!RE2::FullMatch(re2::StringPiece(url.data(), url.size()), form, &scheme, &host, &path)) {
    return absl::InvalidArgumentError(
        "must be smtp://HOST[:PORT], smtps://HOST[:PORT] or https://HOST[:PORT][/PATH], without a "
        "name or password");
  }
  GatewayUrl parsed{
      .protocol = scheme.starts_with("smtp") ? GatewayProtocol::kSmtp : GatewayProtocol::kHttp,
      .security = WireSecurity::kTls,
      .url = std::string(url)};
  if (parsed.protocol == GatewayProtocol::kSmtp && !path.empty()) {
    return absl::InvalidArgumentError("a mail server has no path");
  }
  if (scheme == "smtp" || scheme == "http") {
    parsed.security = IsLoopback(host)   ? WireSecurity::kNone
                      : scheme == "smtp" ? WireSecurity::kStartTls
                                         : WireSecurity::kTls;
    if (parsed.security == WireSecurity::kTls) {
      return absl::InvalidArgumentError("http:// is for loopback only; it must be https://");
    }
  }
  return parsed;
}

}  // namespace gatehouse::server
