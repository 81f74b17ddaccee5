#include "server/runtime/outbox/notification_kind.h"

namespace gatehouse::server {

absl::string_view WordOf(NotificationKind kind) {
  switch (kind) {
    case NotificationKind::kAccountCreated:
      return "ACCOUNT_CREATED";
    case NotificationKind::kAccountImported:
      return "ACCOUNT_IMPORTED";
    case NotificationKind::kAccountResecured:
      return "ACCOUNT_RESECURED";
    case NotificationKind::kPasswordReset:
      return "PASSWORD_RESET";
    case NotificationKind::kPasswordChanged:
      return "PASSWORD_CHANGED";
    case NotificationKind::kPasswordExpiring:
      return "PASSWORD_EXPIRING";
    case NotificationKind::kAccountSecretChanged:
      return "ACCOUNT_SECRET_CHANGED";
    case NotificationKind::kAccountUnlocked:
      return "ACCOUNT_UNLOCKED";
    case NotificationKind::kProfileChanged:
      return "PROFILE_CHANGED";
    case NotificationKind::kAccountDisabled:
      return "ACCOUNT_DISABLED";
    case NotificationKind::kAccountEnabled:
      return "ACCOUNT_ENABLED";
    case NotificationKind::kAccountDeleted:
      return "ACCOUNT_DELETED";
    case NotificationKind::kAccountRestored:
      return "ACCOUNT_RESTORED";
    case NotificationKind::kLeaverMarked:
      return "LEAVER_MARKED";
    case NotificationKind::kOrganisationJoined:
      return "ORGANISATION_JOINED";
    case NotificationKind::kRoleGranted:
      return "ROLE_GRANTED";
    case NotificationKind::kRoleWithdrawn:
      return "ROLE_WITHDRAWN";
    case NotificationKind::kSessionsRevoked:
      return "SESSIONS_REVOKED";
    case NotificationKind::kAuthenticationMethodAdded:
      return "AUTHENTICATION_METHOD_ADDED";
    case NotificationKind::kAuthenticationMethodRemoved:
      return "AUTHENTICATION_METHOD_REMOVED";
    case NotificationKind::kAuthenticationMethodsReset:
      return "AUTHENTICATION_METHODS_RESET";
    case NotificationKind::kPasswordRecovered:
      return "PASSWORD_RECOVERED";
    case NotificationKind::kAuthenticationCode:
      return "AUTHENTICATION_CODE";
    case NotificationKind::kCodesExhausted:
      return "CODES_EXHAUSTED";
    case NotificationKind::kRecoveryCodesFew:
      return "RECOVERY_CODES_FEW";
    case NotificationKind::kRecoveryCodesRenewed:
      return "RECOVERY_CODES_RENEWED";
  }
  return "";
}

absl::string_view DetailOf(NotificationKind kind) {
  if (kind == NotificationKind::kOrganisationJoined) return "organisation";
  if (kind == NotificationKind::kAuthenticationCode) return "code";
  if (kind == NotificationKind::kPasswordExpiring) return "days";
  if (kind == NotificationKind::kRecoveryCodesFew) return "codes_left";
  const bool is_of_a_role =
      kind == NotificationKind::kRoleGranted || kind == NotificationKind::kRoleWithdrawn;
  return is_of_a_role ? "role" : "";
}

}  // namespace gatehouse::server
