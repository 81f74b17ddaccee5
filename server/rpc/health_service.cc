#include "server/rpc/health_service.h"

#include "server/rpc/services.h"

namespace gatehouse::server {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using ServingStatus = HealthCheckResponse::ServingStatus;

std::set<std::string> Names() {
  std::set<std::string> names = {""};
  for (const auto* service : Services()) names.insert(service->full_name());
  return names;
}

ServingStatus StatusOf(bool serving) {
  return serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

}  // namespace

// One watch. All its members are guarded by the service's mutex; gRPC never calls a reaction on the
// thread that starts an operation, so that operations may be started under it.
class HealthService::Watcher final : public grpc::ServerWriteReactor<HealthCheckResponse> {
 public:
  Watcher(HealthService& service, bool known) : service_(service), known_(known) {
    const std::lock_guard lock(service_.mutex_);
    service_.watchers_.insert(this);
    Advance();
  }

  // Sends what the client does not know yet, one message at a time; ends the watch when the service
  // has stopped and nothing is left to say.
  void Advance() {
    if (finished_ || sending_) return;
    const ServingStatus current =
        known_ ? StatusOf(service_.serving_) : HealthCheckResponse::SERVICE_UNKNOWN;
    if (message_.status() != current) {
      message_.set_status(current);
      sending_ = true;
      StartWrite(&message_);
    } else if (service_.stopped_) {
      End(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is stopping"));
    }
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(service_.mutex_);
    sending_ = false;
    if (ok) {
      Advance();
    } else {
      End(grpc::Status::CANCELLED);
    }
  }

  void OnCancel() override {
    const std::lock_guard lock(service_.mutex_);
    End(grpc::Status::CANCELLED);
  }

  void OnDone() override {
    {
      const std::lock_guard lock(service_.mutex_);
      service_.watchers_.erase(this);
    }
    delete this;
  }

 private:
  void End(const grpc::Status& status) {
    if (finished_) return;
    finished_ = true;
    Finish(status);
  }

  HealthService& service_;
  const bool known_;
  HealthCheckResponse message_;  // UNKNOWN, which is never sent, until the first one
  bool sending_ = false;
  bool finished_ = false;
};

HealthService::HealthService() : names_(Names()) {}

HealthService::~HealthService() = default;

bool HealthService::serving() const {
  const std::lock_guard lock(mutex_);
  return serving_;
}

void HealthService::SetServing(bool serving) {
  const std::lock_guard lock(mutex_);
  if (stopped_ || serving_ == serving) return;
  serving_ = serving;
  for (Watcher* watcher : watchers_) watcher->Advance();
}

void HealthService::Stop() {
  const std::lock_guard lock(mutex_);
  serving_ = false;
  stopped_ = true;
  for (Watcher* watcher : watchers_) watcher->Advance();
}

grpc::ServerUnaryReactor* HealthService::Check(grpc::CallbackServerContext* context,
                                               const HealthCheckRequest* request,
                                               HealthCheckResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  if (!Knows(request->service())) {
    reactor->Finish(grpc::Status(grpc::StatusCode::NOT_FOUND, "there is no such service here"));
    return reactor;
  }
  response->set_status(StatusOf(serving()));
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<HealthCheckResponse>* HealthService::Watch(
    grpc::CallbackServerContext*, const HealthCheckRequest* request) {
  return new Watcher(*this, Knows(request->service()));
}

}  // namespace gatehouse::server
