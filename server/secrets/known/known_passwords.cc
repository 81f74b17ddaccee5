#include "server/secrets/known/known_passwords.h"

#include <utility>

#include "absl/strings/str_split.h"

#include "server/secrets/known/common_passwords.h"
#include "server/secrets/unicode.h"

namespace gatehouse::server {

KnownPasswords::KnownPasswords()
    : common_(absl::StrSplit(kCommonPasswords, '\n', absl::SkipEmpty())) {}

absl::StatusOr<std::unique_ptr<KnownPasswords>> KnownPasswords::Open(const std::string& path) {
  auto known = std::make_unique<KnownPasswords>();
  known->path_ = path;
  if (absl::Status opened = known->Reload(); !opened.ok()) return opened;
  return known;
}

bool KnownPasswords::Contains(const SecretString& normalized) const {
  // Folded, and without what shows nothing: a variation selector makes no password less common.
  std::string folded = ToNfkcCaseFolded(normalized.Reveal());
  const bool common = common_.contains(folded);
  WipeString(folded);
  if (common) return true;
  const FilterPtr breached = filter();
  return breached != nullptr && breached->Contains(KeyOfPassword(normalized.Reveal()));
}

absl::Status KnownPasswords::Reload() {
  if (path_.empty()) return absl::OkStatus();
  auto opened = PasswordFilter::Open(path_);
  const std::lock_guard lock(mutex_);
  last_reload_ = opened.status();
  if (opened.ok()) breached_ = *std::move(opened);
  return last_reload_;
}

absl::Status KnownPasswords::CheckReload() const {
  const std::lock_guard lock(mutex_);
  return last_reload_;
}

uint64_t KnownPasswords::breached() const {
  const FilterPtr breached = filter();
  return breached == nullptr ? 0 : breached->keys();
}

KnownPasswords::FilterPtr KnownPasswords::filter() const {
  const std::lock_guard lock(mutex_);
  return breached_;
}

}  // namespace gatehouse::server
