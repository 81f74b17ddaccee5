#include "clients/cli/views/refusal.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "clients/cli/views/mends.h"
#include "clients/cli/views/table.h"
#include "clients/cli/views/words.h"

namespace gatehouse::cli {
namespace {

constexpr size_t kNarrowestReason = 20;

// The one refusal that refuses nothing.
constexpr absl::string_view kNotProven = "REVOCATION_NOT_PROVEN";

template <typename Detail>
std::optional<Detail> Find(const google::rpc::Status& status) {
  for (const google::protobuf::Any& any : status.details()) {
    Detail detail;
    if (any.Is<Detail>() && any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

std::string Arrow(const Look& look) { return look.Paint(Tone::kFaint, "->"); }

// Where both may, the helpdesk's line names local administrators as well.
bool IsTheHelpdesksToo(const v1::Mend& mend, const v1::Violation& violation) {
  return mend.by() == v1::MEND_BY_LOCAL_ADMIN &&
         std::ranges::any_of(violation.mends(), [&mend](const v1::Mend& other) {
           return other.by() == v1::MEND_BY_LOCAL_HELPDESK && other.operation() == mend.operation();
         });
}

std::string RenderViolation(const v1::Violation& violation, size_t column,
                            const std::string& username, const Look& look) {
  const std::string reason = Constant(violation.reason());
  const std::string margin(column + 4, ' ');
  std::string text = absl::StrCat("  ", look.Paint(Tone::kWarning, reason),
                                  std::string(column + 2 - reason.size(), ' '),
                                  Printable(violation.message()), "\n");
  for (const v1::Mend& mend : violation.mends()) {
    if (IsTheHelpdesksToo(mend, violation)) continue;
    const MendWords words = WordsOf(mend, username, look);
    absl::StrAppend(&text, margin, Arrow(look), " ", words.sentence,
                    words.command.empty() ? "" : ":", "\n");
    if (!words.command.empty()) absl::StrAppend(&text, margin, "   ", words.command, "\n");
  }
  return text;
}

std::string RenderDecision(const v1::Decision& decision, const RefusalContext& context,
                           const Look& look) {
  const int rules = decision.violations_size();
  std::string text =
      look.Paint(Tone::kTitle, decision.has_eligible_time() ? "Not yet:" : "Not now:");
  absl::StrAppend(&text, " ", Count(rules, "rule"), rules == 1 ? " stands" : " stand",
                  " against it.\n", RenderViolations(decision, context.username, look));
  std::string footer = absl::StrCat("policy ", Short(decision.policy_revision()));
  if (!context.username.empty()) {
    absl::StrAppend(&footer, "; gatehousectl account eligibility ", context.username,
                    " shows every operation");
  }
  return absl::StrCat(text, look.Paint(Tone::kFaint, absl::StrCat("(", footer, ")")), "\n");
}

std::string RenderFields(const google::rpc::BadRequest& fields, const Look& look) {
  Table table({}, "  ");
  for (const auto& fault : fields.field_violations()) {
    table.AddRow({{fault.field(), Tone::kWarning}, fault.description()});
  }
  const int count = fields.field_violations_size();
  return absl::StrCat(look.Paint(Tone::kTitle, "Not understood:"), " ", Count(count, "field"),
                      count == 1 ? " is" : " are", " wrong.\n", table.Render(look));
}

// What a person can do about it, beyond what the server's message says.
std::string Advice(const Refusal& refusal, const RefusalContext& context) {
  if (refusal.reason == "SESSION_INVALID") return "gatehousectl sign-in USERNAME";
  if (refusal.reason == "SESSION_RESTRICTED") return "gatehousectl account complete";
  if (refusal.reason == kNotProven && !context.username.empty()) {
    return absl::StrCat(
        "a temporary password that was not shown is replaced by: gatehousectl "
        "account reset-password ",
        context.username);
  }
  if (refusal.reason.empty() && refusal.code == grpc::StatusCode::UNAVAILABLE) {
    return absl::StrCat("is gatehouse-server listening on ", context.server,
                        "? Another address: --server, or GATEHOUSE_SERVER");
  }
  return "";
}

absl::string_view TitleOf(const Refusal& refusal) {
  if (refusal.reason.empty()) return "No answer:";
  return refusal.reason == kNotProven ? "Done, but not proven:" : "Refused:";
}

std::string RenderPlain(const Refusal& refusal, const Look& look) {
  std::string text = look.Paint(Tone::kTitle, TitleOf(refusal));
  // The server's message names its reason first, for those who see nothing else; here it has a
  // line.
  const absl::string_view message =
      absl::StripPrefix(refusal.message, absl::StrCat(refusal.reason, ": "));
  absl::StrAppend(&text, " ", Printable(message), "\n");
  if (!refusal.reason.empty()) {
    absl::StrAppend(&text, "  ", look.Paint(Tone::kWarning, Printable(refusal.reason)), "\n");
  }
  return text;
}

}  // namespace

Refusal DecodeRefusal(const grpc::Status& status) {
  Refusal refusal{.code = status.error_code(),
                  .message = status.error_message(),
                  .reason = {},
                  .decision = std::nullopt,
                  .fields = {},
                  .retry = std::nullopt,
                  .status = {}};
  if (!refusal.status.ParseFromString(status.error_details()) || refusal.status.code() == 0) {
    refusal.status.Clear();
    refusal.status.set_code(status.error_code());
    refusal.status.set_message(status.error_message());
  }
  if (const auto info = Find<google::rpc::ErrorInfo>(refusal.status))
    refusal.reason = info->reason();
  if (const auto fields = Find<google::rpc::BadRequest>(refusal.status)) refusal.fields = *fields;
  refusal.decision = Find<v1::Decision>(refusal.status);
  refusal.retry = Find<google::rpc::RetryInfo>(refusal.status);
  return refusal;
}

bool IsDoneButNotProven(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE &&
         DecodeRefusal(status).reason == kNotProven;
}

bool MayBeDone(const grpc::Status& status) {
  const std::string reason = DecodeRefusal(status).reason;
  switch (status.error_code()) {
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return true;
    case grpc::StatusCode::UNAVAILABLE:
      return !IsUnreachable(status) &&
             (reason.empty() || reason == kNotProven || reason == "STORE_UNAVAILABLE");
    case grpc::StatusCode::ABORTED:
      return reason == "CONFLICT";
    default:
      return false;
  }
}

bool IsUnreachable(const grpc::Status& status) {
  // gRPC has no other sign of it.
  return status.error_code() == grpc::StatusCode::UNAVAILABLE &&
         absl::StartsWith(status.error_message(), "failed to connect");
}

ExitCode ExitCodeOf(const Refusal& refusal) {
  switch (refusal.code) {
    case grpc::StatusCode::OK:
      return ExitCode::kOk;
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::OUT_OF_RANGE:
      return ExitCode::kUsage;
    case grpc::StatusCode::UNAUTHENTICATED:
      return ExitCode::kNotSignedIn;
    case grpc::StatusCode::FAILED_PRECONDITION:
      return ExitCode::kRefused;
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::NOT_FOUND:
      return ExitCode::kNotPermitted;
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::UNIMPLEMENTED:
      return ExitCode::kUnavailable;
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::ALREADY_EXISTS:
      return ExitCode::kConflict;
    default:
      return ExitCode::kFault;
  }
}

std::string RenderViolations(const v1::Decision& decision, const std::string& username,
                             const Look& look) {
  size_t column = kNarrowestReason;
  for (const v1::Violation& violation : decision.violations()) {
    column = std::max(column, Constant(violation.reason()).size());
  }
  std::string text;
  for (const v1::Violation& violation : decision.violations()) {
    absl::StrAppend(&text, RenderViolation(violation, column, username, look));
  }
  if (decision.has_eligible_time()) {
    absl::StrAppend(&text, "  Possible from ",
                    look.Paint(Tone::kTitle, look.Moment(decision.eligible_time())),
                    " on, if nothing else changes.\n");
  }
  return text;
}

std::string RenderRefusal(const Refusal& refusal, const RefusalContext& context, const Look& look) {
  std::string text;
  if (refusal.decision.has_value() && refusal.decision->violations_size() > 0) {
    text = RenderDecision(*refusal.decision, context, look);
  } else if (refusal.fields.field_violations_size() > 0) {
    text = RenderFields(refusal.fields, look);
  } else {
    text = RenderPlain(refusal, look);
  }
  const std::string advice = Advice(refusal, context);
  if (!advice.empty()) absl::StrAppend(&text, "  ", Arrow(look), " ", advice, "\n");
  // A command that is given again is another request, and would do again what is done.
  if (refusal.retry.has_value() && refusal.reason != kNotProven) {
    absl::StrAppend(&text, "  Try again in ", Span(refusal.retry->retry_delay()), ".\n");
  }
  return text;
}

}  // namespace gatehouse::cli
