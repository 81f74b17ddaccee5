// Where a message and its fields were written in a textproto.
//
// Plain data, beside the message that was read.

#ifndef GATEHOUSE_POLICY_WRITTEN_MESSAGE_H_
#define GATEHOUSE_POLICY_WRITTEN_MESSAGE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

#include "policy/text_lines.h"

namespace gatehouse::policy {

struct WrittenMessage;

struct WrittenValue {
  Place name;   // of the field
  Place value;  // for adjacent literals, from the first to the last; a message's with its braces
  std::unique_ptr<const WrittenMessage> message;
};

struct WrittenMessage {
  struct Field {
    std::vector<WrittenValue> values;  // as many as the message has
    // Something was meant for it that could not be read: that it lacks a value is no mistake of its
    // own.
    bool spoiled = false;
  };
  std::vector<Field> fields;  // by FieldDescriptor::index()
};

// A string field's value, and for each of its bytes (and its end) the byte of the text that it
// comes from.
struct LocatedText {
  std::string text;
  std::vector<uint32_t> origins;
  Place field;

  Place PlaceOf(uint32_t begin, uint32_t end) const;
};

// A message together with its places. Keeps pointers to the text and to both.
class MessagePlaces {
 public:
  MessagePlaces(absl::string_view text, const google::protobuf::Message& message,
                const WrittenMessage* written, Place own)
      : text_(text), message_(&message), written_(written), own_(own) {}

  // The message itself: the name of the field that holds it.
  Place own() const { return own_; }
  // The name of a field; the message's own place if the field was not written.
  Place Field(absl::string_view field) const;
  // One of a field's values, all of it; the message's own place if it was not written.
  Place Value(absl::string_view field, int index = 0) const;
  // A string field's value with its origins.
  LocatedText Text(absl::string_view field, int index = 0) const;
  // A message field.
  MessagePlaces Nested(absl::string_view field, int index = 0) const;
  // Whether something was meant for the field that could not be read, which has been told.
  bool IsSpoiled(absl::string_view field) const;

 private:
  const google::protobuf::FieldDescriptor& Find(absl::string_view field) const;
  const WrittenValue* FindValue(absl::string_view field, int index) const;

  absl::string_view text_;
  const google::protobuf::Message* message_;
  const WrittenMessage* written_;  // null if not written
  Place own_;
};

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_WRITTEN_MESSAGE_H_
