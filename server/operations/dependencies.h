// Everything that operations need beside the call itself. Built once by the composition root, const
// from then on, shared by all threads; it owns nothing and each part outlives it.
#ifndef GATEHOUSE_SERVER_OPERATIONS_DEPENDENCIES_H_
#define GATEHOUSE_SERVER_OPERATIONS_DEPENDENCIES_H_

#include <string>

#include "policy/policy_holder.h"
#include "server/policies/decision_journal.h"
#include "server/policies/policy_follower.h"
#include "server/revocation/revocation_log.h"
#include "server/revocation/revocation_reader.h"
#include "server/revocation/session_judge.h"
#include "server/revocation/use_throttle.h"
#include "server/runtime/bell.h"
#include "server/runtime/clock.h"
#include "server/runtime/entropy.h"
#include "server/runtime/lane.h"
#include "server/runtime/log.h"
#include "server/runtime/metrics.h"
#include "server/secrets/account_secret.h"
#include "server/secrets/hash_gate.h"
#include "server/secrets/key_ring.h"
#include "server/secrets/known/known_passwords.h"
#include "server/secrets/password_hasher.h"
#include "storage/account_store.h"
#include "storage/session_store.h"

namespace gatehouse::server {

struct Dependencies {
  storage::AccountStore& accounts;
  storage::SessionStore& sessions;
  const RevocationLog& revocation_log;
  RevocationReader& revocation_reader;
  const SessionJudge& session_judge;
  UseThrottle& use_throttle;
  const policy::PolicyHolder& policies;
  PolicyFollower& policy_follower;
  DecisionJournal& decision_journal;
  const KeyRing& keys;
  const KnownPasswords& known_passwords;
  const PasswordHasher& hasher;
  HashGate& hash_gate;
  Bell& password_settled;  // rung when a password attempt has been settled here
  const AccountSecretVault& secret_vault;
  Entropy& entropy;
  const Clock& clock;
  Lane& background;  // for what must not be done on a thread of the session store's
  const std::string& otpauth_issuer;  // as authenticator apps show it above the code
  const Logger& log;
  Metrics& metrics;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_DEPENDENCIES_H_
