// What every account store does (storage/account_store.h). Include this, and instantiate its suites
// with a function that makes an engine:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, AccountStoreContract, testing::Values(&MakeMemoryEngine));
//   INSTANTIATE_TEST_SUITE_P(Memory, AccountStoreConcurrency, testing::Values(&MakeMemoryEngine));
#ifndef GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_H_
#define GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_H_

#include "tests/contract/account_store_fixture.h"

namespace gatehouse::storage {

class AccountStoreContract : public AccountStoreTest {};

}  // namespace gatehouse::storage

#include "tests/contract/account_store_contract_accounts.h"
#include "tests/contract/account_store_contract_authentication.h"
#include "tests/contract/account_store_contract_concurrency.h"
#include "tests/contract/account_store_contract_hygiene.h"
#include "tests/contract/account_store_contract_imports.h"
#include "tests/contract/account_store_contract_logs.h"
#include "tests/contract/account_store_contract_policies.h"
#include "tests/contract/account_store_contract_recognition.h"
#include "tests/contract/account_store_contract_transactions.h"

#endif  // GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_H_
