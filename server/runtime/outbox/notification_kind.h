// What a person may be told out of band. Each kind has a word, in the messages that leave and, in
// lower case, as the name of its template. Pure functions.
#ifndef GATEHOUSE_SERVER_RUNTIME_OUTBOX_NOTIFICATION_KIND_H_
#define GATEHOUSE_SERVER_RUNTIME_OUTBOX_NOTIFICATION_KIND_H_

#include <array>

#include "absl/strings/string_view.h"

namespace gatehouse::server {

enum class NotificationKind {
  kAccountCreated,
  kAccountImported,
  kAccountResecured,
  kPasswordReset,
  kPasswordChanged,
  kPasswordExpiring,
  kAccountSecretChanged,
  kAccountUnlocked,
  kProfileChanged,
  kAccountDisabled,
  kAccountEnabled,
  kAccountDeleted,
  kAccountRestored,
  kLeaverMarked,
  kOrganisationJoined,
  kRoleGranted,
  kRoleWithdrawn,
  kSessionsRevoked,
  kAuthenticationMethodAdded,
  kAuthenticationMethodRemoved,
  kAuthenticationMethodsReset,
  kPasswordRecovered,
  kAuthenticationCode,
  kCodesExhausted,
  kRecoveryCodesFew,
  kRecoveryCodesRenewed,
};

inline constexpr std::array kNotificationKinds = {NotificationKind::kAccountCreated,
                                                  NotificationKind::kAccountImported,
                                                  NotificationKind::kAccountResecured,
                                                  NotificationKind::kPasswordReset,
                                                  NotificationKind::kPasswordChanged,
                                                  NotificationKind::kAccountSecretChanged,
                                                  NotificationKind::kAccountUnlocked,
                                                  NotificationKind::kProfileChanged,
                                                  NotificationKind::kAccountDisabled,
                                                  NotificationKind::kAccountEnabled,
                                                  NotificationKind::kAccountDeleted,
                                                  NotificationKind::kAccountRestored,
                                                  NotificationKind::kLeaverMarked,
                                                  NotificationKind::kOrganisationJoined,
                                                  NotificationKind::kRoleGranted,
                                                  NotificationKind::kRoleWithdrawn,
                                                  NotificationKind::kSessionsRevoked,
                                                  NotificationKind::kAuthenticationMethodAdded,
                                                  NotificationKind::kAuthenticationMethodRemoved,
                                                  NotificationKind::kAuthenticationMethodsReset,
                                                  NotificationKind::kPasswordRecovered,
                                                  NotificationKind::kAuthenticationCode,
                                                  NotificationKind::kCodesExhausted,
                                                  NotificationKind::kRecoveryCodesFew,
                                                  NotificationKind::kRecoveryCodesRenewed,
                                                  NotificationKind::kPasswordExpiring};

absl::string_view WordOf(NotificationKind kind);

// The detail that comes with this kind, besides what every message has; empty: none.
absl::string_view DetailOf(NotificationKind kind);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_OUTBOX_NOTIFICATION_KIND_H_
