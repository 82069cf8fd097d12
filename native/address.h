// Socket addresses at the boundary. Going in, an address is the bytes of its struct sockaddr.
// Coming out, it is a name: the kernel's socklen_t, and from NAME_OFFSET on room for the largest
// sockaddr.
// JavaScript makes the first with the sockaddr_*() functions, reads the second with
// sockaddr_decode(), and looks inside neither; but it compares names, by their 32-bit words, to
// know an address that it has read before.
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

// An argument as so many names, one after the other. Null when it is wrong.
Name* NamesArgument(Call& call, Index index, const char* name, size_t count);

// [family, ...parts]: host and port, with flowinfo and scope id for IPv6; a path as bytes for
// AF_UNIX; the bytes after the family for any other.
napi_value DecodeAddress(napi_env env, const struct sockaddr* address, socklen_t length);

}  // namespace iomux
