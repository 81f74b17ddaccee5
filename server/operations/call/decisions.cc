#include "server/operations/call/decisions.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/rpc/error_details.pb.h"

#include "server/operations/call/messages.h"
#include "server/operations/errors.h"

namespace gatehouse::server {
namespace {

using policy::Vocabulary;

v1::Mend ToMessage(const policy::Mend& mend) {
  v1::Mend message;
  message.set_by(static_cast<v1::MendBy>(mend.by));
  message.set_operation(mend.operation);
  if (mend.satisfied_time.has_value()) {
    *message.mutable_satisfied_time() = ToTimestamp(*mend.satisfied_time);
  }
  return message;
}

v1::Violation ToMessage(const policy::Violation& violation) {
  v1::Violation message;
  message.set_rule_id(violation.rule_id);
  message.set_reason(static_cast<v1::ErrorReason>(violation.reason));
  message.set_message(violation.message);
  for (const auto& [expression, value] : violation.observed) {
    (*message.mutable_observed())[expression] = value;
  }
  for (const policy::Mend& mend : violation.mends) *message.add_mends() = ToMessage(mend);
  return message;
}

std::string InUtc(absl::Time instant) {
  return absl::FormatTime(absl::RFC3339_sec, instant, absl::UTCTimeZone());
}

std::string WayOut(const policy::Mend& mend) {
  if (mend.satisfied_time.has_value()) {
    return absl::StrCat("from ", InUtc(*mend.satisfied_time));
  }
  return absl::StrCat(mend.operation, " by ",
                      policy::WordFor(Vocabulary::kMendBy, static_cast<int>(mend.by)));
}

// Alone enough for a person at a terminal: every violated rule and its ways out.
std::string Explain(const policy::Decision& decision) {
  std::vector<std::string> lines;
  for (const policy::Violation& violation : decision.violations) {
    std::string line = violation.message;
    if (!violation.mends.empty()) {
      absl::StrAppend(&line, " (way out: ",
                      absl::StrJoin(violation.mends, "; or ",
                                    [](std::string* out, const policy::Mend& mend) {
                                      absl::StrAppend(out, WayOut(mend));
                                    }),
                      ")");
    }
    lines.push_back(std::move(line));
  }
  return absl::StrJoin(lines, "; ");
}

google::rpc::PreconditionFailure PreconditionsOf(const policy::Decision& decision) {
  google::rpc::PreconditionFailure failure;
  for (const policy::Violation& violation : decision.violations) {
    auto* entry = failure.add_violations();
    entry->set_type(
        std::string(policy::WordFor(Vocabulary::kReason, static_cast<int>(violation.reason))));
    entry->set_subject(violation.rule_id);
    entry->set_description(violation.message);
  }
  return failure;
}

}  // namespace

v1::Decision ToMessage(const policy::Decision& decision) {
  v1::Decision message;
  message.set_allowed(decision.allowed);
  for (const policy::Violation& violation : decision.violations) {
    *message.add_violations() = ToMessage(violation);
  }
  if (!decision.allowed && decision.violations.empty()) {
    v1::Violation& violation = *message.add_violations();
    violation.set_reason(v1::ERROR_REASON_NOT_PERMITTED);
    violation.set_message("you may not do this to this target, or there is no such target");
  }
  for (const auto action : decision.obligations) {
    message.add_obligations(static_cast<v1::RequiredAction>(action));
  }
  if (decision.eligible_time.has_value()) {
    *message.mutable_eligible_time() = ToTimestamp(*decision.eligible_time);
  }
  message.set_policy_revision(decision.policy_revision.ToString());
  return message;
}

absl::Status ToStatus(const policy::Decision& decision, absl::Time now) {
  if (decision.allowed) return absl::OkStatus();
  if (decision.violations.empty()) return NotPermitted();
  const auto reason = static_cast<v1::ErrorReason>(decision.FirstReason());
  if (reason == v1::ERROR_REASON_SESSION_INVALID) return SessionInvalid();

  absl::Status status = Error(absl::StatusCode::kFailedPrecondition, reason, Explain(decision),
                              {{"policy_revision", decision.policy_revision.ToString()}});
  AttachDetail(status, ToMessage(decision));
  AttachDetail(status, PreconditionsOf(decision));
  if (decision.eligible_time.has_value()) {
    google::rpc::RetryInfo retry;
    *retry.mutable_retry_delay() = ToDuration(*decision.eligible_time - now);
    AttachDetail(status, retry);
  }
  return status;
}

std::string Explain(policy::Action::Value action, const policy::Decision& decision) {
  std::string text(policy::WordFor(Vocabulary::kAction, action));
  if (decision.allowed) {
    absl::StrAppend(&text, ": allowed\n");
    for (const auto obligation : decision.obligations) {
      absl::StrAppend(&text, "  but first ",
                      policy::WordFor(Vocabulary::kRequiredAction, obligation), "\n");
    }
    return text;
  }
  if (decision.violations.empty()) {
    return absl::StrCat(text, ": not permitted, no rule lets this actor in\n");
  }
  absl::StrAppend(&text, ": refused\n");
  for (const policy::Violation& violation : decision.violations) {
    absl::StrAppend(&text, "  ", policy::WordFor(Vocabulary::kReason, violation.reason), " (",
                    violation.rule_id, "): ", violation.message, "\n");
    for (const auto& [expression, value] : violation.observed) {
      absl::StrAppend(&text, "    ", expression, " = ", value, "\n");
    }
    for (const policy::Mend& mend : violation.mends) {
      absl::StrAppend(&text, "    way out: ", WayOut(mend), "\n");
    }
  }
  if (decision.eligible_time.has_value()) {
    absl::StrAppend(&text, "  allowed from ", InUtc(*decision.eligible_time),
                    " if nothing else changes\n");
  }
  return text;
}

std::vector<std::string> ReasonNames(const policy::Decision& decision) {
  std::vector<std::string> names;
  if (decision.allowed) return names;
  if (decision.violations.empty()) names.push_back(ReasonName(v1::ERROR_REASON_NOT_PERMITTED));
  for (const policy::Violation& violation : decision.violations) {
    names.push_back(ReasonName(static_cast<v1::ErrorReason>(violation.reason)));
  }
  return names;
}

}  // namespace gatehouse::server
