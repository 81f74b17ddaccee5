// A small file of secrets on disk: written as a whole, durably, for the owner alone; refused when
// others could have read it. Thread-safe. Every error names the file and what is wrong with it.
#ifndef GATEHOUSE_SERVER_SECRETS_KEY_FILE_H_
#define GATEHOUSE_SERVER_SECRETS_KEY_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "server/secrets/secret_string.h"

namespace gatehouse::server {

// Either the whole file is there afterwards, with mode 0600, or nothing is. ALREADY_EXISTS when
// something is at `path`.
absl::Status WriteNewKeyFile(const std::string& path, const SecretString& content);

// The same in the place of the file that is there, with its owner: at every moment either of them
// is there as a whole.
absl::Status ReplaceKeyFile(const std::string& path, const SecretString& content);

// NOT_FOUND, PERMISSION_DENIED (not ours, or open to group or others), FAILED_PRECONDITION (no
// regular file, or absurdly large). `what` the file is, for those errors.
absl::StatusOr<SecretString> ReadKeyFile(const std::string& path,
                                         absl::string_view what = "key ring");

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_KEY_FILE_H_
