// One wire to one peer by libcurl, with what all of ours have in common: TLS verified or none on
// loopback, bounded times and answers, no redirects, no proxies, no credentials but those given.
// The connection is kept for the next transfer, unless that is forbidden. Belongs to one thread at
// a time.
#ifndef GATEHOUSE_SERVER_DELIVERY_CURL_TRANSFER_H_
#define GATEHOUSE_SERVER_DELIVERY_CURL_TRANSFER_H_

#include <curl/curl.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "server/delivery/gateway_url.h"

namespace gatehouse::server {

struct Peer {
  GatewayUrl url;
  std::string ca_file{};                       // PEM; empty: whom the system trusts
  absl::Duration timeout = absl::Seconds(10);  // for a whole transfer
};

// Overwrites the lines, since one may hold a credential, and frees them.
struct WipeCurlList {
  void operator()(curl_slist* list) const;
};
using CurlList = std::unique_ptr<curl_slist, WipeCurlList>;

// The list with one line more. `line` is copied.
void Append(CurlList& list, const std::string& line);

class CurlTransfer {
 public:
  struct Outcome {
    CURLcode code = CURLE_OK;  // of an answer that was cut off for its length, too
    long response = 0;         // the peer's latest, or 0
    bool uploaded = false;     // whether all of the upload was handed over
    // What is wrong with the wire, in libcurl's words; never the peer's.
    std::string error;
  };

  // `stopped` outlives it: once true, every transfer breaks off within a second.
  CurlTransfer(const Peer& peer, const std::atomic<bool>& stopped);
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  // For the options of a single protocol; see curl_easy_setopt. They stay for later transfers.
  template <typename Value>
  void Set(CURLoption option, Value value) {
    curl_easy_setopt(curl_.get(), option, value);
  }

  // `upload`, what goes out as a mail does, outlives the call.
  Outcome Perform(absl::string_view upload = {});

 private:
  static size_t Read(char* buffer, size_t size, size_t count, void* transfer);
  static int Seek(void* transfer, curl_off_t offset, int origin);
  static size_t Discard(char* data, size_t size, size_t count, void* transfer);
  static int Watch(void* transfer, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl_;
  const std::atomic<bool>& stopped_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  absl::string_view upload_;
  size_t sent_ = 0;
  size_t received_ = 0;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_DELIVERY_CURL_TRANSFER_H_
