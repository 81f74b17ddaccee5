#include "server/operations/call/payload_mac.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "server/operations/errors.h"

namespace gatehouse::server {

std::string MakePayloadMac(const KeyRing& keys, absl::string_view payload) {
  const KeyRing::Tag tag = keys.Mac(KeyPurpose::kRequestPayload, payload);
  return absl::StrCat(tag.key_id, "\n", tag.bytes);
}

absl::Status CheckPayloadMac(const KeyRing& keys, absl::string_view payload,
                             absl::string_view mac) {
  const std::pair<absl::string_view, absl::string_view> stored =
      absl::StrSplit(mac, absl::MaxSplits('\n', 1));
  const KeyRing::Tag tag{.key_id = std::string(stored.first), .bytes = std::string(stored.second)};
  if (!keys.Has(KeyPurpose::kRequestPayload, tag.key_id)) {
    return Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_KEY_UNAVAILABLE,
                 "this request_id was used before, and the key by which to tell whether for the "
                 "same is not in the server's key ring; nothing was done now: look whether it was "
                 "done then, and if not, take a new request_id");
  }
  if (keys.VerifyMac(KeyPurpose::kRequestPayload, payload, tag)) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_REQUEST_ID_REUSED,
               "this request_id was already used with another payload; take a new one");
}

}  // namespace gatehouse::server
