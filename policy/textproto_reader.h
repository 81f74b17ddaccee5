// A textproto to a message, with every mistake in it told.
//
// Protobuf's own parser ends with the first mistake, follows unknown fields as deep as they nest,
// and knows where fields begin but not their values. This one goes on behind each mistake: it
// leaves out what it cannot read, takes a field that begins a line for the end of whatever was left
// open before it, and notes what it spoiled, so that nothing is told twice. What it reads without a
// mistake, protobuf's parser reads to the same message. It asks for more order: words and not
// numbers for enums, `true` and `false`, quotation marks that close on their line.
//
// For schemas of strings, bools, enums and messages that do not contain themselves. Takes any valid
// UTF-8, in time linear in it. One thread.

#ifndef GATEHOUSE_POLICY_TEXTPROTO_READER_H_
#define GATEHOUSE_POLICY_TEXTPROTO_READER_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

#include "policy/written_message.h"

namespace gatehouse::policy {

// Hears of each mistake, not quite in the order of the text. Answers whether others are of use.
using MistakeSink =
    absl::FunctionRef<bool(Place place, std::string message, std::string suggestion)>;

// Reads into `message`, which is empty. Where the sink wants no more, the rest is left out.
WrittenMessage ReadTextproto(absl::string_view text, google::protobuf::Message& message,
                             MistakeSink mistakes);

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_TEXTPROTO_READER_H_
