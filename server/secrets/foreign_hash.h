// Password hashes that other systems made, for accounts that came from there; their next sign-in
// replaces them. Read and computed are
//   scrypt   $scrypt$ln=15,r=8,p=1$SALT$TAG (PHC, base64 without padding), and crypt's $7$...
//   bcrypt   $2a$, $2b$ and $2y$
// by libsodium and by libxcrypt. (Argon2 is our own: server/secrets/argon2.h.) What a hash asks for
// is checked before anything is reserved for it: they come from outside. Pure functions,
// thread-safe.
#ifndef GATEHOUSE_SERVER_SECRETS_FOREIGN_HASH_H_
#define GATEHOUSE_SERVER_SECRETS_FOREIGN_HASH_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "server/secrets/secret_string.h"

namespace gatehouse::server {

// The most that is computed for anyone: about a second's work.
struct ForeignHashLimits {
  uint64_t scrypt_work = uint64_t{128} << 20;  // bytes that are mixed: 128 N r p
  // What scrypt's beginning and end take, 128 r p bytes and as many hashed, stays small by these.
  uint32_t scrypt_r = 64;
  uint32_t scrypt_p = 16;
  uint32_t bcrypt_cost = 14;  // 2^cost rounds
};

// Whether it is one of these at all, by how it begins.
bool IsForeignHash(absl::string_view text);

// INVALID_ARGUMENT for what is none of these, or beyond the limits; nothing of it is repeated.
absl::Status CheckForeignHash(absl::string_view text, const ForeignHashLimits& limits);

// Whether `password` is the one behind a hash that CheckForeignHash passed; compares in constant
// time. RESOURCE_EXHAUSTED when the memory cannot be had.
absl::StatusOr<bool> VerifyForeignHash(const SecretString& password, absl::string_view text);

// Whether the hash tells `password` from every longer one: bcrypt reads 72 bytes, so that what
// follows may be mistyped and still be right.
bool ForeignHashReadsAllOf(const SecretString& password, absl::string_view text);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_FOREIGN_HASH_H_
