// What the account store keeps about recognising callers (product/domain.md, section 5): how an
// account stands, the verifications that agents began, and security questions of the old kind.
//
// Records are values, with the conventions of storage/records.h. Answers are sealed before they
// come here; letters never do. Everything is of an account: deleting by account_id deletes all of
// it.
#ifndef GATEHOUSE_STORAGE_RECOGNITION_RECORD_H_
#define GATEHOUSE_STORAGE_RECOGNITION_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "storage/identifiers.h"

namespace gatehouse::storage {

// How an account stands, over all agents. One that was written for another version of the secret
// counts for nothing: a new secret, and a resecure, begin anew.
struct RecognitionRecord {
  AccountId account_id{};
  std::int64_t secret_version = 0;
  // What is asked of every agent until a success: places in the secret, counted from 1 and
  // ascending, or the number of one question; empty: to be drawn at the next start.
  std::vector<int> asked{};
  std::int64_t failures = 0;                 // since the last success
  std::optional<absl::Time> closed_until{};  // by the failure before which it was open
  std::int64_t successes = 0;                // by this secret
};

enum class VerificationState : std::uint8_t {
  kOpen = 1,       // may be answered until it expires; then it counts as a failure
  kAbandoned = 2,  // expired, and counted; or ended by the success of another, which counts none
  kAnswered = 3,   // counted as a failure, which it stays unless the answer proves right
  kGranted = 4,    // answered rightly: good for one operation
  kUsed = 5,
};

// What one agent asked one caller.
struct VerificationRecord {
  std::string id{};  // base64url of 16 random bytes
  VerificationState state = VerificationState::kOpen;
  AccountId account_id{};
  AccountId agent_id{};
  // As the account was at the start: any change ends the verification.
  OrganisationId organisation_id{};
  std::int64_t secret_version = 0;
  std::int64_t epoch = 0;
  std::int64_t position = 0;  // the revocation log's at the start: a stop after it ends it
  std::string question{};     // as it was put; empty where letters are asked for
  std::vector<int> asked{};   // as RecognitionRecord::asked then
  absl::Time expires_at{};
  std::optional<absl::Time> grant_expires_at{};  // set: granted
  // Of the request that answered it, while that answer is counted and not granted.
  std::string attempt_mac{};
};

// One of an account's security questions.
struct SecurityQuestionRecord {
  int number = 0;  // from 1, in their order
  std::string question{};
  std::string ciphertext{};  // the normalised answer, sealed by the key ring
  std::string key_id{};
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_RECOGNITION_RECORD_H_
