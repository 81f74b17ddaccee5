// The gateway that sends mail, by SMTP, to the relay that the settings name: each on a connection
// of its own, which a relay that falls silent cannot hold up for longer than the peer's timeout,
// twice. Thread-safe. A mail that comes again has the same Message-ID.
#ifndef GATEHOUSE_SERVER_DELIVERY_SMTP_GATEWAY_H_
#define GATEHOUSE_SERVER_DELIVERY_SMTP_GATEWAY_H_

#include <atomic>
#include <string>
#include <utility>

#include "absl/status/status.h"

#include "server/delivery/credentials.h"
#include "server/delivery/curl_transfer.h"
#include "server/runtime/outbox/message_gateway.h"

namespace gatehouse::server {

class SmtpGateway final : public MessageGateway {
 public:
  // `sender` is a mail address.
  SmtpGateway(Peer peer, std::string sender, GatewayCredentials credentials)
      : peer_(std::move(peer)), sender_(std::move(sender)), credentials_(std::move(credentials)) {}

  // INVALID_ARGUMENT: no address, no words, or the relay refuses the recipient or the mail for
  // good. ABORTED: it does so for now. UNAVAILABLE: anything else, such as a relay that wants other
  // credentials (530, 535), or will have nothing to do with us (554).
  absl::Status Deliver(const outbox::v1::Message& message) override;
  void Stop() override { stopped_ = true; }

 private:
  const Peer peer_;
  const std::string sender_;
  const GatewayCredentials credentials_;
  std::atomic<bool> stopped_ = false;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_DELIVERY_SMTP_GATEWAY_H_
