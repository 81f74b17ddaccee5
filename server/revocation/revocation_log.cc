#include "server/revocation/revocation_log.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <shared_mutex>

#include "absl/hash/hash.h"
#include "absl/strings/escaping.h"

namespace gatehouse::server {
namespace {

using storage::RevocationKind;
using storage::SessionDigest;

constexpr std::size_t kPrefixSize = 8;

std::uint64_t BigEndianPrefix(absl::string_view bytes) {
  std::uint64_t prefix = 0;
  for (const char byte : bytes.substr(0, kPrefixSize)) {
    prefix = (prefix << 8) | static_cast<std::uint8_t>(byte);
  }
  return prefix;
}

// Ids of sessions are no secret: a digest named under another account than its own must end
// nothing.
std::uint64_t MarkOf(const storage::AccountId& account, const SessionDigest& digest) {
  return BigEndianPrefix(digest.view()) ^ absl::Hash<storage::AccountId>()(account);
}

}  // namespace

std::uint64_t IncarnationPrefix(absl::string_view incarnation) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(incarnation, &bytes) || bytes.size() < kPrefixSize) return 0;
  return BigEndianPrefix(bytes);
}

void RevocationLog::AccountEntry::EndBelow(std::int64_t epoch,
                                           const std::optional<SessionDigest>& but) {
  // The floor of the excepted digest is the highest epoch of those rows that do not except it.
  if (epoch > min_epoch) {
    except_floor = but.has_value() && but == except ? except_floor : min_epoch;
    min_epoch = epoch;
    except = but;
  } else if (but != except) {
    except_floor = std::max(except_floor, epoch);
  }
}

bool RevocationLog::AccountEntry::Ends(const storage::SessionRecord& session) const {
  const bool excepted = except.has_value() && *except == session.key.digest;
  return session.epoch < (excepted ? except_floor : min_epoch);
}

void RevocationLog::Apply(const Read& read, bool complete) {
  const std::unique_lock lock(mutex_);
  if (incarnation_ != read.head.incarnation) {
    Clear();
    incarnation_ = read.head.incarnation;
    incarnation_prefix_ = IncarnationPrefix(incarnation_);
  }
  for (const storage::RevocationRecord& row : read.rows) ApplyRow(row);
  if (read.head.forgotten_before > forgotten_before_) ForgetBefore(read.head.forgotten_before);
  if (complete) {
    position_ = read.head.position;
    read_began_ = read.began;
    loaded_ = true;
  } else if (!read.rows.empty()) {
    position_ = read.rows.back().position;
  }
}

void RevocationLog::Clear() {
  loaded_ = false;
  position_ = 0;
  everything_before_ = 0;
  forgotten_before_ = 0;
  accounts_.clear();
  sessions_.clear();
}

void RevocationLog::ApplyRow(const storage::RevocationRecord& row) {
  switch (row.kind) {
    case RevocationKind::kNone:
      return;
    case RevocationKind::kMinimumEpoch:
    case RevocationKind::kAuthorisationVersion: {
      AccountEntry& entry = accounts_[row.account_id];
      if (row.kind == RevocationKind::kMinimumEpoch) entry.EndBelow(row.min_epoch, row.except);
      entry.authorisation_version =
          std::max(entry.authorisation_version, row.authorisation_version);
      entry.last_position = std::max(entry.last_position, row.position);
      return;
    }
    case RevocationKind::kSession: {
      std::int64_t& position = sessions_[MarkOf(row.account_id, row.digest)];
      position = std::max(position, row.position);
      return;
    }
    case RevocationKind::kEverythingBefore:
      everything_before_ = std::max(everything_before_, row.position);
      return;
  }
}

void RevocationLog::ForgetBefore(std::int64_t position) {
  forgotten_before_ = position;
  absl::erase_if(accounts_, [position](const auto& account) {
    return account.second.last_position <= position;
  });
  absl::erase_if(sessions_, [position](const auto& session) { return session.second <= position; });
}

RevocationFacts RevocationLog::Look(const storage::SessionRecord& session) const {
  const std::shared_lock lock(mutex_);
  const auto account = accounts_.find(session.key.account_id);
  const AccountEntry* entry = account == accounts_.end() ? nullptr : &account->second;
  return {.loaded = loaded_,
          .incarnation = incarnation_prefix_,
          .position = position_,
          .read_began = read_began_,
          .ended = Ends(session, entry),
          .authorisation_version = entry == nullptr ? 0 : entry->authorisation_version};
}

bool RevocationLog::Ends(const storage::SessionRecord& session, const AccountEntry* account) const {
  return session.position < std::max(everything_before_, forgotten_before_) ||
         (account != nullptr && account->Ends(session)) ||
         sessions_.contains(MarkOf(session.key.account_id, session.key.digest));
}

std::string RevocationLog::incarnation() const {
  const std::shared_lock lock(mutex_);
  return incarnation_;
}

std::int64_t RevocationLog::position() const {
  const std::shared_lock lock(mutex_);
  return position_;
}

std::size_t RevocationLog::size() const {
  const std::shared_lock lock(mutex_);
  return accounts_.size() + sessions_.size();
}

}  // namespace gatehouse::server
