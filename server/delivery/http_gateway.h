// The gateway that posts each message, as one JSON object, to the URL that the settings name. The
// header Idempotency-Key is the message's id, so that one that comes again can be recognised.
// Thread-safe: one message at a time, on a connection that is kept.
#ifndef GATEHOUSE_SERVER_DELIVERY_HTTP_GATEWAY_H_
#define GATEHOUSE_SERVER_DELIVERY_HTTP_GATEWAY_H_

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/status/status.h"

#include "server/delivery/credentials.h"
#include "server/delivery/curl_transfer.h"
#include "server/runtime/outbox/message_gateway.h"

namespace gatehouse::server {

class HttpGateway final : public MessageGateway {
 public:
  HttpGateway(Peer peer, GatewayCredentials credentials)
      : peer_(std::move(peer)), credentials_(std::move(credentials)) {}

  // 2xx: taken over. INVALID_ARGUMENT: an answer that finds fault with the message (400, 410, 413,
  // 415, 422). ABORTED: 409. UNAVAILABLE: every other answer, redirects among them, and none.
  absl::Status Deliver(const outbox::v1::Message& message) override;
  void Stop() override { stopped_ = true; }

 private:
  const Peer peer_;
  const GatewayCredentials credentials_;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;
  std::unique_ptr<CurlTransfer> transfer_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_DELIVERY_HTTP_GATEWAY_H_
