// An account store in memory: the fake that operations are tested on, trusted because it passes the
// same suite as the real ones (tests/contract). What it holds dies with it.
//
// Thread-safe. Writers run one at a time, readers beside each other.
#ifndef GATEHOUSE_STORAGE_MEMORY_ACCOUNT_STORE_H_
#define GATEHOUSE_STORAGE_MEMORY_ACCOUNT_STORE_H_

#include <memory>
#include <string>

#include "storage/account_store.h"

namespace gatehouse::storage {

// The revocation log begins with `incarnation`.
std::unique_ptr<AccountStore> NewMemoryAccountStore(std::string incarnation);

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_MEMORY_ACCOUNT_STORE_H_
