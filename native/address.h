// Socket addresses at the boundary. Going in, an address is the bytes of its struct sockaddr.
// Coming out, it is a name: the kernel's socklen_t followed by room for the largest sockaddr.
// JavaScript makes the first with the sockaddr_*() functions, reads the second with
// sockaddr_decode(), and never looks inside either.
#pragma once

#include <sys/socket.h>

#include "call.h"

namespace iomux {

struct Name {
  socklen_t length;
  struct sockaddr_storage storage;

  struct sockaddr* address() {
    return reinterpret_cast<struct sockaddr*>(&storage);
  }
};

// An argument as a name for a system call to fill, with as many bytes at most as another argument
// says. Null when one of them is wrong.
Name* NameArgument(Call& call, Index name, Index size);

// [family, ...parts]: host and port, with flowinfo and scope id for IPv6; a path as bytes for
// AF_UNIX; the bytes after the family for any other.
napi_value DecodeAddress(napi_env env, const struct sockaddr* address, socklen_t length);

}  // namespace iomux
