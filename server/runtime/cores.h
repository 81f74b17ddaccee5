// How many cores this process may use, which in a container or under taskset are fewer than the
// machine has. At least 1. Thread-safe.
#ifndef GATEHOUSE_SERVER_RUNTIME_CORES_H_
#define GATEHOUSE_SERVER_RUNTIME_CORES_H_

namespace gatehouse::server {

int AvailableCores();

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_CORES_H_
