#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#if defined(__linux__)
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#endif

#include <algorithm>
#include <charconv>
#include <cstring>

#include "values.h"

namespace iomux {

Name* NamesArgument(Call& call, Index index, const char* name, size_t count) {
  const Bytes bytes = call.View(index, name);
  const bool is_aligned = reinterpret_cast<uintptr_t>(bytes.data) % alignof(Name) == 0;
  if (call.ok() && (bytes.length / sizeof(Name) < count || !is_aligned)) {
    call.Reject(name, "at least NAME_SIZE bytes for each, aligned as JavaScript allocates them");
  }
  return call.ok() ? reinterpret_cast<Name*>(bytes.data) : nullptr;
}

namespace {

// inet_ntop(3) without printf(3), which would take a third of the time of accepting a connection.
void WriteQuad(const struct in_addr& address, char* text) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&address);
  for (int i = 0; i < 4; i++) {
    text = std::to_chars(text, text + 3, bytes[i]).ptr;
    *text++ = i < 3 ? '.' : '\0';
  }
}

}  // namespace

Name* NameArgument(Call& call, Index name_index, Index size_index) {
  Name* name = NamesArgument(call, name_index, "name", 1);
  const uint32_t size = call.Uint(size_index, "size");
  if (call.ok() && size > sizeof(name->storage)) call.Reject("size", "what a name has room for");
  if (!call.ok()) return nullptr;
  name->length = size;
  return name;
}

napi_value DecodeAddress(napi_env env, const struct sockaddr* address, socklen_t length) {
  // An unbound AF_UNIX peer, or a stream's recvfrom: the kernel has written no address at all.
  if (length < offsetof(struct sockaddr, sa_data)) {
    return Null(env);
  }
  char text[INET6_ADDRSTRLEN];
  switch (address->sa_family) {
    case AF_INET: {
      struct sockaddr_in in;
      memcpy(&in, address, sizeof(in));
      WriteQuad(in.sin_addr, text);
      return List(env, {Integer(env, AF_INET), Text(env, text), Integer(env, ntohs(in.sin_port))});
    }
    case AF_INET6: {
      struct sockaddr_in6 in6;
      memcpy(&in6, address, sizeof(in6));
      inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof(text));
      return List(env, {Integer(env, AF_INET6), Text(env, text), Integer(env, ntohs(in6.sin6_port)),
                        Integer(env, ntohl(in6.sin6_flowinfo)), Integer(env, in6.sin6_scope_id)});
    }
    case AF_UNIX: {
      // sun_path starts where sa_data does. A name that starts with NUL is an abstract one and
      // goes to the end; a path stops at its NUL, which the length may or may not count.
      const char* path = address->sa_data;
      const size_t most = length - offsetof(struct sockaddr_un, sun_path);
      const size_t size = most > 0 && path[0] != '\0' ? strnlen(path, most) : most;
      return List(env, {Integer(env, AF_UNIX), ByteArray(env, path, size)});
    }
#if defined(__linux__)
    case AF_NETLINK: {
      struct sockaddr_nl nl;
      memcpy(&nl, address, sizeof(nl));
      return List(env,
                  {Integer(env, AF_NETLINK), Integer(env, nl.nl_pid), Integer(env, nl.nl_groups)});
    }
    case AF_PACKET: {
      struct sockaddr_ll ll;
      memcpy(&ll, address, sizeof(ll));
      const size_t size = std::min<size_t>(ll.sll_halen, sizeof(ll.sll_addr));
      return List(env, {Integer(env, AF_PACKET), Integer(env, ll.sll_ifindex),
                        Integer(env, ntohs(ll.sll_protocol)), Integer(env, ll.sll_pkttype),
                        Integer(env, ll.sll_hatype), ByteArray(env, ll.sll_addr, size)});
    }
    case AF_VSOCK: {
      struct sockaddr_vm vm;
      memcpy(&vm, address, sizeof(vm));
      return List(env,
                  {Integer(env, AF_VSOCK), Integer(env, vm.svm_cid), Integer(env, vm.svm_port)});
    }
#endif
    default:
      return List(env,
                  {Integer(env, address->sa_family),
                   ByteArray(env, address->sa_data, length - offsetof(struct sockaddr, sa_data))});
  }
}

// (host, port) -> the bytes of a sockaddr_in, or null when the host is not a dotted-quad address.
napi_value SockaddrIn(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const std::string host = call.Text(0, "host");
  const int port = call.Int(1, "port");
  if (!call.ok()) return nullptr;
  struct sockaddr_in in = {};
  in.sin_family = AF_INET;
  in.sin_port = htons(static_cast<uint16_t>(port));
  if (inet_pton(AF_INET, host.c_str(), &in.sin_addr) == 1) return ByteArray(env, &in, sizeof(in));
  return Null(env);
}

// (host, port, flowinfo, scope_id) -> the bytes of a sockaddr_in6, or null when the host is not
// an IPv6 address, or has a scope in its text.
napi_value SockaddrIn6(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const std::string host = call.Text(0, "host");
  const int port = call.Int(1, "port");
  const uint32_t flowinfo = call.Uint(2, "flowinfo");
  const uint32_t scope_id = call.Uint(3, "scope_id");
  if (!call.ok()) return nullptr;
  struct sockaddr_in6 in6 = {};
  in6.sin6_family = AF_INET6;
  in6.sin6_port = htons(static_cast<uint16_t>(port));
  in6.sin6_flowinfo = htonl(flowinfo);
  in6.sin6_scope_id = scope_id;
  if (inet_pton(AF_INET6, host.c_str(), &in6.sin6_addr) == 1) {
    return ByteArray(env, &in6, sizeof(in6));
  }
  return Null(env);
}

