// Is this a password that everybody knows? The common ones that come with Gatehouse, whatever their
// case, and those in the operator's own file of breached ones, exactly as they are.
//
// Thread-safe. Reload takes over a new file while others look up; those go on with the one they
// began with. The parts outlive this object.
#ifndef GATEHOUSE_SERVER_SECRETS_KNOWN_KNOWN_PASSWORDS_H_
#define GATEHOUSE_SERVER_SECRETS_KNOWN_KNOWN_PASSWORDS_H_

#include <memory>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "server/secrets/known/password_filter.h"
#include "server/secrets/secret_string.h"

namespace gatehouse::server {

class KnownPasswords {
 public:
  // The common ones alone.
  KnownPasswords();
  // And those in the file of breached ones at `path`, which is checked whole; an empty path names
  // none. The errors are those of PasswordFilter::Open.
  static absl::StatusOr<std::unique_ptr<KnownPasswords>> Open(const std::string& path);

  // `normalized` as NormalizePassword gives it.
  bool Contains(const SecretString& normalized) const;

  // Opens the file again; one that is at fault changes nothing.
  absl::Status Reload();
  // OK unless the last Reload failed.
  absl::Status CheckReload() const;

  // How many breached ones are known.
  uint64_t breached() const;

 private:
  using FilterPtr = std::shared_ptr<const PasswordFilter>;

  FilterPtr filter() const;

  const absl::flat_hash_set<absl::string_view> common_;
  std::string path_;  // empty: no file

  mutable std::mutex mutex_;  // guards what follows
  FilterPtr breached_;        // null: no file
  absl::Status last_reload_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_KNOWN_KNOWN_PASSWORDS_H_
