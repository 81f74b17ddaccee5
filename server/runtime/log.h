// The structured log: one JSON object a line, {"time": UTC, "level": ..., "event": ..., fields...}.
// An event is a short fixed name ("sign_in_refused"); what varies goes into fields, whose values
// are escaped (bytes that are not UTF-8 become U+FFFD). Secret types have no conversion to a
// LogValue, so logging one does not compile. Logging may be called from any thread, never fails and
// never throws. A Logger is owned by the composition root and outlives its users.
#ifndef GATEHOUSE_SERVER_RUNTIME_LOG_H_
#define GATEHOUSE_SERVER_RUNTIME_LOG_H_

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace spdlog {
class logger;
}

namespace gatehouse::server {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// A view of a value for the length of one logging call.
class LogValue {
 public:
  // NOLINTBEGIN(google-explicit-constructor): so that a field is written as {"key", value}
  template <std::same_as<bool> T>  // no pointer is taken for a truth value
  LogValue(T value) : value_(value) {}
  LogValue(absl::string_view value) : value_(value) {}
  LogValue(const std::string& value) : LogValue(absl::string_view(value)) {}
  LogValue(const char* value) : LogValue(absl::string_view(value)) {}
  LogValue(absl::Time value) : value_(value) {}
  LogValue(absl::Duration value) : value_(value) {}  // written as seconds
  template <std::signed_integral T>
  LogValue(T value) : value_(int64_t{value}) {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) LogValue(T value) : value_(uint64_t{value}) {}
  LogValue(double value) : value_(value) {}
  // NOLINTEND(google-explicit-constructor)

  void AppendJson(std::string& out) const;

 private:
  std::variant<bool, int64_t, uint64_t, double, absl::string_view, absl::Time, absl::Duration>
      value_;
};

struct LogField {
  absl::string_view key;
  LogValue value;
};

class Logger {
 public:
  using Fields = std::initializer_list<LogField>;

  // Writes to standard error.
  explicit Logger(LogLevel least);
  // Writes to `stream`, which must outlive the logger: for tests.
  Logger(LogLevel least, std::ostream& stream);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  // Whether events of this level are written: for fields that are costly to make.
  bool Writes(LogLevel level) const;

  void Debug(absl::string_view event, Fields fields = {}) const;
  void Info(absl::string_view event, Fields fields = {}) const;
  void Warning(absl::string_view event, Fields fields = {}) const;
  void Error(absl::string_view event, Fields fields = {}) const;

 private:
  void Write(LogLevel level, absl::string_view event, Fields fields) const;

  const std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_LOG_H_
