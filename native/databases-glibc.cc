// libc's reentrant calls, as glibc has them. They take memory, and return ERANGE when it is too
// little.
#include "databases.h"
#include "platform.h"

#if defined(IOMUX_PLATFORM_LINUX) && defined(__GLIBC__)

#include <arpa/inet.h>
#include <netdb.h>

#include <cerrno>

namespace iomux {

namespace {

// Calls `find(entry, memory, size, &found)` with as much memory as it wants.
template <typename Entry, typename Find>
const Entry* Ask(Entry* entry, std::vector<char>* memory, Find find) {
  Entry* found = nullptr;
  memory->resize(1024);
  while (find(entry, memory->data(), memory->size(), &found) == ERANGE) {
    memory->resize(memory->size() * 2);
  }
  return found;
}

template <typename Find>
int FindHost(Host* host, Find find) {
  struct hostent entry;
  std::vector<char> memory;
  int code = 0;
  const auto* found =
      Ask(&entry, &memory, [&](auto* into, char* bytes, size_t size, auto** result) {
        return find(into, bytes, size, result, &code);
      });
  if (found == nullptr) return code;
  host->Copy(*found);
  return 0;
}

}  // namespace

int FindHostByName(const char* name, int family, Host* host) {
  return FindHost(host, [&](auto... rest) { return gethostbyname2_r(name, family, rest...); });
}

int FindHostByAddress(const void* address, socklen_t length, int family, Host* host) {
  return FindHost(host,
                  [&](auto... rest) { return gethostbyaddr_r(address, length, family, rest...); });
}

int FindPort(const char* name, const char* protocol) {
  struct servent entry;
  std::vector<char> memory;
  const auto* found =
      Ask(&entry, &memory, [&](auto... rest) { return getservbyname_r(name, protocol, rest...); });
  return found == nullptr ? -1 : ntohs(static_cast<uint16_t>(found->s_port));
}

bool FindService(uint16_t port, const char* protocol, std::string* name) {
  struct servent entry;
  std::vector<char> memory;
  const auto* found = Ask(&entry, &memory, [&](auto... rest) {
    return getservbyport_r(htons(port), protocol, rest...);
  });
  if (found != nullptr) *name = found->s_name;
  return found != nullptr;
}

int FindProtocol(const char* name) {
  struct protoent entry;
  std::vector<char> memory;
  const auto* found =
      Ask(&entry, &memory, [&](auto... rest) { return getprotobyname_r(name, rest...); });
  return found == nullptr ? -1 : found->p_proto;
}

}  // namespace iomux

#endif
