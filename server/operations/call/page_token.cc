#include "server/operations/call/page_token.h"

#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "server/operations/call/canonical.h"
#include "server/operations/errors.h"

namespace gatehouse::server {
namespace {

absl::Status PageTokenInvalid() {
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_PAGE_TOKEN_INVALID,
               "the page token is not one that this list gave you; begin without one");
}

}  // namespace

PageTokens::PageTokens(const KeyRing& keys, const storage::AccountId& actor,
                       const google::protobuf::Message& request)
    : keys_(keys) {
  const std::unique_ptr<google::protobuf::Message> filters(request.New());
  filters->CopyFrom(request);
  for (const char* name : {"page_size", "page_token"}) {
    filters->GetReflection()->ClearField(filters.get(),
                                         filters->GetDescriptor()->FindFieldByName(name));
  }
  binding_ = absl::StrCat(request.GetDescriptor()->full_name(), "\n", actor.value(), "\n",
                          CanonicalBytes(*filters));
}

// Layout: length of the key's id, the id, the tag, the cursor.
std::string PageTokens::Make(absl::string_view cursor) const {
  const KeyRing::Tag tag = keys_.Mac(KeyPurpose::kPageToken, absl::StrCat(binding_, "\n", cursor));
  return absl::WebSafeBase64Escape(absl::StrCat(
      std::string(1, static_cast<char>(tag.key_id.size())), tag.key_id, tag.bytes, cursor));
}

absl::StatusOr<std::string> PageTokens::Read(absl::string_view token) const {
  if (token.empty()) return std::string();
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(token, &bytes) || bytes.empty()) return PageTokenInvalid();
  absl::string_view rest = bytes;
  const auto id_size = static_cast<size_t>(static_cast<unsigned char>(rest[0]));
  rest.remove_prefix(1);
  if (rest.size() < id_size + KeyRing::kTagSize) return PageTokenInvalid();
  const KeyRing::Tag tag{.key_id = std::string(rest.substr(0, id_size)),
                         .bytes = std::string(rest.substr(id_size, KeyRing::kTagSize))};
  rest.remove_prefix(id_size + KeyRing::kTagSize);
  if (!keys_.VerifyMac(KeyPurpose::kPageToken, absl::StrCat(binding_, "\n", rest), tag)) {
    return PageTokenInvalid();
  }
  return std::string(rest);
}

}  // namespace gatehouse::server
