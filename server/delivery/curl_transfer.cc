#include "server/delivery/curl_transfer.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace gatehouse::server {
namespace {

constexpr size_t kLongestAnswer = 65536;  // bytes; nobody reads them

CURL* NewHandle() {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL* handle = initialised == CURLE_OK ? curl_easy_init() : nullptr;
  if (handle == nullptr) std::abort();  // no memory
  return handle;
}

}  // namespace

void WipeCurlList::operator()(curl_slist* list) const {
  for (const curl_slist* line = list; line != nullptr; line = line->next) {
    explicit_bzero(line->data, std::strlen(line->data));
  }
  curl_slist_free_all(list);
}

void Append(CurlList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) std::abort();  // no memory
  list.release();
  list.reset(longer);
}

CurlTransfer::CurlTransfer(const Peer& peer, const std::atomic<bool>& stopped)
    : curl_(NewHandle(), &curl_easy_cleanup), stopped_(stopped) {
  Set(CURLOPT_URL, peer.url.url.c_str());
  Set(CURLOPT_PROTOCOLS_STR,
      peer.url.protocol == GatewayProtocol::kSmtp ? "smtp,smtps" : "http,https");
  Set(CURLOPT_NOSIGNAL, 1L);
  Set(CURLOPT_PROXY, "");
  Set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  Set(CURLOPT_FOLLOWLOCATION, 0L);
  Set(CURLOPT_TIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(peer.timeout)));
  Set(CURLOPT_ERRORBUFFER, error_.data());
  if (peer.url.security != WireSecurity::kNone) {
    Set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  }
  Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  Set(CURLOPT_SSL_VERIFYPEER, 1L);
  Set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!peer.ca_file.empty()) {
    Set(CURLOPT_CAINFO, peer.ca_file.c_str());
    Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  Set(CURLOPT_READFUNCTION, &CurlTransfer::Read);
  Set(CURLOPT_READDATA, this);
  Set(CURLOPT_SEEKFUNCTION, &CurlTransfer::Seek);
  Set(CURLOPT_SEEKDATA, this);
  Set(CURLOPT_WRITEFUNCTION, &CurlTransfer::Discard);
  Set(CURLOPT_WRITEDATA, this);
  Set(CURLOPT_NOPROGRESS, 0L);
  Set(CURLOPT_XFERINFOFUNCTION, &CurlTransfer::Watch);
  Set(CURLOPT_XFERINFODATA, this);
}

CurlTransfer::Outcome CurlTransfer::Perform(absl::string_view upload) {
  upload_ = upload;
  sent_ = received_ = 0;
  error_[0] = '\0';
  Outcome outcome;
  outcome.code = curl_easy_perform(curl_.get());
  if (outcome.code == CURLE_WRITE_ERROR && received_ > kLongestAnswer) outcome.code = CURLE_OK;
  curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &outcome.response);
  outcome.uploaded = sent_ == upload_.size();
  if (outcome.code != CURLE_OK) {
    outcome.error = error_[0] != '\0' ? error_.data() : curl_easy_strerror(outcome.code);
  }
  return outcome;
}

size_t CurlTransfer::Read(char* buffer, size_t size, size_t count, void* transfer) {
  auto& self = *static_cast<CurlTransfer*>(transfer);
  const absl::string_view next = self.upload_.substr(self.sent_, size * count);
  std::memcpy(buffer, next.data(), next.size());
  self.sent_ += next.size();
  return next.size();
}

int CurlTransfer::Seek(void* transfer, curl_off_t offset, int origin) {
  auto& self = *static_cast<CurlTransfer*>(transfer);
  if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_FAIL;
  self.sent_ = std::min(static_cast<size_t>(offset), self.upload_.size());
  return CURL_SEEKFUNC_OK;
}

int CurlTransfer::Watch(void* transfer, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<CurlTransfer*>(transfer)->stopped_ ? 1 : 0;
}

size_t CurlTransfer::Discard(char*, size_t size, size_t count, void* transfer) {
  auto& self = *static_cast<CurlTransfer*>(transfer);
  self.received_ += size * count;
  return self.received_ <= kLongestAnswer ? size * count : 0;
}

}  // namespace gatehouse::server
