// JavaScript values made from C++ ones.
#pragma once

#include <node_api.h>

#include <cstring>
#include <vector>

namespace iomux {

inline napi_value Null(napi_env env) {
  napi_value value = nullptr;
  napi_get_null(env, &value);
  return value;
}

inline napi_value Integer(napi_env env, int64_t number) {
  napi_value value = nullptr;
  napi_create_int64(env, number, &value);
  return value;
}

inline napi_value Text(napi_env env, const char* text) {
  napi_value value = nullptr;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  return value;
}

// A Uint8Array with a copy of the bytes.
inline napi_value ByteArray(napi_env env, const void* bytes, size_t length) {
  void* copy = nullptr;
  napi_value buffer = nullptr;
  napi_value value = nullptr;
  if (napi_create_arraybuffer(env, length, &copy, &buffer) != napi_ok) return nullptr;
  if (length > 0) memcpy(copy, bytes, length);
  napi_create_typedarray(env, napi_uint8_array, length, buffer, 0, &value);
  return value;
}

inline napi_value List(napi_env env, const std::vector<napi_value>& elements) {
  napi_value list = nullptr;
  napi_create_array_with_length(env, elements.size(), &list);
  for (size_t index = 0; index < elements.size(); index++) {
    napi_set_element(env, list, static_cast<uint32_t>(index), elements[index]);
  }
  return list;
}

}  // namespace iomux
