// A real server with people in it, for tests that begin where the main story has already been told:
// Redis, a bootstrapped gatehouse-server, its operator, an organisation with its Local
// Administrator, and as many ACTIVE people as a test asks for. What cannot be set up ends the test
// program (harness/fatal.h). Not thread-safe; a thread gets an Actor of its own.

#ifndef GATEHOUSE_TESTS_E2E_STAFFED_SERVER_H_
#define GATEHOUSE_TESTS_E2E_STAFFED_SERVER_H_

#include <string>
#include <vector>

#include "gatehouse/v1/audit_service.grpc.pb.h"
#include "gatehouse/v1/organisation_service.grpc.pb.h"
#include "tests/e2e/actor.h"
#include "tests/harness/redis_process.h"
#include "tests/harness/server_process.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::e2e {

inline constexpr char kCurrentAup[] = "2026-11";

enum class Hashing {
  kAsShipped,
  kCheap,  // Argon2 with next to no memory, for tests of many rounds that are not about its cost.
};

struct Person {
  std::string account_id = "";
  std::string username = "";
  std::string password = "";
  std::vector<std::string> printed_codes = {};  // of who has a second factor, those not yet used
};

class StaffedServer {
 public:
  struct Options {
    Hashing hashing = Hashing::kAsShipped;
    std::string rules = "";  // Their text; empty: the shipped ones, with hashing as above.
    std::vector<std::string> flags = {};
    std::string database = "";  // As --database takes it; empty: a new SQLite file.
  };

  StaffedServer() : StaffedServer(Options()) {}
  explicit StaffedServer(const Options& options);

  harness::RedisProcess& redis() { return redis_; }
  harness::ServerProcess& server() { return server_; }
  Actor NewActor() const { return Actor(server_.NewChannel()); }
  // Somebody who holds this token, on a connection of their own.
  Actor Holder(const std::string& token) const;
  // After Kill9() or Terminate() of the server: everybody's connections are new, too, so that
  // nobody waits out a pause between two attempts to connect.
  void Restart();
  // Changes the file that the server was given its rules by; with Hashing::kCheap only.
  void WritePolicyFile(const std::string& text) const;
  // Both signed in, with nothing left to do.
  Actor& national_operator() { return operator_; }
  Actor& administrator() { return administrator_; }
  const std::string& organisation_id() const { return organisation_id_; }

  // Created by the administrator, ACTIVE, signed out.
  Person CreatePerson(const std::string& username);
  v1::CreateAccountRequest NewAccount(const std::string& username) const;

  // Signs in with the temporary password and does all that is required of who was just created,
  // reset or resecured. Sets the person's password and, where a method is required, printed codes.
  Actor Settle(Person& person, const std::string& temporary_password);
  // By the password, and by a printed code where that is not enough.
  Actor SignIn(Person& person) const;
  // As Actor::RegisterApp; keeps the printed codes.
  static void RegisterApp(Actor& actor, Person& person);

  // The organisation's, all pages, newest first, as the operator sees them.
  std::vector<v1::AuditEvent> AuditEvents(v1::ListAuditEventsRequest request) const;

 private:
  harness::TemporaryDirectory directory_;
  harness::RedisProcess redis_;
  harness::ServerProcess server_;
  Actor operator_ = NewActor();
  Actor administrator_ = NewActor();
  std::string organisation_id_;
};

// A sign-in that names no client's address, so that no limit per source stands in the way.
v1::CreateSessionRequest AnonymousSignIn(const std::string& username, const std::string& password);

// One that no rule refuses and nobody had before.
std::string FreshPassword();
std::string FreshSecret();

}  // namespace gatehouse::e2e

#endif  // GATEHOUSE_TESTS_E2E_STAFFED_SERVER_H_
