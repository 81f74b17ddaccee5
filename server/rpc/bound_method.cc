#include "server/rpc/bound_method.h"

#include "absl/strings/str_cat.h"

#include "server/operations/errors.h"
#include "server/rpc/status_conversion.h"

namespace gatehouse::server {

absl::Status BoundMethod::NoteEnd(const CallContext& call, const absl::Status& status,
                                  absl::Duration latency, const Logger& log) const {
  absl::Status told = Classify(status, call.trace_id);
  metrics->Record(told.code(), latency);
  if (told.code() == absl::StatusCode::kInternal) {
    log.Error("call_failed", {{"trace_id", call.trace_id},
                              {"method", call.method},
                              {"caller", call.caller},
                              {"code", absl::StatusCodeToString(status.code())},
                              {"cause", status.message()},
                              {"seconds", latency}});
  } else if (!told.ok()) {
    log.Info("call_refused", {{"trace_id", call.trace_id},
                              {"method", call.method},
                              {"caller", call.caller},
                              {"code", absl::StatusCodeToString(told.code())},
                              {"reason", ReasonOf(told)},
                              {"seconds", latency}});
  }
  return told;
}

absl::Status NotImplementedError(absl::string_view method) {
  return Error(
      absl::StatusCode::kUnimplemented, v1::ERROR_REASON_NOT_IMPLEMENTED,
      absl::StrCat(method, " is part of the contract, but this server does not have it yet"));
}

absl::Status NotRun(const absl::Status& status) {
  if (!absl::IsUnavailable(status)) return status;
  return ErrorWithRetry(absl::StatusCode::kUnavailable, v1::ERROR_REASON_SHUTTING_DOWN,
                        "the server is stopping; nothing was done, try again", absl::Seconds(1));
}

}  // namespace gatehouse::server
