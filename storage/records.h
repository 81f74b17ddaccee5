// What the account store keeps: plain records, in the domain's words (product/domain.md).
//
// Records are values: copy them freely, share them const. All instants are absolute, with a
// microsecond's resolution in the stores; absl::InfiniteFuture() and absl::InfinitePast() never
// appear in a record, an instant that is not set is std::nullopt. Status is *as stored*: what is
// effective at an instant (INACTIVE, DELETED, an expired temporary password) is judged on read by
// server/operations/facts/account_state.h.
#ifndef GATEHOUSE_STORAGE_RECORDS_H_
#define GATEHOUSE_STORAGE_RECORDS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "gatehouse/v1/account.pb.h"
#include "gatehouse/v1/audit_event.pb.h"
#include "gatehouse/v1/organisation.pb.h"
#include "storage/identifiers.h"

namespace gatehouse::storage {

struct OrganisationRecord {
  OrganisationId id;
  std::string display_name;
  bool nas_managed = false;
  v1::PasswordScope password_scope = v1::PASSWORD_SCOPE_UNSPECIFIED;
  absl::Time created_at;
  std::int64_t row_version = 1;  // the etag's number; each update adds one
};

struct AcceptableUsePolicyRecord {
  std::string version;
  std::string document_uri;
  std::string document_sha256;  // 64 lower-case hexadecimal digits
  absl::Time published_at;
};

struct RoleGrantRecord {
  v1::Role role = v1::ROLE_UNSPECIFIED;
  OrganisationId organisation_id{};  // empty for the roles whose scope is the system

  friend bool operator==(const RoleGrantRecord&, const RoleGrantRecord&) = default;
};

struct ProfileRecord {
  std::string given_name{};
  std::string family_name{};
  std::string display_name{};
  std::string contact_email{};
  std::string phone_number{};

  friend bool operator==(const ProfileRecord&, const ProfileRecord&) = default;
};

struct PasswordRecord {
  std::string phc{};         // Argon2id PHC string; empty: no password opens this account
  std::int64_t version = 0;  // each new password, and each removal of one, adds one
  absl::Time changed_at{};
  bool must_change = false;
  std::optional<absl::Time> temporary_until{};  // set: temporary, and dead from this instant
};

struct AccountSecretRecord {
  std::string ciphertext{};  // sealed by the key ring, bound to account and version; empty: unset
  std::string key_id{};
  std::int64_t version = 0;  // each new secret, and each reset, adds one
  std::optional<absl::Time> set_at{};
};

struct AccountRecord {
  AccountId id{};
  OrganisationId organisation_id{};
  std::string username{};  // normalised; empty once erased
  ProfileRecord profile;
  std::optional<absl::Time> profile_confirmed_at{};  // nullopt: to be confirmed at the next sign-in

  v1::AccountStatus status = v1::ACCOUNT_STATUS_UNSPECIFIED;
  absl::Time status_changed_at{};
  std::optional<absl::Time> last_used_at{};  // a FULL sign-in or validation, kept to the day
  std::optional<absl::Time> locked_at{};
  std::optional<absl::Time> leaver_at{};
  absl::Time created_at{};
  absl::Time joined_at{};  // creation, or joining the present organisation: starts the hold

  PasswordRecord password{};
  std::string aup_version{};  // of the acceptance on record; empty: none
  std::optional<absl::Time> aup_accepted_at{};
  std::optional<absl::Time> aup_reset_at{};
  AccountSecretRecord secret{};
  bool has_security_questions = false;
  int authentication_methods = 0;            // confirmed ones, printed codes apart
  std::optional<absl::Time> resecured_at{};  // set from a resecure until its actions are complete

  std::vector<RoleGrantRecord> roles{};

