// What the account store keeps of second factors, and of the proofs by them that are under way:
// plain records, in the domain's words (product/domain.md, sections 7 and 8).
//
// Records are values, as those of storage/records.h, whose rules about instants hold here too. None
// holds a secret in clear: what must be read back is sealed, what must only be compared is a keyed
// hash.
#ifndef GATEHOUSE_STORAGE_AUTHENTICATION_RECORDS_H_
#define GATEHOUSE_STORAGE_AUTHENTICATION_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "gatehouse/v1/authentication_method.pb.h"
#include "storage/identifiers.h"

namespace gatehouse::storage {

struct AuthenticationMethodRecord {
  AccountId account_id{};
  std::string id{};
  v1::AuthenticationMethodKind kind = v1::AUTHENTICATION_METHOD_KIND_UNSPECIFIED;
  std::string label{};
  std::string phone_number{};                // SMS and VOICE
  std::string key_id{};                      // of what follows
  std::string ciphertext{};                  // TOTP: the secret, bound to the account and this id
  std::vector<std::string> printed_codes{};  // RECOVERY_CODE: keyed hashes of those not yet used
  std::int64_t last_step = 0;                // TOTP: of the code used last; none up to it will do
  absl::Time created_at{};
  std::optional<absl::Time> confirmed_at{};
  std::optional<absl::Time> last_used_at{};
};

// What a proof is good for once it is complete.
enum class ProofPurpose : std::uint8_t {
  kRegistration = 1,   // of the method that it is by
  kSecondFactor = 2,   // a sign-in whose password was right
  kPasswordReset = 3,  // a reset by the person
};

// A code that was sent, as it is compared.
struct SentCodeRecord {
  std::string method_id;
  std::string key_id;
  std::string hash;  // keyed
  absl::Time expires_at;
};

// A proof under way.
struct ProofRecord {
  std::string id{};  // the digest of what the API calls it by
  ProofPurpose purpose = ProofPurpose::kRegistration;
  std::string subject{};      // in the books: whose wrong codes these are
  AccountId account_id{};     // empty: of a name that nobody has, or that has no method
  std::int64_t epoch = 0;     // the account's at the start: under another one it is over
  std::int64_t position = 0;  // the revocation log's at the start: a stop after it ends it
  int wrong_codes = 0;
  std::vector<std::string> proven_methods{};  // their ids
  std::optional<SentCodeRecord> code{};       // the latest, until it is used
  absl::Time created_at{};
  absl::Time expires_at{};
  // The device that the person is at, as it was described.
  std::string ip_address{};
  std::string user_agent{};
  std::string device_label{};
};

// What is counted of codes, by purpose.
enum class CodeEvent : std::uint8_t {
  kWrong = 1,
  kSent = 2,
  kBegun = 3,  // a proof; the subject is the address that it was begun from
  kTold = 4,   // the owner, that no more are taken
};

struct CodeTally {
  std::int64_t count = 0;
  std::optional<absl::Time> oldest{};  // of those counted
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_AUTHENTICATION_RECORDS_H_
