// The table of parameters that operations read: numbers of the domain that are no decisions. Every
// policy must define each of them, with this type; it may define more for its own rules.
// policy/parameters.h makes the enum and the accessors from it.
//
// Some have a sense: of a hold, more is stricter, of a lifetime less. What changes in that sense
// loosens nothing; any other change of a number may, and asks for the diff's digest
// (policy/analysis/diff.h). Where it is not plain what a change means for safety, neither is.
//
// PARAMETER(enumerator, name in policy text, type, stricter when, remark)

#ifndef GATEHOUSE_POLICY_PARAMETER_TABLE_H_
#define GATEHOUSE_POLICY_PARAMETER_TABLE_H_

// clang-format off
#define GATEHOUSE_POLICY_PARAMETERS(PARAMETER) \
  /* Sessions */ \
  PARAMETER(kSessionFullLifetime, "session_full_lifetime", kDuration, kLess, \
            "A FULL session's, used or not.") \
  PARAMETER(kSessionIdleTimeout, "session_idle_timeout", kDuration, kLess, \
            "A FULL session's, without use.") \
  PARAMETER(kSessionRestrictedLifetime, "session_restricted_lifetime", kDuration, kLess, "") \
  PARAMETER(kUseRecordInterval, "use_record_interval", kDuration, kNeither, \
            "How often a use is written to SQL.") \
  /* Account status */ \
  PARAMETER(kPendingInactiveAfter, "pending_inactive_after", kDuration, kLess, \
            "PENDING to INACTIVE.") \
  PARAMETER(kInactiveAfter, "inactive_after", kDuration, kLess, "ACTIVE without use to INACTIVE.") \
  PARAMETER(kInactiveDeletedAfter, "inactive_deleted_after", kDuration, kNeither, \
            "INACTIVE to DELETED.") \
  PARAMETER(kDisabledDeletedAfter, "disabled_deleted_after", kDuration, kNeither, \
            "DISABLED to DELETED.") \
  PARAMETER(kLeaverPeriod, "leaver_period", kDuration, kNeither, \
            "A leaver not joined meanwhile is DELETED.") \
  PARAMETER(kRestorePeriod, "restore_period", kDuration, kNeither, "DELETED to PURGED.") \
  PARAMETER(kOrganisationHold, "organisation_hold", kDuration, kMore, \
            "From joining to the first self-service reset.") \
  /* Signing in */ \
  PARAMETER(kLockAfterFailures, "lock_after_failures", kInt, kLess, \
            "This many wrong passwords in a row lock.") \
  PARAMETER(kAttemptTimeout, "attempt_timeout", kDuration, kNeither, \
            "An attempt unsettled for so long failed.") \
  PARAMETER(kSourceFailures, "source_failures", kInt, kLess, \
            "Wrong passwords from one address in source_window.") \
  PARAMETER(kSourceWindow, "source_window", kDuration, kMore, "") \
  /* Passwords */ \
  PARAMETER(kPasswordMinLength, "password_min_length", kInt, kMore, "Code points after NFKC.") \
  PARAMETER(kPasswordMaxLength, "password_max_length", kInt, kNeither, "Code points after NFKC.") \
  PARAMETER(kPasswordShortestName, "password_shortest_name", kInt, kLess, \
            "Letters of a name, or of a word in one, from which on passwords do not contain it.") \
  PARAMETER(kPasswordHistory, "password_history", kInt, kMore, \
            "Previous passwords that may not return.") \
  PARAMETER(kPasswordMaxAge, "password_max_age", kDuration, kLess, "") \
  PARAMETER(kPasswordFirstReminder, "password_first_reminder", kDuration, kNeither, \
            "So long before a password is too old, its owner is told; each later than the former.") \
  PARAMETER(kPasswordSecondReminder, "password_second_reminder", kDuration, kNeither, "") \
  PARAMETER(kPasswordThirdReminder, "password_third_reminder", kDuration, kNeither, "") \
  PARAMETER(kPasswordFourthReminder, "password_fourth_reminder", kDuration, kNeither, "") \
  PARAMETER(kPasswordLastReminder, "password_last_reminder", kDuration, kNeither, "") \
  PARAMETER(kTemporaryPasswordLifetime, "temporary_password_lifetime", kDuration, kLess, "") \
  PARAMETER(kArgon2MemoryKib, "argon2_memory_kib", kInt, kMore, "") \
  PARAMETER(kArgon2Iterations, "argon2_iterations", kInt, kMore, "") \
  PARAMETER(kArgon2Parallelism, "argon2_parallelism", kInt, kNeither, "") \
  /* Account secret and recognising a caller */ \
  PARAMETER(kSecretMinLength, "secret_min_length", kInt, kMore, "") \
  PARAMETER(kSecretMaxLength, "secret_max_length", kInt, kNeither, "") \
  PARAMETER(kSecretHistory, "secret_history", kInt, kMore, \
            "Previous secrets that may not return.") \
  PARAMETER(kVerificationLetters, "verification_letters", kInt, kMore, "Letters asked for.") \
  PARAMETER(kVerificationFirstLetters, "verification_first_letters", kInt, kNeither, \
            "They are among so many first ones.") \
  PARAMETER(kVerificationLifetime, "verification_lifetime", kDuration, kLess, \
            "An abandoned one failed.") \
  PARAMETER(kVerificationFailures, "verification_failures", kInt, kLess, \
            "So many close it for verification_closure.") \
  PARAMETER(kVerificationClosure, "verification_closure", kDuration, kMore, "") \
  PARAMETER(kVerificationFailuresInAll, "verification_failures_in_all", kInt, kLess, \
            "So many without a success close it until a new secret.") \
  PARAMETER(kVerificationSuccesses, "verification_successes", kInt, kLess, \
            "So many, and a new secret is asked for.") \
  PARAMETER(kVerificationGrantLifetime, "verification_grant_lifetime", kDuration, kLess, "") \
  /* Self-service reset */ \
  PARAMETER(kRecoveryLifetime, "recovery_lifetime", kDuration, kLess, \
            "Of one reset from its start.") \
  PARAMETER(kRecoveryCodeDigits, "recovery_code_digits", kInt, kMore, "") \
  PARAMETER(kRecoveryCodeLifetime, "recovery_code_lifetime", kDuration, kLess, "") \
  PARAMETER(kRecoveryCodeTries, "recovery_code_tries", kInt, kLess, "Of one reset.") \
  PARAMETER(kRecoveryCodesPerDay, "recovery_codes_per_day", kInt, kLess, \
            "Wrong ones of an account, over all resets.") \
  PARAMETER(kRecoveryStartsPerSource, "recovery_starts_per_source", kInt, kLess, \
            "Resets begun from one address in source_window.") \
  /* Authentication methods: codes are as long, good for as long and tried as often as in a reset */ \
  PARAMETER(kRegistrationLifetime, "registration_lifetime", kDuration, kLess, \
            "From registering a method to its first code.") \
  PARAMETER(kSecondFactorLifetime, "second_factor_lifetime", kDuration, kLess, \
            "From the right password to the second factor.") \
  PARAMETER(kTotpDriftSteps, "totp_drift_steps", kInt, kLess, \
            "Steps of 30 s by which an authenticator's clock may be off.") \
  PARAMETER(kMethodsPerAccount, "methods_per_account", kInt, kLess, \
            "Confirmed ones, printed codes apart.") \
  PARAMETER(kPrintedCodes, "printed_codes", kInt, kNeither, "Told with the first method.") \
  PARAMETER(kPrintedCodesFew, "printed_codes_few", kInt, kNeither, \
            "Once no more are left, each use is told to the owner.") \
  PARAMETER(kCodesSentPerDay, "codes_sent_per_day", kInt, kLess, \
            "To one account, for each purpose.") \
  PARAMETER(kCodeWindow, "code_window", kDuration, kNeither, "In which codes are counted.") \
  /* Calls */ \
  PARAMETER(kRequestIdLifetime, "request_id_lifetime", kDuration, kNeither, \
            "How long a repeated request is known.") \
  PARAMETER(kNameMaxLength, "name_max_length", kInt, kNeither, "Code points.") \
  PARAMETER(kUsernameMinLength, "username_min_length", kInt, kNeither, "") \
  PARAMETER(kUsernameMaxLength, "username_max_length", kInt, kNeither, "") \
  PARAMETER(kReasonMaxLength, "reason_max_length", kInt, kNeither, \
            "Of reasons and references, code points.") \
  PARAMETER(kBatchMaxTokens, "batch_max_tokens", kInt, kNeither, "") \
  PARAMETER(kPageSize, "page_size", kInt, kNeither, "Where a request names none.") \
  PARAMETER(kPageMaxSize, "page_max_size", kInt, kNeither, "")
// clang-format on

#endif  // GATEHOUSE_POLICY_PARAMETER_TABLE_H_
