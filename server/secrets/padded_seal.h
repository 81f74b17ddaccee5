// Sealing of short texts under the key ring so that what is stored does not tell their length.
// Pure functions, thread-safe.
#ifndef GATEHOUSE_SERVER_SECRETS_PADDED_SEAL_H_
#define GATEHOUSE_SERVER_SECRETS_PADDED_SEAL_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "server/runtime/entropy.h"
#include "server/secrets/key_ring.h"
#include "server/secrets/secret_string.h"

namespace gatehouse::server {

// Under the active key of account secrets, bound to `place`.
KeyRing::Sealed SealPadded(const KeyRing& keys, Entropy& entropy, absl::string_view place,
                           const SecretString& text);

// DATA_LOSS for an unknown key, altered bytes or another place alike.
absl::StatusOr<SecretString> OpenPadded(const KeyRing& keys, absl::string_view place,
                                        const KeyRing::Sealed& sealed);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_PADDED_SEAL_H_