  std::int64_t epoch = 1;                  // sessions issued under a lower one are over
  std::int64_t authorisation_version = 1;  // roles, organisation or state changed
  std::int64_t row_version = 1;            // the etag's number; each update adds one
};

// Which organisations belong on a page. Names are compared and ordered case-folded.
struct OrganisationFilter {
  std::string name_prefix;  // empty: all
  std::string after_name;
  int limit = 0;
};

// Where a page of accounts begins and what belongs on it. Empty fields do not filter.
struct AccountFilter {
  OrganisationId organisation_id;
  v1::Role role = v1::ROLE_UNSPECIFIED;
  std::string name_prefix;  // of username, given, family or display name
  std::string name_part{};  // of one of these, or of the contact address
  std::string after_username{};
  int limit = 0;
};

// How the subject of password attempts begins: an account's id follows, or the keyed hash of a name
// that nobody has. An account's failures lock it and never grow old.
inline constexpr absl::string_view kAccountSubject = "account:";
inline constexpr absl::string_view kUnknownNameSubject = "name:";

// Wrong passwords in a row for one subject. Reserved before hashing, settled after
// (product/domain.md, section 7).
struct PasswordAttempts {
  struct Reservation {
    std::string id;
    absl::Time reserved_at;
  };
  std::int64_t failures = 0;
  std::vector<Reservation> pending;
};

enum class RevocationKind : std::uint8_t {
  kNone = 0,
  kMinimumEpoch = 1,          // all sessions of the account under `min_epoch`, but `except`
  kSession = 2,               // the one session `digest`
  kAuthorisationVersion = 3,  // nothing ends; what earlier records tell of roles is out of date
  kEverythingBefore = 4,      // the emergency stop: every session issued before `position`
};

struct RevocationRecord {
  std::int64_t position = 0;  // given by the store
  RevocationKind kind = RevocationKind::kNone;
  AccountId account_id{};
  std::int64_t min_epoch = 0;
  std::optional<SessionDigest> except{};
  SessionDigest digest{};
  std::int64_t authorisation_version = 0;
  absl::Time keep_until{};  // the last instant at which any session issued before it could live
};

struct RevocationHead {
  std::string incarnation;  // base64url of 16 random bytes; a new one after a restore
  std::int64_t position = 0;
  std::int64_t policy_position = 0;  // where the policy in force, or in shadow, last changed
  // The last position that was forgotten. Every session issued before it has expired, and counts as
  // revoked: whoever has not read that far can no longer learn what else would have ended it.
  std::int64_t forgotten_before = 0;
};

// One policy by its text; design/policy.md.
struct PolicyRevisionRecord {
  std::string revision;  // the digest of its text
  std::string text{};
  // Of its last activation; nothing while it was only in shadow.
  std::int64_t activation = 0;  // given by the store: grows with each activation of any
  std::optional<absl::Time> activated_at{};
  AccountId actor_id{};       // empty: the operator of the machine, by the file given there
  std::string reason{};       // as they said
  std::string diff_digest{};  // of what it changed, as far as it was told; empty: not told
};

// Which revisions decide; empty: none.
struct PolicyStateRecord {
  std::string active;
  std::string shadow{};  // evaluated beside the active one, without effect
  std::optional<absl::Time> shadow_since{};
};

// Where an organisation's audit log ends. Each event's digest covers the one before it, so that a
// changed, missing or moved event shows.
struct AuditHead {
  std::int64_t sequence = 0;  // 0: no event yet
  std::string chain_sha256;   // 32 bytes; empty: no event yet
};

struct AuditRecord {
  OrganisationId organisation_id;  // empty: the system's own log
  std::int64_t sequence = 0;       // the head's plus one: without gaps, from 1
  std::string chain_sha256;        // 32 bytes
  absl::Time time;
  AccountId actor_id;            // empty: nobody signed in
  std::string actor_session_id;  // empty: nobody signed in
  std::string caller;            // the calling service
  std::string action;            // v1::Action's name without prefix
  AccountId target_id;
  v1::AuditOutcome outcome = v1::AUDIT_OUTCOME_UNSPECIFIED;
  std::vector<std::string> reasons;  // error reasons, in rule order; empty when allowed
  std::string policy_revision;
  std::map<std::string, std::string> details;  // never a secret
};

// Which events belong on a page, the latest first. Empty fields do not filter.
struct AuditFilter {
  OrganisationId organisation_id;  // always a filter: empty is the system's own log
  AccountId actor_id;
  AccountId target_id;
  std::vector<std::string> actions;  // any of them
  v1::AuditOutcome outcome = v1::AUDIT_OUTCOME_UNSPECIFIED;
  std::string reason;                // among the event's reasons
  std::optional<absl::Time> start;   // inclusive
  std::optional<absl::Time> end;     // exclusive
  std::int64_t before_sequence = 0;  // 0: from the latest
  int limit = 0;
};

// The remembered answer to a mutation. Its key is all of caller, method, request_id, presenter.
struct ReplayRecord {
  std::string caller{};
  std::string method{};
  std::string request_id{};
  std::string presenter{};    // session id of the presented token; empty when there was none
  std::string payload_mac{};  // keyed: a payload may hold a password
  std::string response{};     // serialised, without the once-told secrets
  absl::Time created_at{};
  AccountId account_id{};  // whom the answer tells of, and with whom it is erased; empty: nobody
  std::string refusal{};   // a serialised google.rpc.Status, where the answer was one
};

// Whom a message is for. What holds up one channel does not hold up the other.
enum class OutboxChannel : std::uint8_t {
  kPeople = 1,       // notifications
  kDirectories = 2,  // what directories have to know of an account
  kCodes = 3,        // codes that are good for minutes, and must not wait behind a notification
};

struct OutboxRecord {
  std::string id{};
  AccountId account_id{};  // its messages leave each channel in the order of their rows
  OutboxChannel channel = OutboxChannel::kPeople;
  std::string kind{};
  std::string payload{};  // serialised message of server/runtime/outbox
  absl::Time created_at{};
  absl::Time due_at{};
  int attempts = 0;
  std::string last_error{};             // of the latest attempt; empty: none has failed
  std::optional<absl::Time> dead_at{};  // set aside for an operator, and never tried by itself
};

struct OutboxSummary {
  std::int64_t waiting = 0;  // to be delivered, whenever
  std::int64_t failing = 0;  // of these, those that could not be delivered yet
  std::int64_t dead = 0;
};

// What only matters for a time, and the instant from which that is counted.
enum class Perishable : std::uint8_t {
  kRevocations,              // the last instant at which they concern a session
  kReplays,                  // when they were answered
  kUnknownNameFailures,      // when the last of them was settled
  kUnknownNameReservations,  // when they were made
  kSourceFailures,           // when they happened
  kImportedItems,            // when they came in
  kProofs,                   // when they were over
  kCodeEvents,               // when they happened
  kUnconfirmedMethods,       // when they were registered
  kVerifications,            // when they expired; those that still have to be counted stay
};
inline constexpr Perishable kPerishables[] = {Perishable::kRevocations,
                                              Perishable::kReplays,
                                              Perishable::kUnknownNameFailures,
                                              Perishable::kUnknownNameReservations,
                                              Perishable::kSourceFailures,
                                              Perishable::kImportedItems,
                                              Perishable::kProofs,
                                              Perishable::kCodeEvents,
                                              Perishable::kUnconfirmedMethods,
                                              Perishable::kVerifications};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_RECORDS_H_
