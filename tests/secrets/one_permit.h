// A hash gate of one for tests that only need some permit.
#ifndef GATEHOUSE_TESTS_SECRETS_ONE_PERMIT_H_
#define GATEHOUSE_TESTS_SECRETS_ONE_PERMIT_H_

#include "server/runtime/clock.h"
#include "server/runtime/metrics.h"
#include "server/secrets/hash_gate.h"

namespace gatehouse::server {

class OnePermit {
 public:
  operator HashPermit&() { return permit_; }  // NOLINT(google-explicit-constructor)

 private:
  SystemClock clock_;
  Metrics metrics_;
  HashGate gate_{{.concurrent = 1}, clock_, metrics_.ForLane("hash")};
  HashPermit permit_ = *gate_.Acquire(absl::InfiniteFuture(), [] { return false; });
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_TESTS_SECRETS_ONE_PERMIT_H_
