// What the system's databases know: hosts, services, protocols, network interfaces. These calls are
// libc's; some block while they ask a name server.
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <unistd.h>

#include <climits>
#include <string>
#include <vector>

#include "address.h"
#include "values.h"

namespace iomux {

namespace {

// [name, aliases, addresses], all as text; or null with h_errno in error[0].
napi_value HostRow(napi_env env, const struct hostent* host, const Integers& error, int code) {
  if (host == nullptr) {
    error.data[0] = code;
    return Null(env);
  }
  std::vector<napi_value> aliases;
  for (char** alias = host->h_aliases; *alias != nullptr; alias++) {
    aliases.push_back(Text(env, *alias));
  }
  std::vector<napi_value> addresses;
  for (char** address = host->h_addr_list; *address != nullptr; address++) {
    char text[INET6_ADDRSTRLEN] = "";
    inet_ntop(host->h_addrtype, *address, text, sizeof(text));
    addresses.push_back(Text(env, text));
  }
  return List(env, {Text(env, host->h_name), List(env, aliases), List(env, addresses)});
}

// glibc's reentrant calls take memory, and return ERANGE when it is too little.
template <typename Find>
napi_value Host(napi_env env, const Integers& error, Find find) {
  struct hostent entry;
  struct hostent* host = nullptr;
  int code = 0;
  std::vector<char> memory(1024);
  while (find(&entry, memory.data(), memory.size(), &host, &code) == ERANGE) {
    memory.resize(memory.size() * 2);
  }
  return HostRow(env, host, error, code);
}

}  // namespace

// (host, family, error) -> [name, aliases, addresses], or null with h_errno in error[0].
// gethostbyname2_r(3)
napi_value Gethostbyname(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const std::string name = call.Text(0, "host");
  const int family = call.Int(1, "family");
  const Integers error = call.Ints(2, "error", 1);
  if (!call.ok()) return nullptr;
  return Host(
      env, error,
      [&](struct hostent* entry, char* memory, size_t size, struct hostent** host, int* code) {
        return gethostbyname2_r(name.c_str(), family, entry, memory, size, host, code);
      });
}

// (family, address, error) -> [name, aliases, addresses], or null with h_errno in error[0].
// gethostbyaddr_r(3)
napi_value Gethostbyaddr(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int family = call.Int(0, "family");
  const Bytes address = call.View(1, "address");
  const Integers error = call.Ints(2, "error", 1);
  if (!call.ok()) return nullptr;
  return Host(
      env, error,
      [&](struct hostent* entry, char* memory, size_t size, struct hostent** host, int* code) {
        return gethostbyaddr_r(address.data, static_cast<socklen_t>(address.length), family, entry,
                               memory, size, host, code);
      });
}

// (code) -> the resolver's own text for an h_errno. hstrerror(3)
napi_value Hstrerror(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int code = call.Int(0, "code");
  if (!call.ok()) return nullptr;
  return Text(env, hstrerror(code));
}

// (address, flags, error) -> [host, service], or null with the resolver's code in error[0] and
// errno in error[1]. getnameinfo(3)
napi_value Getnameinfo(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const Bytes address = call.View(0, "address");
  const int flags = call.Int(1, "flags");
  const Integers error = call.Ints(2, "error", 2);
  if (!call.ok()) return nullptr;
  char host[NI_MAXHOST];
  char service[NI_MAXSERV];
  const int code = getnameinfo(reinterpret_cast<const struct sockaddr*>(address.data),
                               static_cast<socklen_t>(address.length), host, sizeof(host), service,
                               sizeof(service), flags);
  if (code != 0) {
    error.data[0] = code;
    error.data[1] = errno;
    return Null(env);
  }
  return List(env, {Text(env, host), Text(env, service)});
}

// (name, protocol or null) -> the port, or -1. getservbyname(3)
napi_value Getservbyname(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const std::string name = call.Text(0, "name");
  const bool any = call.IsNull(1);
  const std::string protocol = any ? "" : call.Text(1, "protocol");
  if (!call.ok()) return nullptr;
  const struct servent* service = getservbyname(name.c_str(), any ? nullptr : protocol.c_str());
  return Integer(env, service == nullptr ? -1 : ntohs(static_cast<uint16_t>(service->s_port)));
}

// (port, protocol or null) -> the name, or null. getservbyport(3)
napi_value Getservbyport(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int port = call.Int(0, "port");
  const bool any = call.IsNull(1);
  const std::string protocol = any ? "" : call.Text(1, "protocol");
  if (!call.ok()) return nullptr;
  const struct servent* service =
      getservbyport(htons(static_cast<uint16_t>(port)), any ? nullptr : protocol.c_str());
  return service == nullptr ? Null(env) : Text(env, service->s_name);
}

// (name) -> the protocol's number, or -1. getprotobyname(3)
napi_value Getprotobyname(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const std::string name = call.Text(0, "name");
  if (!call.ok()) return nullptr;
  const struct protoent* protocol = getprotobyname(name.c_str());
  return Integer(env, protocol == nullptr ? -1 : protocol->p_proto);
}

// () -> the name of this machine; -errno. gethostname(2)
napi_value Gethostname(napi_env env, napi_callback_info info) {
  Call call(env, info);
  char name[1025] = "";
  if (gethostname(name, sizeof(name) - 1) == -1) return call.Result(-1);
  return Text(env, name);
}

// (name) -> 0. sethostname(2)
napi_value Sethostname(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const Bytes name = call.View(0, "name");
  if (!call.ok()) return nullptr;
  return call.Result(sethostname(reinterpret_cast<const char*>(name.data), name.length));
}

// () -> a list of [index, name]; -errno. if_nameindex(3)
napi_value IfNameindex(napi_env env, napi_callback_info info) {
  Call call(env, info);
  struct if_nameindex* interfaces = if_nameindex();
  if (interfaces == nullptr) return call.Result(-1);
  std::vector<napi_value> rows;
  for (const struct if_nameindex* one = interfaces; one->if_index != 0; one++) {
    rows.push_back(List(env, {Integer(env, one->if_index), Text(env, one->if_name)}));
  }
  if_freenameindex(interfaces);
  return List(env, rows);
}

// (name) -> the index; -errno. if_nametoindex(3)
napi_value IfNametoindex(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const std::string name = call.Text(0, "name");
  if (!call.ok()) return nullptr;
  const unsigned int index = if_nametoindex(name.c_str());
  return call.Result(index == 0 ? -1 : static_cast<int64_t>(index));
}

// (index) -> the name; -errno. if_indextoname(3)
napi_value IfIndextoname(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const uint32_t index = call.Uint(0, "index");
  if (!call.ok()) return nullptr;
  char name[IF_NAMESIZE];
  if (if_indextoname(index, name) == nullptr) return call.Result(-1);
  return Text(env, name);
}

// (text) -> the four bytes of an IPv4 address in any of its old notations, or null. inet_aton(3)
napi_value InetAton(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const std::string text = call.Text(0, "text");
  if (!call.ok()) return nullptr;
  struct in_addr address;
  if (inet_aton(text.c_str(), &address) == 0) return Null(env);
  return ByteArray(env, &address, sizeof(address));
}

// (family, text) -> the bytes of an address, null when the text is not one; -errno. inet_pton(3)
napi_value InetPton(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int family = call.Int(0, "family");
  const std::string text = call.Text(1, "text");
  if (!call.ok()) return nullptr;
  uint8_t address[sizeof(struct in6_addr)];
  const int result = inet_pton(family, text.c_str(), address);
  if (result == -1) return call.Result(-1);
  if (result == 0) return Null(env);
  return ByteArray(env, address, family == AF_INET ? sizeof(struct in_addr) : sizeof(address));
}

// (family, bytes) -> the text of an address of 4 bytes (AF_INET) or 16; null for another number of
// bytes; -errno. inet_ntop(3)
napi_value InetNtop(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int family = call.Int(0, "family");
  const Bytes bytes = call.View(1, "bytes");
  if (!call.ok()) return nullptr;
  const size_t size = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
  if (bytes.length != size) return Null(env);
  char text[INET6_ADDRSTRLEN];
  if (inet_ntop(family, bytes.data, text, sizeof(text)) == nullptr) return call.Result(-1);
  return Text(env, text);
}

}  // namespace iomux
