#include "server/operations/secret/resealing.h"

#include <utility>
#include <vector>

#include "server/operations/methods/proofs.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/account_secret.h"
#include "server/secrets/security_answer.h"

namespace gatehouse::server {
namespace {

using storage::SealedKind;
using storage::SealedRecord;

struct KindOfSeal {
  const char* name;
  KeyPurpose purpose;
};

KindOfSeal Describe(SealedKind kind) {
  switch (kind) {
    case SealedKind::kAccountSecret:
      return {"account_secrets", KeyPurpose::kAccountSecret};
    case SealedKind::kSecurityAnswer:
      return {"security_answers", KeyPurpose::kAccountSecret};
    case SealedKind::kTotpSecret:
      return {"totp_secrets", KeyPurpose::kSecondFactor};
  }
  return {"unknown", KeyPurpose::kAccountSecret};
}

std::string PlaceOf(const SealedRecord& row) {
  switch (row.kind) {
    case SealedKind::kAccountSecret:
      return PlaceOfAccountSecret(row.account_id.value(), row.version);
    case SealedKind::kSecurityAnswer:
      return PlaceOfSecurityAnswer(row.account_id.value(), row.version);
    case SealedKind::kTotpSecret:
      return PlaceOfTotpSecret(row.account_id, row.method_id);
  }
  return "";
}

}  // namespace

absl::Status Resealing::Pass(absl::FunctionRef<bool()> stopping) {
  std::int64_t left = 0;
  for (const SealedKind kind : storage::kSealedKinds) {
    for (const KeyDescription& key : listed_) {
      if (key.active || key.purpose != Describe(kind).purpose) continue;
      GATEHOUSE_ASSIGN_OR_RETURN(const Tally tally, PassKey(kind, key.id, stopping));
      GATEHOUSE_ASSIGN_OR_RETURN(const std::int64_t left_under_key, Count(kind, key.id));
      left += left_under_key;
      if (tally.resealed + tally.unreadable == 0) continue;
      log_.Info("resealed", {{"kind", Describe(kind).name},
                             {"former_key", key.id},
                             {"rows", tally.resealed},
                             {"unreadable", tally.unreadable},
                             {"left", left_under_key}});
    }
  }
  left_.Set(static_cast<double>(left));
  return absl::OkStatus();
}

absl::StatusOr<Resealing::Tally> Resealing::PassKey(SealedKind kind, const std::string& key_id,
                                                    absl::FunctionRef<bool()> stopping) {
  Tally tally;
  std::vector<SealedRecord> page;
  SealedRecord last;
  do {
    GATEHOUSE_RETURN_IF_ERROR(
        accounts_.Read([&](storage::Transaction& transaction) -> absl::Status {
          GATEHOUSE_ASSIGN_OR_RETURN(page, transaction.ListSealed(kind, key_id, last, rows_));
          return absl::OkStatus();
        }));
    if (page.empty()) break;
    last = page.back();
    GATEHOUSE_RETURN_IF_ERROR(ResealPage(page, tally));
  } while (static_cast<int>(page.size()) == rows_ && !stopping());
  return tally;
}

absl::Status Resealing::ResealPage(absl::Span<const SealedRecord> page, Tally& tally) {
  const KindOfSeal described = Describe(page.front().kind);
  std::vector<std::pair<const SealedRecord*, KeyRing::Sealed>> renewed;
  for (const SealedRecord& row : page) {
    const std::string place = PlaceOf(row);
    const auto opened =
        keys_.Open(described.purpose, {.key_id = row.key_id, .bytes = row.ciphertext}, place);
    if (opened.ok()) {
      renewed.emplace_back(&row, keys_.Seal(described.purpose, opened->Reveal(), place, entropy_));
    } else {
      ++tally.unreadable;
    }
  }
  std::int64_t done = 0;
  GATEHOUSE_RETURN_IF_ERROR(
      accounts_.Transact([&](storage::Transaction& transaction) -> absl::Status {
        done = 0;
        for (const auto& [row, sealed] : renewed) {
          GATEHOUSE_ASSIGN_OR_RETURN(const bool resealed,
                                     transaction.Reseal(*row, sealed.bytes, sealed.key_id));
          done += resealed ? 1 : 0;
        }
        return absl::OkStatus();
      }));
  tally.resealed += done;
  metrics_
      .ForCounter("gatehouse_resealed_rows_total",
                  "Rows that were sealed anew after a change of keys, by kind.",
                  {{"kind", described.name}})
      .Increment(static_cast<std::uint64_t>(done));
  return absl::OkStatus();
}

absl::StatusOr<std::int64_t> Resealing::Count(SealedKind kind, const std::string& key_id) {
  std::int64_t count = 0;
  GATEHOUSE_RETURN_IF_ERROR(accounts_.Read([&](storage::Transaction& transaction) -> absl::Status {
    GATEHOUSE_ASSIGN_OR_RETURN(count, transaction.CountSealed(kind, key_id));
    return absl::OkStatus();
  }));
  return count;
}

}  // namespace gatehouse::server
