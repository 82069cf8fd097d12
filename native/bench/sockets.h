// What the two programs of the benchmark share: they end, with a sentence, when a call fails.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>

// The result of a system call that must not fail.
inline int must(int result, const char* what) {
  if (result == -1) {
    perror(what);
    exit(1);
  }
  return result;
}

inline struct sockaddr_in address_of(const char* host, int port) {
  struct sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  if (port < 0 || port > 65535 || inet_pton(AF_INET, host, &address.sin_addr) != 1) {
    fprintf(stderr, "%s port %d is no IPv4 address and port\n", host, port);
    exit(2);
  }
  return address;
}
