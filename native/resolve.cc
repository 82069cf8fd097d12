// Names to addresses, by the system's own resolver: it reads what the system is configured to read
// (/etc/hosts, DNS), and it blocks while it does.
#include <netdb.h>

#include "address.h"
#include "values.h"

namespace iomux {

namespace {

napi_value Rows(napi_env env, const struct addrinfo* first) {
  std::vector<napi_value> rows;
  for (const struct addrinfo* entry = first; entry != nullptr; entry = entry->ai_next) {
    const char* name = entry->ai_canonname == nullptr ? "" : entry->ai_canonname;
    rows.push_back(List(env, {Integer(env, entry->ai_family), Integer(env, entry->ai_socktype),
                              Integer(env, entry->ai_protocol), Text(env, name),
                              DecodeAddress(env, entry->ai_addr, entry->ai_addrlen)}));
  }
  return List(env, rows);
}

}  // namespace

// (host or null, service or null, family, type, protocol, flags, error) -> rows of [family, type,
// protocol, canonical name, decoded address]; or null, with the resolver's code in error[0] and,
// for EAI_SYSTEM, errno in error[1]. getaddrinfo(3)
napi_value Getaddrinfo(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const bool has_host = !call.IsNull(0);
  const bool has_service = !call.IsNull(1);
  const std::string host = has_host ? call.Text(0, "host") : "";
  const std::string service = has_service ? call.Text(1, "service") : "";
  struct addrinfo hints = {};
  hints.ai_family = call.Int(2, "family");
  hints.ai_socktype = call.Int(3, "type");
  hints.ai_protocol = call.Int(4, "protocol");
  hints.ai_flags = call.Int(5, "flags");
  const Integers error = call.Ints(6, "error", 2);
  if (!call.ok()) return nullptr;

  struct addrinfo* found = nullptr;
  const int code = getaddrinfo(has_host ? host.c_str() : nullptr,
                               has_service ? service.c_str() : nullptr, &hints, &found);
  if (code != 0) {
    error.data[0] = code;
    error.data[1] = errno;
    return Null(env);
  }
  napi_value rows = Rows(env, found);
  freeaddrinfo(found);
  return rows;
}

// (code) -> the resolver's own text for it. gai_strerror(3)
napi_value GaiStrerror(napi_env env, napi_callback_info info) {
  Call call(env, info);
  const int code = call.Int(0, "code");
  if (!call.ok()) return nullptr;
  return Text(env, gai_strerror(code));
}

}  // namespace iomux
