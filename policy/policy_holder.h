// The policy in force, and its exchange for another while decisions are being made.
//
// Thread-safe. A reader takes the policy once for each operation and keeps it until the operation's
// end: an exchange never changes what an operation that has begun is judged by.

#ifndef GATEHOUSE_POLICY_POLICY_HOLDER_H_
#define GATEHOUSE_POLICY_POLICY_HOLDER_H_

#include <atomic>
#include <memory>
#include <utility>

#include "policy/policy.h"

namespace gatehouse::policy {

class PolicyHolder {
 public:
  // `policy` is not null.
  explicit PolicyHolder(std::shared_ptr<const Policy> policy) : policy_(std::move(policy)) {}

  std::shared_ptr<const Policy> Get() const { return policy_.load(std::memory_order_acquire); }

  // Answers the one that was in force.
  std::shared_ptr<const Policy> Exchange(std::shared_ptr<const Policy> policy) {
    return policy_.exchange(std::move(policy), std::memory_order_acq_rel);
  }

 private:
  std::atomic<std::shared_ptr<const Policy>> policy_;
};

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_POLICY_HOLDER_H_
