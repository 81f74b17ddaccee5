// A policy's text as parsed, with the way back from each field to the place where it was written.
//
// Created whole or not at all; then immutable. Owns the text. Not thread-safe while problems are
// being reported.

#ifndef GATEHOUSE_POLICY_POLICY_SOURCE_H_
#define GATEHOUSE_POLICY_POLICY_SOURCE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/text_format.h"

#include "gatehouse/policy/v1/policy.pb.h"
#include "policy/problem.h"

namespace gatehouse::policy {

// Bytes [begin, end) of a policy's text.
struct Place {
  uint32_t begin = 0;
  uint32_t end = 0;
};

// A text with its lines known by where they begin, so that finding a place costs no walk over it.
class TextLines {
 public:
  explicit TextLines(absl::string_view text);

  absl::string_view text() const { return text_; }
  // The byte at a line and column as protobuf's tokenizer counts them: both from 0, tabs to the
  // next multiple of 8.
  uint32_t OffsetOfToken(int line, int column) const;
  // From 1.
  uint32_t LineOf(uint32_t offset) const;
  // Without its end.
  absl::string_view Line(uint32_t line) const;

 private:
  std::string text_;
  std::vector<uint32_t> begins_;
};

// A string field's value, and for each of its bytes (and its end) the byte of the policy's text
// that it comes from.
struct LocatedText {
  std::string text;
  std::vector<uint32_t> origins;
  Place field;

  Place PlaceOf(uint32_t begin, uint32_t end) const;
};

// Where the fields of one message were written.
class MessagePlaces {
 public:
  MessagePlaces(const TextLines& lines, const google::protobuf::TextFormat::ParseInfoTree* tree,
                const google::protobuf::Message& message, Place own)
      : lines_(&lines), tree_(tree), message_(&message), own_(own) {}

  // The message itself: the name of the field that holds it.
  Place own() const { return own_; }
  // The name of a field; the message's own place if the field was not written.
  Place Field(absl::string_view field, int index = -1) const;
  // A string field's value with its origins.
  LocatedText Text(absl::string_view field, int index = -1) const;
  // A message field.
  MessagePlaces Nested(absl::string_view field, int index = -1) const;

 private:
  const google::protobuf::FieldDescriptor& Find(absl::string_view field) const;

  const TextLines* lines_;
  const google::protobuf::TextFormat::ParseInfoTree* tree_;  // null if not written
  const google::protobuf::Message* message_;
  Place own_;
};

class PolicySource {
 public:
  PolicySource(absl::string_view text, absl::string_view file_name)
      : lines_(text), file_name_(file_name) {}

  // Parses the text as a textproto; false, with the problems reported, if it is none. Unknown fields
  // are reported and left out, so that what else is wrong can be found too.
  bool Parse();

  const v1::Policy& proto() const { return proto_; }
  absl::string_view text() const { return lines_.text(); }
  MessagePlaces places() const { return {lines_, &tree_, proto_, Place{}}; }
  uint32_t LineOf(Place place) const { return lines_.LineOf(place.begin); }

  void Error(Place place, absl::string_view message, absl::string_view suggestion = "");
  void Warning(Place place, absl::string_view message, absl::string_view suggestion = "");
  bool has_errors() const { return HasErrors(problems_); }
  // Everything reported, in the order of the text.
  std::vector<Problem> TakeProblems();

 private:
  friend class TextErrors;
  void Report(Problem::Severity severity, Place place, absl::string_view message,
              absl::string_view suggestion);

  TextLines lines_;
  std::string file_name_;
  v1::Policy proto_;
  google::protobuf::TextFormat::ParseInfoTree tree_;
  std::vector<Problem> problems_;
};

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_POLICY_SOURCE_H_