// (path bytes) -> the bytes of a sockaddr_un, or null when the path is too long for one.
napi_value SockaddrUn(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const Bytes path = call.View(0, "path");
  if (!call.ok()) return nullptr;
  struct sockaddr_un un = {};
  un.sun_family = AF_UNIX;
  // An abstract name is as long as its bytes; a path needs the NUL that ends it. No bytes at all
  // asks the kernel to choose an abstract name.
  const bool is_path = path.length > 0 && path.data[0] != 0;
  if (path.length > sizeof(un.sun_path) - (is_path ? 1 : 0)) {
    return Null(env);
  }
  if (path.length > 0) memcpy(un.sun_path, path.data, path.length);
  const size_t length = offsetof(struct sockaddr_un, sun_path) + path.length + (is_path ? 1 : 0);
  return ByteArray(env, &un, length);
}

// (family, bytes) -> the bytes of a sockaddr of any family, or null when they are too many.
napi_value SockaddrOther(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const uint32_t family = call.Uint(0, "family");
  const Bytes bytes = call.View(1, "bytes");
  if (!call.ok()) return nullptr;
  struct sockaddr_storage storage = {};
  constexpr size_t kHeader = offsetof(struct sockaddr, sa_data);
  if (bytes.length > sizeof(storage) - kHeader) return Null(env);
  storage.ss_family = static_cast<sa_family_t>(family);
  if (bytes.length > 0) {
    memcpy(reinterpret_cast<uint8_t*>(&storage) + kHeader, bytes.data, bytes.length);
  }
  return ByteArray(env, &storage, kHeader + bytes.length);
}

#if defined(__linux__)

// (pid, groups) -> the bytes of a sockaddr_nl. netlink(7)
napi_value SockaddrNl(napi_env env, napi_callback_info info) {
  Call call(env, info);
  struct sockaddr_nl nl = {};
  nl.nl_family = AF_NETLINK;
  nl.nl_pid = call.Uint(0, "pid");
  nl.nl_groups = call.Uint(1, "groups");
  if (!call.ok()) return nullptr;
  return ByteArray(env, &nl, sizeof(nl));
}

// (ifindex, protocol, pkttype, hatype, addr) -> the bytes of a sockaddr_ll, or null when addr is
// longer than an address can be. packet(7)
napi_value SockaddrLl(napi_env env, napi_callback_info info) {
  Call call(env, info);
  struct sockaddr_ll ll = {};
  ll.sll_family = AF_PACKET;
  ll.sll_ifindex = call.Int(0, "ifindex");
  ll.sll_protocol = htons(static_cast<uint16_t>(call.Uint(1, "protocol")));
  ll.sll_pkttype = static_cast<unsigned char>(call.Int(2, "pkttype"));
  ll.sll_hatype = static_cast<unsigned short>(call.Int(3, "hatype"));
  const Bytes address = call.View(4, "addr");
  if (!call.ok()) return nullptr;
  if (address.length > sizeof(ll.sll_addr)) return Null(env);
  ll.sll_halen = static_cast<unsigned char>(address.length);
  if (address.length > 0) memcpy(ll.sll_addr, address.data, address.length);
  return ByteArray(env, &ll, sizeof(ll));
}

// (cid, port) -> the bytes of a sockaddr_vm. vsock(7)
napi_value SockaddrVm(napi_env env, napi_callback_info info) {
  Call call(env, info);
  struct sockaddr_vm vm = {};
  vm.svm_family = AF_VSOCK;
  vm.svm_cid = call.Uint(0, "cid");
  vm.svm_port = call.Uint(1, "port");
  if (!call.ok()) return nullptr;
  return ByteArray(env, &vm, sizeof(vm));
}

#endif

// (family) -> how many bytes an address of the family takes at most.
napi_value SockaddrSize(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int family = call.Int(0, "family");
  if (!call.ok()) return nullptr;
  switch (family) {
    case AF_INET:
      return call.Result(sizeof(struct sockaddr_in));
    case AF_INET6:
      return call.Result(sizeof(struct sockaddr_in6));
    case AF_UNIX:
      return call.Result(sizeof(struct sockaddr_un));
#if defined(__linux__)
    case AF_ALG:
      // Its sockets have no names.
      return call.Result(0);
#endif
    default:
      return call.Result(sizeof(struct sockaddr_storage));
  }
}

// (name, port) -> null when the name is empty. For AF_INET the host, with its port in port[0]:
// every accepted connection comes this way, and a list would be garbage at once. For any other
// family [family, ...parts].
napi_value SockaddrDecode(napi_env env, napi_callback_info info) {
  Call call(env, info);
  Name* name = NamesArgument(call, 0, "name", 1);
  const Integers port = call.Ints(1, "port", 1);
  if (!call.ok()) return nullptr;
  if (name->length >= sizeof(struct sockaddr_in) && name->storage.ss_family == AF_INET) {
    const auto* in = reinterpret_cast<const struct sockaddr_in*>(&name->storage);
    char text[INET_ADDRSTRLEN];
    WriteQuad(in->sin_addr, text);
    port.data[0] = ntohs(in->sin_port);
    return Text(env, text);
  }
  // The kernel gives the full length even of an address that it has cut short.
  const auto length = std::min<size_t>(name->length, sizeof(name->storage));
  return DecodeAddress(env, name->address(), static_cast<socklen_t>(length));
}

}  // namespace iomux
