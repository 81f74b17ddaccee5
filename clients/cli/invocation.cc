#include "clients/cli/invocation.h"

#include <cstdlib>
#include <iostream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

#include "clients/cli/request_id.h"
#include "clients/cli/terminal.h"
#include "clients/cli/views/json.h"
#include "gatehouse/v1/account_service.grpc.pb.h"
#include "gatehouse/v1/organisation_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

constexpr absl::string_view kIdPrefix = "id:";

ExitCode ExitCodeOf(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsInternal(status) ? ExitCode::kFault
                                                                 : ExitCode::kUsage;
}

}  // namespace

Look Invocation::look() const {
  const bool automatic = OutputIsTerminal() && std::getenv("NO_COLOR") == nullptr;
  return {.colours = settings_.colour == "always" || (settings_.colour == "auto" && automatic),
          .now = absl::Now(),
          .zone = absl::LocalTimeZone()};
}

Connection* Invocation::Connect() {
  if (connection_ != nullptr) return connection_.get();
  auto token = Credentials().Find(settings_.server);
  if (!Accept(token)) return nullptr;
  auto connection = Connection::Open(settings_);
  if (!Accept(connection)) return nullptr;
  connection_ = *std::move(connection);
  connection_->set_token(token->value_or(""));
  return connection_.get();
}

std::string Invocation::NextRequestId() {
  if (requests_named_++ == 0) {
    request_id_ = settings_.request_id.empty() ? NewRequestId() : settings_.request_id;
    return request_id_;
  }
  return NamedRequestId(absl::StrCat(request_id_, "\n", requests_named_));
}

bool Invocation::IsChange(const google::protobuf::Message& request) {
  return request.GetDescriptor()->FindFieldByName("request_id") != nullptr;
}

void Invocation::SayAskedAgain(const grpc::Status& status) {
  if (settings_.json) return;
  Say(IsDoneButNotProven(status)
          ? "Done, but not proven yet; asked again under the same request id.\n"
          : "Whether that was done is not known; asked again under the same request id, which does "
            "it once.\n");
}

void Invocation::SayHowToRepeat() {
  if (settings_.json || request_id_.empty()) return;
  Say(absl::StrCat("  To ask again without doing it twice, give the same command with\n",
                   "     --request-id ", request_id_, "\n"));
}

void Invocation::Print(const google::protobuf::Message& message, const std::string& text) {
  if (settings_.json) {
    PrintJson(message, JsonForm::kIndented);
  } else {
    Write(text);
  }
}

bool Invocation::PrintJson(const google::protobuf::Message& message, JsonForm form) {
  const absl::StatusOr<std::string> json = ToJson(message, form);
  if (!Accept(json)) return false;
  Write(*json);
  return true;
}

void Invocation::Write(const std::string& text) { std::cout << text; }

bool Invocation::Flush() {
  if (std::cout.flush()) return true;
  Fail(ExitCode::kFault, "the output cannot be written to its end");
  return false;
}

void Invocation::Say(const std::string& text) { std::cerr << text; }

void Invocation::Refuse(const grpc::Status& status) {
  const Refusal refusal = DecodeRefusal(status);
  exit_code_ = cli::ExitCodeOf(refusal);
  if (settings_.json) {
    std::cerr << ToJson(refusal);
  } else {
    std::cerr << RenderRefusal(refusal, {.username = subject_, .server = settings_.server}, look());
  }
}

void Invocation::Fail(ExitCode code, const std::string& sentence) {
  exit_code_ = code;
  std::cerr << "gatehousectl: " << Printable(sentence) << "\n";
}

bool Invocation::Accept(const absl::Status& status) {
  if (status.ok()) return true;
  Fail(ExitCodeOf(status), std::string(status.message()));
  return false;
}

std::optional<v1::Account> Invocation::FindAccount(const std::string& name) {
  v1::GetAccountRequest request;
  if (absl::StartsWith(name, kIdPrefix)) {
    request.set_account_id(name.substr(kIdPrefix.size()));
  } else {
    request.set_username(name);
    set_subject(name);
  }
  auto response = Call(&v1::AccountService::Stub::GetAccount, request);
  if (!response.has_value()) return std::nullopt;
  return std::move(*response->mutable_account());
}

std::optional<v1::Organisation> Invocation::FindOrganisation(const std::string& name) {
  if (name.empty() || absl::StartsWith(name, kIdPrefix)) {
    v1::GetOrganisationRequest request;
    request.set_organisation_id(std::string(absl::StripPrefix(name, kIdPrefix)));
    auto response = Call(&v1::OrganisationService::Stub::GetOrganisation, request);
    if (!response.has_value()) return std::nullopt;
    return std::move(*response->mutable_organisation());
  }
  v1::ListOrganisationsRequest request;
  request.set_name_prefix(name);
  auto response = Call(&v1::OrganisationService::Stub::ListOrganisations, request);
  if (!response.has_value()) return std::nullopt;
  for (v1::Organisation& organisation : *response->mutable_organisations()) {
    if (absl::EqualsIgnoreCase(organisation.display_name(), name)) return std::move(organisation);
  }
  Fail(ExitCode::kNotPermitted, absl::StrCat("no organisation is named \"", name, "\""));
  return std::nullopt;
}

std::string Invocation::OrganisationName(const std::string& organisation_id) {
  v1::GetOrganisationRequest request;
  request.set_organisation_id(organisation_id);
  const auto response = TryCall(&v1::OrganisationService::Stub::GetOrganisation, request);
  return response.has_value() ? response->organisation().display_name() : organisation_id;
}

bool Invocation::KeepToken(const std::string& token) {
  if (token.empty()) return true;  // A replay: the token was told, and kept, before.
  if (!Accept(Credentials().Keep(settings_.server, token))) return false;
  connection_->set_token(token);
  return true;
}

bool Invocation::ForgetToken() { return Accept(Credentials().Forget(settings_.server)); }

CredentialsFile Invocation::Credentials() const {
  return CredentialsFile(settings_.credentials.empty()
                             ? CredentialsFile::DefaultPath()
                             : std::filesystem::path(settings_.credentials));
}

}  // namespace gatehouse::cli
