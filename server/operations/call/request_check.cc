#include "server/operations/call/request_check.h"

#include <arpa/inet.h>

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "google/protobuf/util/time_util.h"

#include "server/secrets/token.h"
#include "server/secrets/unicode.h"

namespace gatehouse::server {
namespace {

bool IsUuid(absl::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !absl::ascii_isxdigit(static_cast<unsigned char>(text[i]))) {
      return false;
    }
  }
  return true;
}

// One "@" with something on both sides, and no space: whether mail arrives is for mail to find out.
bool LooksLikeEmail(absl::string_view text) {
  const auto at = text.find('@');
  return at != absl::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == absl::string_view::npos && !absl::StrContains(text, ' ');
}

bool IsE164(absl::string_view text) {
  if (text.size() < 8 || text.size() > 16 || text[0] != '+' || text[1] == '0') return false;
  for (const char digit : text.substr(1)) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(digit))) return false;
  }
  return true;
}

bool IsIpAddress(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> address;
  return inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

}  // namespace

void RequestCheck::Text(absl::string_view field, absl::string_view value, int64_t longest,
                        Presence presence) {
  if (!IsUtf8(value) || HasControlCharacters(value)) {
    faults_.Add(field, "must be UTF-8 text without control characters");
  } else if (const int length = CountCodePoints(value); length > longest) {
    faults_.Add(field, absl::StrCat("has ", length, " characters; at most ", longest, " fit"));
  } else if (presence == Presence::kRequired && absl::StripAsciiWhitespace(value).empty()) {
    faults_.Add(field, "must be given");
  }
}

void RequestCheck::Name(absl::string_view field, absl::string_view value, Presence presence) {
  Text(field, value, policy_.Int(policy::Parameter::kNameMaxLength), presence);
}

void RequestCheck::Reason(absl::string_view field, absl::string_view value, Presence presence) {
  Text(field, value, policy_.Int(policy::Parameter::kReasonMaxLength), presence);
}

void RequestCheck::Id(absl::string_view field, absl::string_view value, Presence presence) {
  if (value.empty()) {
    if (presence == Presence::kRequired) faults_.Add(field, "must be given");
  } else if (!IsWellFormedId(value)) {
    faults_.Add(field, "is not an id: 22 characters of base64url");
  }
}

void RequestCheck::RequestId(absl::string_view value) {
  if (!IsUuid(value)) {
    faults_.Add("request_id", "must be a UUID, such as 0f8fad5b-d9cb-469f-a165-70867728950e");
  }
}

void RequestCheck::Profile(const v1::Profile& profile) {
  Name("profile.given_name", profile.given_name(), Presence::kRequired);
  Name("profile.family_name", profile.family_name(), Presence::kRequired);
  Name("profile.display_name", profile.display_name(), Presence::kRequired);
  constexpr int64_t kLongestEmail = 254;  // RFC 5321, section 4.5.3.1
  Text("profile.contact_email", profile.contact_email(), kLongestEmail, Presence::kOptional);
  if (!profile.contact_email().empty() && !LooksLikeEmail(profile.contact_email())) {
    faults_.Add("profile.contact_email", "is not an e-mail address");
  }
  PhoneNumber("profile.phone_number", profile.phone_number(), Presence::kOptional);
}

void RequestCheck::PhoneNumber(absl::string_view field, absl::string_view value,
                               Presence presence) {
  if (value.empty() ? presence == Presence::kRequired : !IsE164(value)) {
    faults_.Add(field, "must be in E.164 form, such as +441134960000");
  }
}

void RequestCheck::Typed(absl::string_view field, absl::string_view value) {
  constexpr size_t kLongest = 1024;
  if (value.empty()) faults_.Add(field, "must be given");
  if (value.size() > kLongest) faults_.Add(field, "is too long");
}

void RequestCheck::Mask(const google::protobuf::FieldMask& mask,
                        const google::protobuf::Descriptor& descriptor) {
  constexpr size_t kLongestPathTold = 64;
  if (mask.paths().empty()) faults_.Add("update_mask", "must name at least one field");
  for (const std::string& path : mask.paths()) {
    if (descriptor.FindFieldByName(path) == nullptr) {
      faults_.Add("update_mask", absl::StrCat("'", path.substr(0, kLongestPathTold),
                                              "' is no field of ", descriptor.name()));
    }
  }
}

void RequestCheck::IdentityCheck(const v1::IdentityCheck& check) {
  if (check.has_attestation()) {
    EnumValue("identity_check.attestation.kind", check.attestation().kind(), Presence::kRequired);
    Reason("identity_check.attestation.reference", check.attestation().reference(),
           Presence::kOptional);
  } else if (check.has_verification_id()) {
    Id("identity_check.verification_id", check.verification_id(), Presence::kRequired);
  }
}

void RequestCheck::Client(const v1::Client& client) {
  if (!client.ip_address().empty() && !IsIpAddress(client.ip_address())) {
    faults_.Add("client.ip_address", "must be an IPv4 or IPv6 address");
  }
  Reason("client.user_agent", client.user_agent(), Presence::kOptional);
  Name("client.device_label", client.device_label(), Presence::kOptional);
}

void RequestCheck::Instant(absl::string_view field, const google::protobuf::Timestamp& instant) {
  using google::protobuf::util::TimeUtil;
  if (instant.seconds() < TimeUtil::kTimestampMinSeconds ||
      instant.seconds() > TimeUtil::kTimestampMaxSeconds || instant.nanos() < 0 ||
      instant.nanos() > 999'999'999) {
    faults_.Add(field, "is no instant between the years 1 and 9999");
  }
}

void RequestCheck::PageSize(int page_size) {
  const int64_t most = policy_.Int(policy::Parameter::kPageMaxSize);
  if (page_size < 0 || page_size > most) {
    faults_.Add("page_size", absl::StrCat("must be from 0 to ", most));
  }
}

void RequestCheck::Count(absl::string_view field, int64_t found, int64_t fewest, int64_t most) {
  if (found < fewest || found > most) {
    faults_.Add(field,
                absl::StrCat("has ", found, " entries; from ", fewest, " to ", most, " are taken"));
  }
}

}  // namespace gatehouse::server
