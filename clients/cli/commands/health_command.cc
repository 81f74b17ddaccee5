// health: whether each part of the server serves.

#include <memory>

#include "grpc/health/v1/health.grpc.pb.h"

#include "clients/cli/commands/commands.h"
#include "clients/cli/views/table.h"
#include "nlohmann/json.hpp"

namespace gatehouse::cli {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using Health = grpc::health::v1::Health::Stub;

constexpr const char* kServices[] = {
    "gatehouse.v1.AccountService",      "gatehouse.v1.SessionService",
    "gatehouse.v1.OrganisationService", "gatehouse.v1.RecoveryService",
    "gatehouse.v1.PolicyService",       "gatehouse.v1.AuditService",
};

void Tell(Invocation& invocation) {
  Table table;
  nlohmann::ordered_json json;
  bool all_serve = true;
  for (const char* service : kServices) {
    HealthCheckRequest request;
    request.set_service(service);
    const auto response = invocation.Call(&Health::Check, request);
    if (!response.has_value()) return;
    const bool serves = response->status() == HealthCheckResponse::SERVING;
    const std::string status = HealthCheckResponse::ServingStatus_Name(response->status());
    table.AddRow({service, {status, serves ? Tone::kGood : Tone::kBad}});
    json[service] = status;
    all_serve = all_serve && serves;
  }
  invocation.Write(invocation.settings().json ? json.dump(1) + "\n"
                                              : table.Render(invocation.look()));
  if (!all_serve) {
    invocation.Fail(ExitCode::kUnavailable, "not everything serves; the server's log says why");
  }
}

// For scripts that wait: the exit code alone, about the server as a whole.
void TellByExitCode(Invocation& invocation) {
  const auto response = invocation.TryCall(&Health::Check, HealthCheckRequest());
  if (!response.has_value() || response->status() != HealthCheckResponse::SERVING) {
    invocation.set_exit_code(ExitCode::kUnavailable);
  }
}

}  // namespace

void AddHealthCommand(CLI::App& app, Invocation& invocation) {
  auto quiet = std::make_shared<bool>(false);
  CLI::App* health = app.add_subcommand("health", "Whether the server serves, part by part");
  health->add_flag("--quiet", *quiet, "Say nothing, and tell by the exit code");
  health->callback(
      [quiet, &invocation] { *quiet ? TellByExitCode(invocation) : Tell(invocation); });
}

}  // namespace gatehouse::cli
