// Facts near others, where what is asked of them could not be interpreted.
//
// Pure functions; thread-safe.

#ifndef GATEHOUSE_POLICY_ANALYSIS_EXAMPLES_H_
#define GATEHOUSE_POLICY_ANALYSIS_EXAMPLES_H_

#include <optional>

#include "absl/functional/function_ref.h"

#include "policy/analysis/atoms.h"
#include "policy/analysis/theory.h"
#include "policy/facts.h"

namespace gatehouse::policy::analysis {

// The facts themselves, or facts that differ from them in what opaque atoms among the answers speak
// of: another hour, a text or a number that stands in the expression, or one beside it. The first
// that fit; nothing if none do.
std::optional<Facts> FindVariant(const AtomTable& atoms, const Answers& answers, const Facts& facts,
                                 absl::FunctionRef<bool(const Facts&)> fit);

}  // namespace gatehouse::policy::analysis

#endif  // GATEHOUSE_POLICY_ANALYSIS_EXAMPLES_H_
