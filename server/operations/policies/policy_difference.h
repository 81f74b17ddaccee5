// What one policy decides otherwise than another, as the API tells it. Pure functions, thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_POLICIES_POLICY_DIFFERENCE_H_
#define GATEHOUSE_SERVER_OPERATIONS_POLICIES_POLICY_DIFFERENCE_H_

#include "gatehouse/v1/policy_service.pb.h"
#include "policy/analysis/diff.h"
#include "policy/recording.h"

namespace gatehouse::server {

v1::PolicyChange ToPolicyChange(policy::Change change);
v1::DiffPoliciesResponse ToMessage(const policy::analysis::PolicyDiff& diff);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_POLICIES_POLICY_DIFFERENCE_H_
