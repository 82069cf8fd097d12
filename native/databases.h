// The system's databases of hosts, services and protocols, asked from any number of threads at
// once: databases-glibc.cc or databases-posix.cc. Results are copies.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

struct hostent;

namespace iomux {

struct Host {
  std::string name;
  std::vector<std::string> aliases;
  std::vector<std::string> addresses;

  // Both files have found theirs as one of these.
  void Copy(const struct hostent& entry);
};

// 0, or h_errno. gethostbyname(3), gethostbyaddr(3)
int FindHostByName(const char* name, int family, Host* host);
int FindHostByAddress(const void* address, socklen_t length, int family, Host* host);

// The port of a service, in the host's byte order; -1 if there is none. Any protocol's if
// `protocol` is null. getservbyname(3)
int FindPort(const char* name, const char* protocol);

// Whether a service has that port, and its name. getservbyport(3)
bool FindService(uint16_t port, const char* protocol, std::string* name);

// The number of a protocol; -1 if there is none. getprotobyname(3)
int FindProtocol(const char* name);

}  // namespace iomux
