#include "server/runtime/log.h"

#include <unicode/utf8.h>

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "spdlog/logger.h"
#include "spdlog/pattern_formatter.h"
#include "spdlog/sinks/ostream_sink.h"
#include "spdlog/sinks/stdout_sinks.h"

namespace gatehouse::server {
namespace {

// The line's head is spdlog's; Write adds the rest, from the event on.
constexpr char kPattern[] = R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v)";

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::unique_ptr<spdlog::logger> MakeLogger(LogLevel least, spdlog::sink_ptr sink) {
  auto logger = std::make_unique<spdlog::logger>("gatehouse", std::move(sink));
  logger->set_formatter(
      std::make_unique<spdlog::pattern_formatter>(kPattern, spdlog::pattern_time_type::utc));
  logger->set_level(ToSpdlog(least));
  logger->flush_on(spdlog::level::debug);
  logger->set_error_handler([](const std::string&) {});  // nowhere left to say it
  return logger;
}

void AppendCodePoint(std::string& out, UChar32 code_point) {
  char bytes[U8_MAX_LENGTH];
  size_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, code_point);
  out.append(bytes, size);
}

void AppendJsonString(std::string& out, absl::string_view text) {
  out.push_back('"');
  for (size_t at = 0; at < text.size();) {
    UChar32 code_point;
    U8_NEXT_OR_FFFD(reinterpret_cast<const uint8_t*>(text.data()), at, text.size(), code_point);
    if (code_point == '"' || code_point == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(code_point));
    } else if (code_point < 0x20 || code_point == 0x7f) {
      absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned>(code_point));
    } else {
      AppendCodePoint(out, code_point);
    }
  }
  out.push_back('"');
}

struct JsonAppender {
  std::string& out;

  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(int64_t value) const { absl::StrAppend(&out, value); }
  void operator()(uint64_t value) const { absl::StrAppend(&out, value); }
  void operator()(double value) const {
    // JSON has no infinities.
    if (std::isfinite(value)) {
      absl::StrAppend(&out, value);
    } else {
      out += "null";
    }
  }
  void operator()(absl::string_view value) const { AppendJsonString(out, value); }
  void operator()(absl::Time value) const {
    AppendJsonString(out, absl::FormatTime(absl::RFC3339_full, value, absl::UTCTimeZone()));
  }
  void operator()(absl::Duration value) const { (*this)(absl::ToDoubleSeconds(value)); }
};

}  // namespace

void LogValue::AppendJson(std::string& out) const { std::visit(JsonAppender{out}, value_); }

Logger::Logger(LogLevel least)
    : logger_(MakeLogger(least, std::make_shared<spdlog::sinks::stderr_sink_mt>())) {}

Logger::Logger(LogLevel least, std::ostream& stream)
    : logger_(MakeLogger(least, std::make_shared<spdlog::sinks::ostream_sink_mt>(stream))) {}

Logger::~Logger() = default;

bool Logger::Writes(LogLevel level) const { return logger_->should_log(ToSpdlog(level)); }

void Logger::Debug(absl::string_view event, Fields fields) const {
  Write(LogLevel::kDebug, event, fields);
}

void Logger::Info(absl::string_view event, Fields fields) const {
  Write(LogLevel::kInfo, event, fields);
}

void Logger::Warning(absl::string_view event, Fields fields) const {
  Write(LogLevel::kWarning, event, fields);
}

void Logger::Error(absl::string_view event, Fields fields) const {
  Write(LogLevel::kError, event, fields);
}

void Logger::Write(LogLevel level, absl::string_view event, Fields fields) const {
  if (!logger_->should_log(ToSpdlog(level))) return;
  std::string line = "\"event\":";
  AppendJsonString(line, event);
  for (const LogField& field : fields) {
    line.push_back(',');
    AppendJsonString(line, field.key);
    line.push_back(':');
    field.value.AppendJson(line);
  }
  line.push_back('}');
  logger_->log(ToSpdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace gatehouse::server
