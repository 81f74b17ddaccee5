// Recognising callers: how accounts stand, what agents asked, questions of the old kind.
#include <algorithm>
#include <utility>

#include "storage/memory/account_transaction.h"
#include "storage/memory/precision.h"

namespace gatehouse::storage {
namespace {

absl::Status NoSuchRow() { return absl::NotFoundError("no such row"); }

}  // namespace

absl::StatusOr<RecognitionRecord> MemoryTransaction::FindRecognition(const AccountId& id) {
  const auto row = tables_.recognitions.find(id);
  if (row == tables_.recognitions.end()) return NoSuchRow();
  return row->second;
}

absl::StatusOr<std::vector<RecognitionRecord>> MemoryTransaction::FindRecognitions(
    absl::Span<const AccountId> ids) {
  std::vector<RecognitionRecord> found;
  for (const AccountId& id : ids) {
    const auto row = tables_.recognitions.find(id);
    if (row != tables_.recognitions.end()) found.push_back(row->second);
  }
  return found;
}

absl::Status MemoryTransaction::PutRecognition(const RecognitionRecord& recognition) {
  absl::Status status = CheckWrite({});
  if (!status.ok()) return status;
  if (!tables_.accounts.contains(recognition.account_id)) {
    return failure_ = absl::InternalError("a recognition needs an account");
  }
  undo_.Put(tables_.recognitions, recognition.account_id, Stored(recognition));
  return absl::OkStatus();
}

absl::StatusOr<VerificationRecord> MemoryTransaction::FindVerification(absl::string_view id) {
  const auto row = tables_.verifications.find(std::string(id));
  if (row == tables_.verifications.end()) return NoSuchRow();
  return row->second;
}

absl::StatusOr<VerificationRecord> MemoryTransaction::FindOpenVerification(
    const AccountId& id, const AccountId& agent_id, absl::Time now) {
  const VerificationRecord* last = nullptr;
  for (const auto& [key, verification] : tables_.verifications) {
    if (verification.account_id == id && verification.agent_id == agent_id &&
        verification.state == VerificationState::kOpen && verification.expires_at > Stored(now) &&
        (last == nullptr || verification.expires_at > last->expires_at)) {
      last = &verification;
    }
  }
  if (last == nullptr) return NoSuchRow();
  return *last;
}

absl::Status MemoryTransaction::InsertVerification(const VerificationRecord& verification) {
  absl::Status status = CheckWrite({verification.id, verification.agent_id.value(),
                                    verification.organisation_id.value(), verification.question});
  if (!status.ok()) return status;
  if (tables_.verifications.contains(verification.id)) {
    return absl::AlreadyExistsError("the verification's id is taken");
  }
  if (!tables_.accounts.contains(verification.account_id)) {
    return failure_ = absl::InternalError("a verification needs an account");
  }
  undo_.Put(tables_.verifications, verification.id, Stored(verification));
  return absl::OkStatus();
}

absl::Status MemoryTransaction::ChangeVerification(const VerificationRecord& verification,
                                                   VerificationState former) {
  absl::Status status = CheckWrite({});
  if (!status.ok()) return status;
  absl::StatusOr<VerificationRecord> stored = FindVerification(verification.id);
  if (!stored.ok() || stored->state != former) {
    return absl::AbortedError("the verification has changed");
  }
  stored->state = verification.state;
  stored->grant_expires_at = Stored(verification.grant_expires_at);
  stored->attempt_mac = verification.attempt_mac;
  undo_.Put(tables_.verifications, verification.id, *std::move(stored));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<absl::Time>> MemoryTransaction::ListExpiries(const AccountId& id,
                                                                        std::int64_t secret_version,
                                                                        absl::Time after,
                                                                        absl::Time until,
                                                                        int limit) {
  std::vector<absl::Time> expiries;
  for (const auto& [key, verification] : tables_.verifications) {
    if (verification.account_id == id && verification.state == VerificationState::kOpen &&
        verification.secret_version == secret_version && verification.expires_at > Stored(after) &&
        verification.expires_at <= Stored(until)) {
      expiries.push_back(verification.expires_at);
    }
  }
  std::sort(expiries.begin(), expiries.end());
  expiries.resize(std::min(expiries.size(), static_cast<std::size_t>(std::max(limit, 0))));
  return expiries;
}

absl::Status MemoryTransaction::AbandonVerifications(const AccountId& id, absl::Time until) {
  return Abandon([&](const VerificationRecord& verification) {
    return verification.account_id == id && verification.state == VerificationState::kOpen &&
           verification.expires_at <= Stored(until);
  });
}

absl::Status MemoryTransaction::Abandon(absl::FunctionRef<bool(const VerificationRecord&)> ends) {
  absl::Status status = CheckWrite({});
  if (!status.ok()) return status;
  std::vector<VerificationRecord> abandoned;
  for (const auto& [key, verification] : tables_.verifications) {
    if (ends(verification)) abandoned.push_back(verification);
  }
  for (VerificationRecord& verification : abandoned) {
    const std::string key = verification.id;
    verification.state = VerificationState::kAbandoned;
    undo_.Put(tables_.verifications, key, std::move(verification));
  }
  return absl::OkStatus();
}

absl::Status MemoryTransaction::EndVerifications(const AccountId& id) {
  return Abandon([&id](const VerificationRecord& verification) {
    return verification.account_id == id && (verification.state == VerificationState::kOpen ||
                                             verification.state == VerificationState::kAnswered);
  });
}

absl::StatusOr<std::vector<SecurityQuestionRecord>> MemoryTransaction::FindSecurityQuestions(
    const AccountId& id) {
  const auto row = tables_.security_questions.find(id);
  if (row == tables_.security_questions.end()) return std::vector<SecurityQuestionRecord>();
  return row->second;
}

absl::Status MemoryTransaction::PutSecurityQuestions(
    const AccountId& id, absl::Span<const SecurityQuestionRecord> questions) {
  std::vector<SecurityQuestionRecord> sorted(questions.begin(), questions.end());
  std::ranges::sort(sorted, {}, &SecurityQuestionRecord::number);
  for (const SecurityQuestionRecord& question : sorted) {
    absl::Status status = CheckWrite({question.question, question.key_id});
    if (!status.ok()) return status;
  }
  if (std::ranges::adjacent_find(sorted, {}, &SecurityQuestionRecord::number) != sorted.end()) {
    return absl::AlreadyExistsError("the question's number is taken");
  }
  if (!tables_.accounts.contains(id)) {
    return failure_ = absl::InternalError("security questions need an account");
  }
  absl::Status status = RemoveSecurityQuestions(id);
  if (!status.ok()) return status;
  undo_.Put(tables_.security_questions, id, std::move(sorted));
  return absl::OkStatus();
}

absl::Status MemoryTransaction::RemoveSecurityQuestions(const AccountId& id) {
  absl::Status status = CheckWrite({});
  if (!status.ok()) return status;
  std::vector<std::string> put;
  for (const auto& [key, verification] : tables_.verifications) {
    if (verification.account_id == id && !verification.question.empty()) put.push_back(key);
  }
  for (const std::string& key : put) undo_.Erase(tables_.verifications, key);
  undo_.Erase(tables_.security_questions, id);
  return absl::OkStatus();
}

}  // namespace gatehouse::storage
