// What the system's databases know: hosts, services, protocols, network interfaces. These calls are
// libc's; some block while they ask a name server.
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <unistd.h>

#include <climits>
#include <string>
#include <vector>

#include "address.h"
#include "databases.h"
#include "values.h"

namespace iomux {

void Host::Copy(const struct hostent& entry) {
  name = entry.h_name;
  for (char** alias = entry.h_aliases; *alias != nullptr; alias++) aliases.emplace_back(*alias);
  for (char** address = entry.h_addr_list; *address != nullptr; address++) {
    char text[INET6_ADDRSTRLEN] = "";
    inet_ntop(entry.h_addrtype, *address, text, sizeof(text));
    addresses.emplace_back(text);
  }
}

namespace {

napi_value Texts(napi_env env, const std::vector<std::string>& texts) {
  std::vector<napi_value> values;
  for (const std::string& text : texts) values.push_back(Text(env, text.c_str()));
  return List(env, values);
}

// [name, aliases, addresses], all as text; or null with h_errno in error[0].
napi_value Row(napi_env env, const Host& host, int code, const Integers& error) {
  if (code != 0) {
    error.data[0] = code;
    return Null(env);
  }
  return List(env,
              {Text(env, host.name.c_str()), Texts(env, host.aliases), Texts(env, host.addresses)});
}

}  // namespace

// (host, family, error) -> [name, aliases, addresses], or null with h_errno in error[0].
// gethostbyname(3)
napi_value Gethostbyname(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const std::string name = call.Text(0, "host");
  const int family = call.Int(1, "family");
  const Integers error = call.Ints(2, "error", 1);
  if (!call.ok()) return nullptr;
  Host host;
  const int code = FindHostByName(name.c_str(), family, &host);
  return Row(env, host, code, error);
}

// (family, address, error) -> [name, aliases, addresses], or null with h_errno in error[0].
// gethostbyaddr(3)
napi_value Gethostbyaddr(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int family = call.Int(0, "family");
  const Bytes address = call.View(1, "address");
  const Integers error = call.Ints(2, "error", 1);
  if (!call.ok()) return nullptr;
  Host host;
  const int code =
      FindHostByAddress(address.data, static_cast<socklen_t>(address.length), family, &host);
  return Row(env, host, code, error);
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
  return Integer(env, FindPort(name.c_str(), any ? nullptr : protocol.c_str()));
}

// (port, protocol or null) -> the name, or null. getservbyport(3)
napi_value Getservbyport(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int port = call.Int(0, "port");
  const bool any = call.IsNull(1);
  const std::string protocol = any ? "" : call.Text(1, "protocol");
  if (!call.ok()) return nullptr;
  std::string name;
  const bool found =
      FindService(static_cast<uint16_t>(port), any ? nullptr : protocol.c_str(), &name);
  return found ? Text(env, name.c_str()) : Null(env);
}

// (name) -> the protocol's number, or -1. getprotobyname(3)
napi_value Getprotobyname(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const std::string name = call.Text(0, "name");
  if (!call.ok()) return nullptr;
  return Integer(env, FindProtocol(name.c_str()));
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
