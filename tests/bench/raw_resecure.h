// What a resecure costs at least: its statements run straight on SQLite's own interface, prepared
// once, with the durability that the account store has. The other side of P8's comparison.
// Single-threaded. What fails ends the program.
#ifndef GATEHOUSE_TESTS_BENCH_RAW_RESECURE_H_
#define GATEHOUSE_TESTS_BENCH_RAW_RESECURE_H_

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace gatehouse::bench {

class RawResecure {
 public:
  // `path` is a database with the account store's schema that nobody else has open.
  explicit RawResecure(const std::string& path);
  ~RawResecure();
  RawResecure(const RawResecure&) = delete;
  RawResecure& operator=(const RawResecure&) = delete;

  // One transaction; `request` is a new number each time.
  void Run(const std::string& actor, const std::string& target, int request);

 private:
  using Value = std::variant<std::monostate, std::int64_t, std::string>;
  using Values = std::vector<Value>;

  // Runs a statement to its end; its first column as an integer.
  std::int64_t Do(int statement, const Values& values = {});

  void WriteAccount(const std::string& id);
  void WriteLogs(const std::string& actor, const std::string& target, int request);

  sqlite3* connection_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
};

}  // namespace gatehouse::bench

#endif  // GATEHOUSE_TESTS_BENCH_RAW_RESECURE_H_
