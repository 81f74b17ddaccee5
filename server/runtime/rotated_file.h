// A file of lines that stays within bounds: once a line would not fit, the file becomes FILE.1, in
// place of the former one, and a new one begins. So there are two at most, of `most_bytes` each,
// and whoever reads FILE.1 and then FILE has the latest lines in order.
//
// A line is written as a whole or not at all; one that a crash of the machine tore apart ends where
// it was torn, and the next one stands on a line of its own. Nothing is forced to the disk. Files
// are for their owner alone, and locked against another writer.
//
// Thread-safe; Append belongs to one thread.
#ifndef GATEHOUSE_SERVER_RUNTIME_ROTATED_FILE_H_
#define GATEHOUSE_SERVER_RUNTIME_ROTATED_FILE_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace gatehouse::server {

class RotatedFile {
 public:
  // Goes on with a file that is there. FAILED_PRECONDITION if it cannot be written, is no regular
  // file, or another process writes it.
  static absl::StatusOr<std::unique_ptr<RotatedFile>> Open(const std::string& path,
                                                           std::size_t most_bytes);
  ~RotatedFile();
  RotatedFile(const RotatedFile&) = delete;
  RotatedFile& operator=(const RotatedFile&) = delete;

  // False if the line, which ends with its newline, could not be written; the next one is tried
  // again.
  bool Append(absl::string_view line);

  // What became of the last line: UNAVAILABLE with the cause.
  absl::Status CheckHealth() const;

 private:
  RotatedFile(const std::string& path, std::size_t most_bytes)
      : path_(path), most_bytes_(most_bytes) {}

  absl::Status OpenFile();
  absl::Status TakeFile();
  void Close();
  absl::Status Rotate();
  absl::Status Write(absl::string_view line);

  const std::string path_;
  const std::size_t most_bytes_;
  int descriptor_ = -1;   // the appending thread's own; -1: to be opened
  std::size_t size_ = 0;  // the appending thread's own

  mutable std::mutex mutex_;  // guards what follows
  absl::Status outcome_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_ROTATED_FILE_H_
