// Early returns for absl::Status and absl::StatusOr, so that the way of success reads straight
// down. They may stand in a lambda in one another's argument: each names its temporary by a number
// of its own, since all of an argument is on one line to the preprocessor.
#ifndef GATEHOUSE_SERVER_RUNTIME_STATUS_MACROS_H_
#define GATEHOUSE_SERVER_RUNTIME_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns the status of `expression` from the enclosing function unless it is OK.
#define GATEHOUSE_RETURN_IF_ERROR(expression) \
  GATEHOUSE_RETURN_IF_ERROR_IMPL(GATEHOUSE_STATUS_CONCAT(status_, __COUNTER__), expression)

#define GATEHOUSE_RETURN_IF_ERROR_IMPL(temporary, expression)                     \
  do {                                                                            \
    if (absl::Status temporary = (expression); !temporary.ok()) return temporary; \
  } while (false)

// Declares or assigns `target` from a StatusOr, or returns its status.
#define GATEHOUSE_ASSIGN_OR_RETURN(target, expression)                                      \
  GATEHOUSE_ASSIGN_OR_RETURN_IMPL(GATEHOUSE_STATUS_CONCAT(status_or_, __COUNTER__), target, \
                                  expression)

#define GATEHOUSE_ASSIGN_OR_RETURN_IMPL(temporary, target, expression) \
  auto temporary = (expression);                                       \
  if (!temporary.ok()) return std::move(temporary).status();           \
  target = *std::move(temporary)

#define GATEHOUSE_STATUS_CONCAT(a, b) GATEHOUSE_STATUS_CONCAT_IMPL(a, b)
#define GATEHOUSE_STATUS_CONCAT_IMPL(a, b) a##b

#endif  // GATEHOUSE_SERVER_RUNTIME_STATUS_MACROS_H_
