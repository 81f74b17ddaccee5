// The gateway that needs nothing else: a directory into which each message is put as one JSON file,
// for whatever sends mail and text messages to pick up.
//
// A file appears whole or not at all, is durable when Deliver answers OK, and is readable by the
// server's user alone (mode 0600; it holds contact data). Names sort by time and are the same for
// the same message: delivering again replaces the file by its like. A name that begins with a dot
// is not finished and must be left alone. Thread-safe for different messages.
#ifndef GATEHOUSE_SERVER_RUNTIME_OUTBOX_SPOOL_DIRECTORY_H_
#define GATEHOUSE_SERVER_RUNTIME_OUTBOX_SPOOL_DIRECTORY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "server/runtime/outbox/message_gateway.h"

namespace gatehouse::server {

class SpoolDirectory final : public MessageGateway {
 public:
  // Makes the directory (mode 0700) unless there is one. FAILED_PRECONDITION names the path and
  // what is wrong with it.
  static absl::StatusOr<std::unique_ptr<SpoolDirectory>> Open(const std::string& path);
  ~SpoolDirectory() override;

  // INVALID_ARGUMENT for an id that cannot be part of a file's name; UNAVAILABLE for what the
  // system answers.
  absl::Status Deliver(const outbox::v1::Message& message) override;
  void Stop() override {}  // writing a file takes no time

 private:
  SpoolDirectory(std::string path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}

  const std::string path_;  // for messages; files are found through the descriptor
  const int descriptor_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_OUTBOX_SPOOL_DIRECTORY_H_
