// Checks of a request's fields at the border: every fault is noted, so that all of a request's are
// told together. Texts must be UTF-8 without control characters; lengths count code points, and the
// longest are the policy's parameters. One RequestCheck belongs to one call and one thread.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_REQUEST_CHECK_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_REQUEST_CHECK_H_

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "google/protobuf/timestamp.pb.h"

#include "gatehouse/v1/account.pb.h"
#include "gatehouse/v1/identity_check.pb.h"
#include "gatehouse/v1/session.pb.h"
#include "policy/policy.h"
#include "server/operations/errors.h"

namespace gatehouse::server {

enum class Presence { kOptional, kRequired };

class RequestCheck {
 public:
  // `policy` gives the limits and must outlive this object.
  explicit RequestCheck(const policy::Policy& policy) : policy_(policy) {}

  void Text(absl::string_view field, absl::string_view value, int64_t longest, Presence presence);
  void Name(absl::string_view field, absl::string_view value, Presence presence);
  // Of reasons and references.
  void Reason(absl::string_view field, absl::string_view value, Presence presence);
  // 22 characters of base64url, as all ids are.
  void Id(absl::string_view field, absl::string_view value, Presence presence);
  // A UUID in its usual form (RFC 9562), in either case.
  void RequestId(absl::string_view value);
  // Names must be given; address and number, where given, must look like one (E.164).
  void Profile(const v1::Profile& profile);
  // In E.164 form.
  void PhoneNumber(absl::string_view field, absl::string_view value, Presence presence);
  // What somebody typed, and may be wrong: given, and of a length that does no harm.
  void Typed(absl::string_view field, absl::string_view value);
  // Every path must be one of the message's fields, and there must be one.
  void Mask(const google::protobuf::FieldMask& mask,
            const google::protobuf::Descriptor& descriptor);
  void IdentityCheck(const v1::IdentityCheck& check);
  void Client(const v1::Client& client);
  void Instant(absl::string_view field, const google::protobuf::Timestamp& instant);
  void PageSize(int page_size);
  // `found` of what may number from `fewest` to `most`.
  void Count(absl::string_view field, int64_t found, int64_t fewest, int64_t most);

  // A value of the enum; other than its zero if it is required.
  template <typename Enum>
  void EnumValue(absl::string_view field, Enum value, Presence presence) {
    const auto* descriptor = google::protobuf::GetEnumDescriptor<Enum>();
    const int number = static_cast<int>(value);
    if (descriptor->FindValueByNumber(number) == nullptr) {
      faults_.Add(field, absl::StrCat(number, " is no ", descriptor->name()));
    } else if (number == 0 && presence == Presence::kRequired) {
      faults_.Add(field, "must be given");
    }
  }

  // For what only one operation checks.
  void Fault(absl::string_view field, absl::string_view fault) { faults_.Add(field, fault); }

  // OK, or INVALID_ARGUMENT / FIELDS_INVALID with all faults.
  absl::Status status() const { return faults_.ToStatus(); }

 private:
  const policy::Policy& policy_;
  FieldFaults faults_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_REQUEST_CHECK_H_
