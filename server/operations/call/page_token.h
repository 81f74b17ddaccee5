// Page tokens: where a list goes on, sealed so that only who received one can use it, and only for
// the list it came from. Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_PAGE_TOKEN_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_PAGE_TOKEN_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

#include "server/secrets/key_ring.h"
#include "storage/identifiers.h"

namespace gatehouse::server {

class PageTokens {
 public:
  // Tokens for `actor`'s list by `request`, whose page_size and page_token do not matter.
  PageTokens(const KeyRing& keys, const storage::AccountId& actor,
             const google::protobuf::Message& request);

  std::string Make(absl::string_view cursor) const;

  // The cursor; empty for an empty token. INVALID_ARGUMENT / PAGE_TOKEN_INVALID.
  absl::StatusOr<std::string> Read(absl::string_view token) const;

 private:
  const KeyRing& keys_;
  std::string binding_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_PAGE_TOKEN_H_
