// Records for tests of the account stores: every field is set to something of its own, so that a
// store that drops or swaps one is found out. Records are compared as text, whose differences read
// well.
#ifndef GATEHOUSE_TESTS_CONTRACT_ACCOUNT_SAMPLES_H_
#define GATEHOUSE_TESTS_CONTRACT_ACCOUNT_SAMPLES_H_

#include <string>
#include <vector>

#include "absl/time/time.h"

#include "storage/authentication_records.h"
#include "storage/import_record.h"
#include "storage/recognition_record.h"
#include "storage/records.h"
#include "storage/sealed_record.h"
#include "storage/timeline_record.h"

namespace gatehouse::storage {

// An instant with microseconds that matter.
absl::Time SampleTime(int minutes = 0);

OrganisationRecord SampleOrganisation(int number);
AcceptableUsePolicyRecord SampleAcceptableUsePolicy(int number);
// Of SampleOrganisation(1).
AccountRecord SampleAccount(int number);
SessionDigest SampleDigest(int number);
// Of SampleAccount(number).
RecognitionRecord SampleRecognition(int number);
// Open, of SampleAccount(account); expires at SampleTime(10).
VerificationRecord SampleVerification(const std::string& id, int account);
SecurityQuestionRecord SampleSecurityQuestion(int number);
RevocationRecord SampleRevocation(int number);
PolicyRevisionRecord SamplePolicyRevision(int number);
AuditRecord SampleAudit(const OrganisationId& organisation, std::int64_t sequence);
ReplayRecord SampleReplay(int number);
ImportedItemRecord SampleImportedItem(int number);
// Of SampleAccount(1).
AuthenticationMethodRecord SampleMethod(int number);
ProofRecord SampleProof(int number);
RefusalRunRecord SampleRefusalRun(const AccountId& account, const std::string& cause);
OutboxRecord SampleMessage(const std::string& id, const AccountId& account);

// All fields, in order.
std::string Text(const OrganisationRecord& organisation);
std::string Text(const AcceptableUsePolicyRecord& aup);
std::string Text(const AccountRecord& account);
std::string Text(const RecognitionRecord& recognition);
std::string Text(const VerificationRecord& verification);
std::string Text(const SecurityQuestionRecord& question);
std::string Text(const SealedRecord& sealed);
std::string Text(const RevocationRecord& revocation);
std::string Text(const PolicyRevisionRecord& revision);
std::string Text(const PolicyStateRecord& state);
std::string Text(const AuditRecord& audit);
std::string Text(const ReplayRecord& replay);
std::string Text(const ImportedItemRecord& item);
std::string Text(const AuthenticationMethodRecord& method);
std::string Text(const ProofRecord& proof);
std::string Text(const RefusalRunRecord& run);
std::string Text(const OutboxRecord& message);

std::vector<std::string> Usernames(const std::vector<AccountRecord>& accounts);
std::vector<std::int64_t> Sequences(const std::vector<AuditRecord>& events);
std::vector<std::string> Ids(const std::vector<OutboxRecord>& messages);

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_TESTS_CONTRACT_ACCOUNT_SAMPLES_H_
