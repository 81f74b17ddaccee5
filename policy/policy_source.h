// A policy's text as read, with the way back from each field to the place where it was written, and
// what is found wrong with it.
//
// Owns the text. Not thread-safe while problems are being reported.

#ifndef GATEHOUSE_POLICY_POLICY_SOURCE_H_
#define GATEHOUSE_POLICY_POLICY_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "gatehouse/policy/v1/policy.pb.h"
#include "policy/problem.h"
#include "policy/text_lines.h"
#include "policy/written_message.h"

namespace gatehouse::policy {

// More problems of a kind than this help nobody.
inline constexpr size_t kMostProblems = 200;

class PolicySource {
 public:
  PolicySource(absl::string_view text, absl::string_view file_name)
      : lines_(text), file_name_(file_name) {}

  // Reads the text; mistakes are reported, and what is wrong is left out, so that what else is
  // wrong can be found too. False if it is no text at all.
  bool Read();

  const v1::Policy& proto() const { return proto_; }
  absl::string_view text() const { return lines_.text(); }
  MessagePlaces places() const { return {text(), proto_, &written_, Place{}}; }
  uint32_t LineOf(Place place) const { return lines_.LineOf(place.begin); }

  void Error(Place place, absl::string_view message, absl::string_view suggestion = "");
  void Warning(Place place, absl::string_view message, absl::string_view suggestion = "");

  bool has_errors() const { return errors_ > 0; }
  // No further error will be told: whoever looks for them can stop.
  bool has_enough() const { return errors_ >= kMostProblems; }
  // Everything reported, in the order of the text.
  std::vector<Problem> TakeProblems();

 private:
  struct Report {
    Problem::Severity severity;
    Place place;
    std::string message;
    std::string suggestion;
  };

  TextLines lines_;
  std::string file_name_;
  v1::Policy proto_;
  WrittenMessage written_;
  std::vector<Report> reports_;
  size_t errors_ = 0;
  size_t warnings_ = 0;
};

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_POLICY_SOURCE_H_
