#include "storage/sql/connection.h"

#include <utility>
#include <vector>

#include "storage/text.h"

namespace gatehouse::storage {

// A prepared statement is bound to fixed places, which every run fills anew.
class Connection::Prepared {
 public:
  Prepared(soci::session& session, const Sql& sql, absl::Span<const Parameter> parameters)
      : statement_(session),
        arguments_(parameters.size()),
        columns_(static_cast<std::size_t>(sql.columns)) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      Argument& argument = arguments_[i];
      if (parameters[i].is_text()) {
        statement_.exchange(soci::use(argument.text, argument.indicator));
      } else {
        statement_.exchange(soci::use(argument.integer, argument.indicator));
      }
    }
    for (Column& column : columns_) statement_.exchange(soci::into(column.text, column.indicator));
    statement_.alloc();
    statement_.prepare(std::string(sql.text));
    statement_.define_and_bind();
  }

  std::int64_t Run(absl::Span<const Parameter> parameters, absl::FunctionRef<void(Row&)> each_row) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      Argument& argument = arguments_[i];
      argument.text = parameters[i].text();
      argument.integer = parameters[i].integer();
      argument.indicator = parameters[i].is_null() ? soci::i_null : soci::i_ok;
    }
    const bool answers = !columns_.empty();
    for (bool more = statement_.execute(true); answers && more; more = statement_.fetch()) {
      Row row(columns_);
      each_row(row);
    }
    return answers ? 0 : statement_.get_affected_rows();
  }

 private:
  struct Argument {
    std::string text;
    long long integer = 0;  // the name that SOCI has for 64 bits
    soci::indicator indicator = soci::i_ok;
  };

  soci::statement statement_;
  std::vector<Argument> arguments_;
  std::vector<Column> columns_;
};

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Dialect& dialect,
                                                             Access access) {
  try {
    return std::unique_ptr<Connection>(new Connection(dialect, dialect.Connect(access)));
  } catch (const soci::soci_error& error) {
    return dialect.DescribeConnect(error);
  }
}

Connection::Connection(const Dialect& dialect, std::unique_ptr<soci::session> session)
    : dialect_(dialect), session_(std::move(session)) {}

Connection::~Connection() = default;

absl::StatusOr<std::int64_t> Connection::Run(const Sql& sql, absl::Span<const Parameter> parameters,
                                             absl::FunctionRef<void(Row&)> each_row) {
  for (const Parameter& parameter : parameters) {
    if (!parameter.is_text()) continue;
    if (absl::Status text = CheckText({parameter.text()}); !text.ok()) return text;
  }
  try {
    return Prepare(sql, parameters).Run(parameters, each_row);
  } catch (const soci::soci_error& error) {
    const absl::Status status = dialect_.Describe(error, *session_);
    prepared_.erase(sql.text);  // SOCI leaves a statement that failed in an unknown state
    return status;
  }
}

absl::Status Connection::Run(absl::string_view text) {
  return Run({.text = text}, {}, [](Row&) {}).status();
}

Connection::Prepared& Connection::Prepare(const Sql& sql, absl::Span<const Parameter> parameters) {
  std::unique_ptr<Prepared>& prepared = prepared_[sql.text];
  if (prepared == nullptr) prepared = std::make_unique<Prepared>(*session_, sql, parameters);
  return *prepared;
}

}  // namespace gatehouse::storage
