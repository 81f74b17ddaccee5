// What is kept sealed, or hashed, under keys of the ring, seen by its key: for the change of keys
// (server/operations/secret/resealing.h). Values, with the conventions of storage/records.h.
#ifndef GATEHOUSE_STORAGE_SEALED_RECORD_H_
#define GATEHOUSE_STORAGE_SEALED_RECORD_H_

#include <cstdint>
#include <string>

#include "storage/identifiers.h"

namespace gatehouse::storage {

enum class SealedKind : std::uint8_t {
  kAccountSecret = 1,
  kSecurityAnswer = 2,
  kTotpSecret = 3,
};
inline constexpr SealedKind kSealedKinds[] = {SealedKind::kAccountSecret,
                                              SealedKind::kSecurityAnswer, SealedKind::kTotpSecret};

struct SealedRecord {
  SealedKind kind = SealedKind::kAccountSecret;
  AccountId account_id{};
  std::int64_t version = 0;  // of the account's secret; an answer's is its question's number
  std::string method_id{};   // of an authenticator's secret, which has no version
  std::string ciphertext{};
  std::string key_id{};
};

// How many rows cannot be read, or recognised, without a key.
struct KeyUses {
  std::int64_t sealed = 0;          // of every SealedKind
  std::int64_t secret_history = 0;  // hashes of former secrets: they begin with their key's id
  std::int64_t replays = 0;         // remembered answers, whose MACs begin so
  std::int64_t printed_codes = 0;   // sets of them, of which some are not used yet
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_SEALED_RECORD_H_
