// The keys that are kept outside the database, in one file that only the server's user may read.
// Every purpose has its own keys, one of them active: new values are made under the active key, old
// ones are read under the key they name. A KeyRing is immutable and thread-safe; its keys live in
// locked, guarded memory. Loading fails with a sentence that names the file and the fault; opening
// fails in one way only, whatever was wrong.
#ifndef GATEHOUSE_SERVER_SECRETS_KEY_RING_H_
#define GATEHOUSE_SERVER_SECRETS_KEY_RING_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

#include "server/runtime/clock.h"
#include "server/runtime/entropy.h"
#include "server/secrets/secret_string.h"

namespace gatehouse::server {

enum class KeyPurpose {
  kAccountSecret,   // sealing account secrets
  kSecretHistory,   // keyed hashes of former account secrets
  kPageToken,       // authenticating page tokens and cursors
  kAttemptName,     // hashing user names whose attempts are counted
  kRequestPayload,  // recognising a repeated request, whose payload may hold a password
  kSecondFactor,    // sealing what authenticators share with us, and codes on their way
  kCode,            // keyed hashes of codes
  kDecoy,           // what unknown names are told, and counted by, in a password reset: another key
                    // would tell them from others, so that it is never rotated
};

// Writes a new ring with one active key for every purpose, mode 0600, durably. ALREADY_EXISTS when
// there is a file: keys are never overwritten.
absl::Status CreateKeyRing(const std::string& path, Entropy& entropy, const Clock& clock);

class KeyRing {
 public:
  // What is stored: the key's id beside the bytes it made.
  struct Sealed {
    std::string key_id;
    std::string bytes;  // nonce and ciphertext
  };
  struct Tag {
    std::string key_id;
    std::string bytes;  // kTagSize of them
  };
  static constexpr size_t kTagSize = 32;

  // NOT_FOUND, PERMISSION_DENIED (group or others may read it) or FAILED_PRECONDITION (what is
  // wrong inside; never a key's bytes).
  static absl::StatusOr<KeyRing> Load(const std::string& path);

  KeyRing(KeyRing&&) noexcept;
  KeyRing& operator=(KeyRing&&) noexcept;
  ~KeyRing();

  // XChaCha20-Poly1305 under the purpose's active key and a fresh nonce. `bound_to` is not stored
  // but must be the same at Open: it ties the value to its place.
  Sealed Seal(KeyPurpose purpose, absl::Span<const uint8_t> plaintext, absl::string_view bound_to,
              Entropy& entropy) const;

  // DATA_LOSS for an unknown key, altered bytes or another `bound_to` alike.
  absl::StatusOr<SecretBytes> Open(KeyPurpose purpose, const Sealed& sealed,
                                   absl::string_view bound_to) const;

  // Keyed BLAKE2b. Deterministic under one key: also a way to store a name without storing it.
  Tag Mac(KeyPurpose purpose, absl::string_view message) const;

  // The same under a named key; NOT_FOUND when the ring has it not.
  absl::StatusOr<Tag> MacWithKey(KeyPurpose purpose, absl::string_view key_id,
                                 absl::string_view message) const;

  // Whether the ring has a key, be it retired, under which it can read.
  bool Has(KeyPurpose purpose, absl::string_view key_id) const;

  // Whether `tag` was made by Mac; compares in constant time. False for an unknown key.
  bool VerifyMac(KeyPurpose purpose, absl::string_view message, const Tag& tag) const;

 private:
  struct Keys;
  explicit KeyRing(std::unique_ptr<Keys> keys);

  std::unique_ptr<Keys> keys_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_KEY_RING_H_
