// Ids and session tokens, and how they are written. A token is `gh1_` and the base64url form,
// without padding, of the account's 16 bytes and 32 random ones; only its SHA-256 is ever stored.
// Everything here is a value or a pure function, free of locks; parsing and digesting allocate
// nothing. Text that is not exactly what we would have written is refused.
#ifndef GATEHOUSE_SERVER_SECRETS_TOKEN_H_
#define GATEHOUSE_SERVER_SECRETS_TOKEN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

#include "server/runtime/entropy.h"
#include "server/secrets/secret_string.h"
#include "storage/identifiers.h"

namespace gatehouse::server {

// base64url without padding (RFC 4648, section 5).
std::string Base64UrlEncode(absl::Span<const uint8_t> bytes);

// Fills exactly `out`; false for any other length, character, padding or stray trailing bits, in
// which case `out` holds nothing of use.
bool Base64UrlDecode(absl::string_view text, absl::Span<uint8_t> out);

// A fresh account, organisation or other id: 16 random bytes in base64url, 22 characters.
std::string NewId(Entropy& entropy);
bool IsWellFormedId(absl::string_view id);

// The SHA-256 of a whole token text: what a session is known by.
storage::SessionDigest DigestToken(absl::string_view token);

// Reads back SessionDigest::ToSessionId; empty for anything that it would not have written.
std::optional<storage::SessionDigest> ParseSessionId(absl::string_view session_id);

struct IssuedToken {
  SecretString text;  // told once
  storage::SessionDigest digest;
};

// `account_id` must be well formed.
IssuedToken IssueSessionToken(absl::string_view account_id, Entropy& entropy);

// What a presented token says of itself; nothing here means that it is valid.
struct PresentedToken {
  static constexpr size_t kAccountIdSize = 22;
  absl::string_view account_id() const { return {account_id_text.data(), account_id_text.size()}; }

  std::array<char, kAccountIdSize> account_id_text;
  storage::SessionDigest digest;
};

std::optional<PresentedToken> ParseSessionToken(absl::string_view token);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_TOKEN_H_
