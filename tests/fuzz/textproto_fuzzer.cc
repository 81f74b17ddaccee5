// Any text is read to a policy's message or to mistakes that lie within it; and what is read
// without a mistake, protobuf's own parser reads to the same message.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"

#include "gatehouse/policy/v1/policy.pb.h"
#include "policy/cel/utf8.h"
#include "policy/textproto_reader.h"

namespace gatehouse::policy {

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (!cel::IsValidUtf8(text)) return 0;
  v1::Policy policy;
  bool sound = true;
  ReadTextproto(text, policy, [&](Place place, const std::string& message, const std::string&) {
    if (place.begin > place.end || place.end > size || message.empty()) std::abort();
    sound = false;
    return true;
  });
  if (!sound) return 0;
  v1::Policy expected;
  if (!google::protobuf::TextFormat::ParseFromString(text, &expected)) std::abort();
  if (!google::protobuf::util::MessageDifferencer::Equals(policy, expected)) std::abort();
  return 0;
}

}  // namespace gatehouse::policy
