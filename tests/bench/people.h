// Accounts for benchmarks, by the thousand or the million, written straight into an account store:
// ACTIVE, with everything complete, so that signing in gives a FULL session and a resecure is
// permitted. Pure functions of an account's number; what fails ends the program.
#ifndef GATEHOUSE_TESTS_BENCH_PEOPLE_H_
#define GATEHOUSE_TESTS_BENCH_PEOPLE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "server/secrets/argon2.h"
#include "storage/account_store.h"

namespace gatehouse::bench {

// A password hash that looks like one and opens nothing.
inline constexpr char kNobodysPhc[] =
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2g";

struct People {
  int count = 1000;
  int organisation_size = 500;
  absl::Time now;  // of their last use; they joined ten days before
  std::string phc = kNobodysPhc;
};

// What `password` is kept as.
std::string PhcOf(const std::string& password, const server::Argon2Parameters& parameters);

storage::OrganisationId OrganisationOf(const People& people, int account);

// Well-formed, and spread over an index as random ids are.
storage::AccountId IdOf(int account);
std::string UsernameOf(int account);

storage::AccountRecord NewAccount(const People& people, int account);

// The revocation log's incarnation in every database that OpenDatabase makes.
inline constexpr char kIncarnation[] = "AAECAwQFBgcICQoLDA0ODw";

// A new or existing SQLite database.
std::unique_ptr<storage::AccountStore> OpenDatabase(const std::string& url);

// Organisations, the acceptable use policy that everybody has accepted, and the accounts.
void Fill(storage::AccountStore& store, const People& people);

void Require(const absl::Status& status);

}  // namespace gatehouse::bench

#endif  // GATEHOUSE_TESTS_BENCH_PEOPLE_H_
