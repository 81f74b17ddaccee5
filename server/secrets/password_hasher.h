// Argon2id (RFC 9106, version 0x13), kept as PHC strings; and what accounts from other systems
// brought along (server/secrets/foreign_hash.h, Argon2i), to be verified until it is replaced.
// Every hash needs a permit of the HashGate, which lends it the memory; parameters come from policy
// with each call. Stored hashes are input: an absurd one is refused before memory is reserved for
// it. Thread-safe. Errors: INVALID_ARGUMENT for parameters beyond the limits, DATA_LOSS for a
// stored hash that cannot be read (its text is never part of the message), RESOURCE_EXHAUSTED when
// the memory cannot be had.
#ifndef GATEHOUSE_SERVER_SECRETS_PASSWORD_HASHER_H_
#define GATEHOUSE_SERVER_SECRETS_PASSWORD_HASHER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "server/runtime/entropy.h"
#include "server/secrets/argon2.h"
#include "server/secrets/foreign_hash.h"
#include "server/secrets/hash_gate.h"
#include "server/secrets/secret_string.h"

namespace gatehouse::server {

class PasswordHasher {
 public:
  // `entropy` draws the salts and must outlive this object.
  explicit PasswordHasher(Entropy& entropy, Argon2Limits limits = {},
                          ForeignHashLimits foreign_limits = {});

  // The PHC string of `password` under a fresh salt.
  absl::StatusOr<std::string> Hash(HashPermit& permit, const SecretString& password,
                                   const Argon2Parameters& parameters) const;

  // Whether `password` is the one behind `phc`; compares in constant time.
  absl::StatusOr<bool> Verify(HashPermit& permit, const SecretString& password,
                              absl::string_view phc) const;

  // Whether Verify will compute this hash from elsewhere. INVALID_ARGUMENT for one that cannot be
  // read, or asks for more than the limits allow; nothing of it is repeated.
  absl::Status CheckVerifiable(absl::string_view phc) const;

  // Costs what Verify costs under `parameters` and answers nothing: for names that do not exist.
  absl::Status VerifyDummy(HashPermit& permit, const SecretString& password,
                           const Argon2Parameters& parameters) const;

  // Whether the hash should be made anew at the next sign-in: any parameter, or the salt's or tag's
  // size, is not what it would be today. True for what cannot be read.
  static bool NeedsRehash(absl::string_view phc, const Argon2Parameters& parameters);

  // Whether a password that Verify found right can be made anew from what was typed.
  static bool CanRehash(absl::string_view phc, const SecretString& password);

 private:
  Entropy& entropy_;
  const Argon2Limits limits_;
  const ForeignHashLimits foreign_limits_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_PASSWORD_HASHER_H_
