// Telling a repeated request from another one under the same name, without keeping what it held: a
// keyed digest, since a payload may hold a password. Pure functions, thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_PAYLOAD_MAC_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_PAYLOAD_MAC_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "server/secrets/key_ring.h"

namespace gatehouse::server {

// The key's id, a line feed, and the bytes that it makes of `payload`.
std::string MakePayloadMac(const KeyRing& keys, absl::string_view payload);

// OK if `mac` was made of this payload. INVALID_ARGUMENT / REQUEST_ID_REUSED if of another one;
// UNAVAILABLE / KEY_UNAVAILABLE where the key that would tell is gone.
absl::Status CheckPayloadMac(const KeyRing& keys, absl::string_view payload, absl::string_view mac);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_PAYLOAD_MAC_H_
