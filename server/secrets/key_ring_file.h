// The key ring's file, as whoever runs the system works on it: sees which keys there are, takes new
// ones, gives up old ones. Every change replaces the file as a whole, or not at all; a server that
// runs goes on with the keys that it began with. Not to be used by two at once. No function tells a
// key.
#ifndef GATEHOUSE_SERVER_SECRETS_KEY_RING_FILE_H_
#define GATEHOUSE_SERVER_SECRETS_KEY_RING_FILE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "server/runtime/clock.h"
#include "server/runtime/entropy.h"
#include "server/secrets/key_ring.h"

namespace gatehouse::server {

struct KeyDescription {
  std::string id;
  KeyPurpose purpose = KeyPurpose::kAccountSecret;
  std::string purpose_name;
  bool active = false;  // false: a former key, which only reads
  absl::Time created;
};

// In the file's order. Errors as KeyRing::Load.
absl::StatusOr<std::vector<KeyDescription>> ListKeys(const std::string& path);

// Makes every active key a former one and adds a new active key for each purpose, such that a ring
// made before there was a purpose serves it too. The key for decoys stays, see KeyPurpose.
absl::Status RotateKeyRing(const std::string& path, Entropy& entropy, const Clock& clock);

// Whether RemoveKey would take the key out: NOT_FOUND, or FAILED_PRECONDITION while it is active.
absl::Status CheckRemovable(const std::string& path, absl::string_view key_id);
// What only this key could open is lost.
absl::Status RemoveKey(const std::string& path, absl::string_view key_id);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_KEY_RING_FILE_H_
