// Sessions for tests of the session store, and the ways in which they are asked for.
#ifndef GATEHOUSE_TESTS_CONTRACT_SESSION_SAMPLES_H_
#define GATEHOUSE_TESTS_CONTRACT_SESSION_SAMPLES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "storage/session_store.h"

namespace gatehouse::storage {

// Far enough for the slowest machine.
absl::Time Soon();

SessionDigest SampleDigest(int number);

// FULL, 12 hours from now on, of one and the same account.
SessionRecord SampleSession(int number);

// One of each shape: levels, required actions, roles here, elsewhere and nowhere, odd instants,
// great numbers, an organisation that is no id.
std::vector<SessionRecord> SampleSessions();

ClientRecord SampleClient();

void ExpectSame(const SessionRecord& actual, const SessionRecord& expected);

// Ask and wait.
absl::StatusOr<FoundSession> FindNow(SessionStore& store, const SessionKey& key);
std::vector<absl::StatusOr<FoundSession>> FindAllNow(SessionStore& store,
                                                     std::vector<SessionKey> keys);

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_TESTS_CONTRACT_SESSION_SAMPLES_H_
