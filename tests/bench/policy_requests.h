// The requests that P7 is measured with: 100,000 varied ones, administrators of all ranks and
// people, on accounts in every state; always the same. Single-threaded; what fails ends the
// program.
#ifndef GATEHOUSE_TESTS_BENCH_POLICY_REQUESTS_H_
#define GATEHOUSE_TESTS_BENCH_POLICY_REQUESTS_H_

#include <memory>
#include <string>
#include <vector>

#include "policy/facts.h"
#include "policy/policy.h"
#include "policy/vocabulary.h"

namespace gatehouse::bench {

struct PolicyRequest {
  policy::Action::Value action = policy::Action::UNSPECIFIED;
  policy::Facts facts;
};

const std::vector<PolicyRequest>& Requests();

// The rules as they are shipped.
std::string ShippedText();
std::shared_ptr<const policy::Policy> CompileOrDie(const std::string& text);

}  // namespace gatehouse::bench

#endif  // GATEHOUSE_TESTS_BENCH_POLICY_REQUESTS_H_
