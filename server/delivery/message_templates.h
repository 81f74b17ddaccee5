// All words of the deployment's language: a directory with a file for each kind of notification,
// and words.txt with what else is told by a word in no language (`LOCAL_ADMIN: ...`). Checked as a
// whole when it is read. Immutable, thread-safe.
#ifndef GATEHOUSE_SERVER_DELIVERY_MESSAGE_TEMPLATES_H_
#define GATEHOUSE_SERVER_DELIVERY_MESSAGE_TEMPLATES_H_

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

#include "gatehouse/outbox/v1/message.pb.h"
#include "server/delivery/message_template.h"

namespace gatehouse::server {

class MessageTemplates {
 public:
  struct Options {
    std::string directory;  // holds one directory a language
    std::string language;   // its name: en, cy
    std::string time_zone;  // in which instants are told, such as Europe/London
  };

  // INVALID_ARGUMENT with a line for every fault: files that are missing, that nobody asked for, or
  // in which something is wrong.
  static absl::StatusOr<MessageTemplates> Load(const Options& options);

  // The words for a message to a person. INVALID_ARGUMENT: there are none.
  absl::StatusOr<outbox::v1::Text> Compose(const outbox::v1::Message& message) const;

 private:
  explicit MessageTemplates(Options options) : options_(std::move(options)) {}

  std::string TimeText(const outbox::v1::Message& message) const;

  const Options options_;
  std::map<std::string, MessageTemplate, std::less<>> templates_;  // by kind
  std::map<std::string, std::string, std::less<>> words_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_DELIVERY_MESSAGE_TEMPLATES_H_
