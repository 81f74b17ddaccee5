// The table of facts: everything a decision may know, one line each. policy/facts.h makes the enum,
// the types and the names in policy text from it; nothing else lists facts.
//
// FACT(enumerator, name in policy text, type, vocabulary of its numbers, how decision logs keep it,
//      RPC that mends it or "", remark)

#ifndef GATEHOUSE_POLICY_FACT_TABLE_H_
#define GATEHOUSE_POLICY_FACT_TABLE_H_

// clang-format off
#define GATEHOUSE_POLICY_FACTS(FACT) \
  /* Everything */ \
  FACT(kNow, "now", kInstant, kNone, kPlain, "", \
       "The instant of the decision, frozen once for it.") \
  FACT(kSelf, "self", kBool, kNone, kPlain, "", \
       "The actor's own account is the account acted on.") \
  FACT(kCallerName, "caller.name", kText, kNone, kPlain, "", \
       "The calling service: its certificate's URI name, or \"local\".") \
  /* The actor: whoever is signed in */ \
  FACT(kActorKnown, "actor.known", kBool, kNone, kPlain, "", "A live session was presented.") \
  FACT(kActorAccountId, "actor.account_id", kText, kNone, kAlias, "", "") \
  FACT(kActorOrganisationId, "actor.organisation_id", kText, kNone, kAlias, "", \
       "Where the actor's account belongs now.") \
  FACT(kActorRoles, "actor.roles", kRoles, kNone, kPlain, "", \
       "Read again in this transaction, never from the session.") \
  FACT(kActorRank, "actor.rank", kInt, kNone, kPlain, "", \
       "The highest rank of actor.roles (RankOf), 0 without a role. Set together with them.") \
  FACT(kActorSessionLevel, "actor.session_level", kInt, kSessionLevel, \
       kPlain, "CompleteRequiredActions", \
       "") \
  FACT(kActorRequiredActions, "actor.required_actions", kInts, kRequiredAction, kPlain, "", \
       "What the actor's session still has to finish, in order.") \
  /* The account acted on */ \
  FACT(kAccountKnown, "account.known", kBool, kNone, kPlain, "", \
       "There is such an account. False leaves every other account fact unknown.") \
  FACT(kAccountId, "account.account_id", kText, kNone, kAlias, "", "") \
  FACT(kAccountOrganisationId, "account.organisation_id", kText, kNone, kAlias, "", \
       "The row's organisation, never the request's.") \
  FACT(kAccountStatus, "account.status", kInt, kAccountStatus, kPlain, "EnableAccount", \
       "Effective at `now`, hygiene judged on read.") \
  FACT(kAccountStatusChangedAt, "account.status_changed_at", kInstant, kNone, kPlain, "", \
       "Since when account.status is what it is.") \
  FACT(kAccountCreatedAt, "account.created_at", kInstant, kNone, kPlain, "", "") \
  FACT(kAccountJoinedAt, "account.joined_at", kInstant, kNone, kPlain, "", \
       "When the person joined the current organisation (or was created in it).") \
  FACT(kAccountLastUsedAt, "account.last_used_at", kOptional, kNone, kPlain, "", \
       "The last use on record; absent before the first.") \
  FACT(kAccountLocked, "account.locked", kBool, kNone, kPlain, "UnlockAccount", "") \
  FACT(kAccountLockedAt, "account.locked_at", kOptional, kNone, kPlain, "", \
       "Absent unless locked.") \
  FACT(kAccountConsecutiveFailures, "account.consecutive_failures", kInt, kNone, kPlain, "", \
       "Wrong passwords since the last right one.") \
  FACT(kAccountLeaver, "account.leaver", kBool, kNone, kPlain, "JoinOrganisation", "") \
  FACT(kAccountLeaverAt, "account.leaver_at", kOptional, kNone, kPlain, "", \
       "Absent unless a leaver.") \
  FACT(kAccountRoles, "account.roles", kRoles, kNone, kPlain, "", "") \
  FACT(kAccountRank, "account.rank", kInt, kNone, kPlain, "", \
       "The highest rank of account.roles, 0 without a role. Set together with them.") \
  FACT(kAccountLastOperator, "account.last_operator", kBool, kNone, kPlain, "", \
       "No other account could act as OPERATOR.") \
  FACT(kAccountLastNationalAdmin, "account.last_national_admin", kBool, kNone, kPlain, "", \
       "No other account could act as NATIONAL_ADMIN.") \
  FACT(kAccountAupAccepted, "account.aup_accepted", kBool, kNone, \
       kPlain, "CompleteRequiredActions", \
       "An acceptance of any version is on record and was not reset.") \
  FACT(kAccountAupCurrent, "account.aup_current", kBool, kNone, \
       kPlain, "CompleteRequiredActions", \
       "The acceptance on record is of the current version.") \
  FACT(kAccountAupResetAt, "account.aup_reset_at", kOptional, kNone, kPlain, "", \
       "When the acceptance was last reset; absent if never.") \
  FACT(kAccountHasSecret, "account.has_secret", kBool, kNone, kPlain, "CompleteRequiredActions", \
       "") \
  FACT(kAccountHasSecurityQuestions, "account.has_security_questions", kBool, kNone, kPlain, "", \
       "The legacy ones, not yet retired.") \
  FACT(kAccountSecretOverheard, "account.secret_overheard", kInt, kNone, \
       kPlain, "SetAccountSecret", \
       "Successful verifications by the present secret.") \
  FACT(kAccountResecurePending, "account.resecure_pending", kBool, kNone, \
       kPlain, "CompleteRequiredActions", \
       "Resecured, and the required actions are not complete.") \
  FACT(kAccountResecuredAt, "account.resecured_at", kOptional, kNone, kPlain, "", \
       "The last resecure; absent if never.") \
  FACT(kAccountPasswordChangedAt, "account.password_changed_at", kOptional, kNone, kPlain, "", \
       "When the present password was set, by whomever; absent while there is none.") \
  FACT(kAccountPasswordTemporary, "account.password_temporary", kBool, kNone, \
       kPlain, "ChangePassword", \
       "Set by an administrator, and told once.") \
  FACT(kAccountMustChangePassword, "account.must_change_password", kBool, kNone, \
       kPlain, "ChangePassword", \
       "The force-change flag.") \
  FACT(kAccountProfileConfirmed, "account.profile_confirmed", kBool, kNone, \
       kPlain, "CompleteRequiredActions", \
       "") \
  FACT(kAccountRequiredActions, "account.required_actions", kInts, kRequiredAction, kPlain, "", \
       "What the account has to finish, in order.") \
  FACT(kAccountAuthenticationMethods, "account.authentication_methods", kInt, kNone, \
       kPlain, "RegisterAuthenticationMethod", \
       "Confirmed methods.") \
  FACT(kAccountVerificationFailures, "account.verification_failures", kInt, kNone, \
       kPlain, "SetAccountSecret", \
       "Failed verifications since the last success or new secret.") \
  FACT(kAccountVerificationClosedUntil, "account.verification_closed_until", kOptional, kNone, \
       kPlain, "", \
       "Absent unless failures closed verification for a while.") \
  /* The organisation acted in: the account's; else, or for JOIN_ORGANISATION, the request's */ \
  FACT(kOrganisationKnown, "organisation.known", kBool, kNone, kPlain, "", \
       "There is such an organisation.") \
  FACT(kOrganisationId, "organisation.organisation_id", kText, kNone, kAlias, "", "") \
  FACT(kOrganisationNasManaged, "organisation.nas_managed", kBool, kNone, kPlain, "", \
       "Looked after by the National Administration Service.") \
  FACT(kOrganisationPasswordScope, "organisation.password_scope", kInt, kPasswordScope, \
       kPlain, "", \
       "") \
  /* The acceptable use policy */ \
  FACT(kAupPublished, "aup.published", kBool, kNone, kPlain, "PublishAcceptableUsePolicy", \
       "At least one version is.") \
  FACT(kAupCurrentVersion, "aup.current_version", kText, kNone, kPlain, "", \
       "Empty while none is published.") \
  /* The request */ \
  FACT(kRequestHypothetical, "request.hypothetical", kBool, kNone, kPlain, "", \
       "CheckEligibility asks: what a request would bring (identity check, password, secret)" \
       " is taken as given.") \
  FACT(kRequestRole, "request.role", kInt, kRole, kPlain, "", "The role to grant or withdraw.") \
  FACT(kRequestRoleHeld, "request.role_held", kBool, kNone, kPlain, "", \
       "The account holds request.role in request.organisation_id.") \
  FACT(kRequestOrganisationId, "request.organisation_id", kText, kNone, kAlias, "", \
       "The organisation the request names; empty if none.") \
  FACT(kRequestOwnSession, "request.own_session", kBool, kNone, kPlain, "", \
       "The session named is one of the actor's own, or was named by its token.") \
  FACT(kRequestPasswordVerified, "request.password_verified", kBool, kNone, kPlain, "", \
       "The password that came with the request is the account's.") \
  FACT(kRequestAcceptsAup, "request.accepts_aup", kBool, kNone, kPlain, "", "") \
  FACT(kRequestAupVersion, "request.aup_version", kText, kNone, kPlain, "", \
       "The version accepted; empty if none.") \
  FACT(kRequestConfirmsProfile, "request.confirms_profile", kBool, kNone, kPlain, "", "") \
  FACT(kRequestMethodsVerified, "request.methods_verified", kInt, kNone, kPlain, "", \
       "Distinct authentication methods proven in this sign-in or recovery.") \
  FACT(kRequestMethodCounted, "request.method_counted", kBool, kNone, kPlain, "", \
       "The method named is, or would be, among account.authentication_methods.") \
  /* The identity check that came with the request */ \
  FACT(kIdentityCheckKind, "identity_check.kind", kInt, kIdentityCheckKind, kPlain, "", "") \
  FACT(kIdentityCheckAttestationKind, "identity_check.attestation_kind", kInt, kAttestationKind, \
       kPlain, "", \
       "UNSPECIFIED unless an attestation.") \
  FACT(kIdentityCheckHasReference, "identity_check.has_reference", kBool, kNone, kPlain, "", "") \
  /* The password that would be set */ \
  FACT(kPasswordGiven, "password.given", kBool, kNone, kPlain, "", \
       "False leaves the other password facts unknown.") \
  FACT(kPasswordLength, "password.length", kInt, kNone, kWithheld, "", \
       "Code points after NFKC.") \
  FACT(kPasswordContainsName, "password.contains_name", kBool, kNone, kPlain, "", "") \
  FACT(kPasswordCommon, "password.common", kBool, kNone, kPlain, "", \
       "Guessers try it first: all of it is one known pattern, or on a list of known ones.") \
  FACT(kPasswordReused, "password.reused", kBool, kNone, kPlain, "", \
       "Among the last `password_history`.") \
  FACT(kPasswordGuessesLog10, "password.guesses_log10", kDouble, kNone, kWithheld, "", \
       "zxcvbn's estimate.") \
  /* The account secret that would be set */ \
  FACT(kSecretGiven, "secret.given", kBool, kNone, kPlain, "", \
       "False leaves the other secret facts unknown.") \
  FACT(kSecretLength, "secret.length", kInt, kNone, kWithheld, "", "") \
  FACT(kSecretLettersOnly, "secret.letters_only", kBool, kNone, kPlain, "", \
       "A to Z, in either case.") \
  FACT(kSecretIsName, "secret.is_name", kBool, kNone, kPlain, "", "") \
  FACT(kSecretIsOrganisation, "secret.is_organisation", kBool, kNone, kPlain, "", "") \
  FACT(kSecretReused, "secret.reused", kBool, kNone, kPlain, "", \
       "Among the last `secret_history`.")
// clang-format on

#endif  // GATEHOUSE_POLICY_FACT_TABLE_H_
