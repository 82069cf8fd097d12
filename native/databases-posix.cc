// libc's plain calls return memory that the next call overwrites: one thread at a time.
#include "databases.h"
#include "platform.h"

#if !defined(IOMUX_PLATFORM_LINUX) || !defined(__GLIBC__)

#include <arpa/inet.h>
#include <netdb.h>

#include <mutex>

namespace iomux {

namespace {

std::mutex databases;

int Take(const struct hostent* found, Host* host) {
  // Not an integer everywhere, but a macro for the calling thread's.
  if (found == nullptr) return h_errno;
  host->Copy(*found);
  return 0;
}

}  // namespace

// Each with the lock. NOLINTBEGIN(concurrency-mt-unsafe)

int FindHostByName(const char* name, int family, Host* host) {
  const std::lock_guard lock(databases);
  return Take(gethostbyname2(name, family), host);
}

int FindHostByAddress(const void* address, socklen_t length, int family, Host* host) {
  const std::lock_guard lock(databases);
  return Take(gethostbyaddr(address, length, family), host);
}

int FindPort(const char* name, const char* protocol) {
  const std::lock_guard lock(databases);
  const struct servent* found = getservbyname(name, protocol);
  return found == nullptr ? -1 : ntohs(static_cast<uint16_t>(found->s_port));
}

bool FindService(uint16_t port, const char* protocol, std::string* name) {
  const std::lock_guard lock(databases);
  const struct servent* found = getservbyport(htons(port), protocol);
  if (found != nullptr) *name = found->s_name;
  return found != nullptr;
}

int FindProtocol(const char* name) {
  const std::lock_guard lock(databases);
  const struct protoent* found = getprotobyname(name);
  return found == nullptr ? -1 : found->p_proto;
}

// NOLINTEND(concurrency-mt-unsafe)

}  // namespace iomux

#endif
