// The table of parameters that operations read: numbers of the domain that are no decisions. Every
// policy must define each of them, with this type; it may define more for its own rules.
// policy/parameters.h makes the enum and the accessors from it.
//
// PARAMETER(enumerator, name in policy text, type, remark)

#ifndef GATEHOUSE_POLICY_PARAMETER_TABLE_H_
#define GATEHOUSE_POLICY_PARAMETER_TABLE_H_

// clang-format off
#define GATEHOUSE_POLICY_PARAMETERS(PARAMETER) \
  /* Sessions */ \
  PARAMETER(kSessionFullLifetime, "session_full_lifetime", kDuration, \
            "A FULL session's, used or not.") \
  PARAMETER(kSessionIdleTimeout, "session_idle_timeout", kDuration, \
            "A FULL session's, without use.") \
  PARAMETER(kSessionRestrictedLifetime, "session_restricted_lifetime", kDuration, "") \
  PARAMETER(kUseRecordInterval, "use_record_interval", kDuration, \
            "How often a use is written to SQL.") \
  /* Account status */ \
  PARAMETER(kPendingInactiveAfter, "pending_inactive_after", kDuration, "PENDING to INACTIVE.") \
  PARAMETER(kInactiveAfter, "inactive_after", kDuration, "ACTIVE without use to INACTIVE.") \
  PARAMETER(kInactiveDeletedAfter, "inactive_deleted_after", kDuration, "INACTIVE to DELETED.") \
  PARAMETER(kDisabledDeletedAfter, "disabled_deleted_after", kDuration, "DISABLED to DELETED.") \
  PARAMETER(kLeaverPeriod, "leaver_period", kDuration, \
            "A leaver not joined meanwhile is DELETED.") \
  PARAMETER(kRestorePeriod, "restore_period", kDuration, "DELETED to PURGED.") \
  PARAMETER(kOrganisationHold, "organisation_hold", kDuration, \
            "From joining to the first self-service reset.") \
  /* Signing in */ \
  PARAMETER(kLockAfterFailures, "lock_after_failures", kInt, \
            "This many wrong passwords in a row lock.") \
  PARAMETER(kAttemptTimeout, "attempt_timeout", kDuration, \
            "An attempt unsettled for so long failed.") \
  PARAMETER(kSourceFailures, "source_failures", kInt, \
            "Wrong passwords from one address in source_window.") \
  PARAMETER(kSourceWindow, "source_window", kDuration, "") \
  /* Passwords */ \
  PARAMETER(kPasswordMinLength, "password_min_length", kInt, "Code points after NFKC.") \
  PARAMETER(kPasswordMaxLength, "password_max_length", kInt, "Code points after NFKC.") \
  PARAMETER(kPasswordHistory, "password_history", kInt, "Previous passwords that may not return.") \
  PARAMETER(kPasswordMaxAge, "password_max_age", kDuration, "") \
  PARAMETER(kTemporaryPasswordLifetime, "temporary_password_lifetime", kDuration, "") \
  PARAMETER(kArgon2MemoryKib, "argon2_memory_kib", kInt, "") \
  PARAMETER(kArgon2Iterations, "argon2_iterations", kInt, "") \
  PARAMETER(kArgon2Parallelism, "argon2_parallelism", kInt, "") \
  /* Account secret and recognising a caller */ \
  PARAMETER(kSecretMinLength, "secret_min_length", kInt, "") \
  PARAMETER(kSecretMaxLength, "secret_max_length", kInt, "") \
  PARAMETER(kSecretHistory, "secret_history", kInt, "Previous secrets that may not return.") \
  PARAMETER(kVerificationLetters, "verification_letters", kInt, "Letters asked for.") \
  PARAMETER(kVerificationFirstLetters, "verification_first_letters", kInt, \
            "They are among so many first ones.") \
  PARAMETER(kVerificationLifetime, "verification_lifetime", kDuration, "An abandoned one failed.") \
  PARAMETER(kVerificationFailures, "verification_failures", kInt, \
            "So many close it for verification_closure.") \
  PARAMETER(kVerificationClosure, "verification_closure", kDuration, "") \
  PARAMETER(kVerificationFailuresInAll, "verification_failures_in_all", kInt, \
            "So many without a success close it until a new secret.") \
  PARAMETER(kVerificationSuccesses, "verification_successes", kInt, \
            "So many, and a new secret is asked for.") \
  PARAMETER(kVerificationGrantLifetime, "verification_grant_lifetime", kDuration, "") \
  /* Self-service reset */ \
  PARAMETER(kRecoveryLifetime, "recovery_lifetime", kDuration, "Of one reset from its start.") \
  PARAMETER(kRecoveryCodeDigits, "recovery_code_digits", kInt, "") \
  PARAMETER(kRecoveryCodeLifetime, "recovery_code_lifetime", kDuration, "") \
  PARAMETER(kRecoveryCodeTries, "recovery_code_tries", kInt, "Of one reset.") \
  PARAMETER(kRecoveryCodesPerDay, "recovery_codes_per_day", kInt, \
            "Wrong ones of an account, over all resets.") \
  /* Calls */ \
  PARAMETER(kRequestIdLifetime, "request_id_lifetime", kDuration, \
            "How long a repeated request is known.") \
  PARAMETER(kNameMaxLength, "name_max_length", kInt, "Code points.") \
  PARAMETER(kUsernameMinLength, "username_min_length", kInt, "") \
  PARAMETER(kUsernameMaxLength, "username_max_length", kInt, "") \
  PARAMETER(kReasonMaxLength, "reason_max_length", kInt, \
            "Of reasons and references, code points.") \
  PARAMETER(kBatchMaxTokens, "batch_max_tokens", kInt, "") \
  PARAMETER(kPageSize, "page_size", kInt, "Where a request names none.") \
  PARAMETER(kPageMaxSize, "page_max_size", kInt, "")
// clang-format on

#endif  // GATEHOUSE_POLICY_PARAMETER_TABLE_H_
