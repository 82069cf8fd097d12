#include "call.h"

namespace iomux {

Call::Call(napi_env env, napi_callback_info info) : env_(env) {
  size_t count = Index::kCount;
  void* data = nullptr;
  // Arguments that were not passed arrive as undefined.
  napi_get_cb_info(env, info, &count, arguments_, nullptr, &data);
  state_ = static_cast<State*>(data);
}

void Call::Reject(const char* name, const char* what) {
  if (!ok_) return;
  ok_ = false;
  const std::string message = std::string(name) + " must be " + what;
  napi_throw_type_error(env_, nullptr, message.c_str());
}

bool Call::Bool(Index index, const char* name) {
  bool value = false;
  if (ok_ && napi_get_value_bool(env_, arguments_[index], &value) != napi_ok) {
    Reject(name, "a boolean");
  }
  return value;
}

bool Call::IsNull(Index index) const {
  napi_valuetype type = napi_undefined;
  return napi_typeof(env_, arguments_[index], &type) == napi_ok && type == napi_null;
}

std::string Call::Text(Index index, const char* name) {
  std::string text;
  if (!ok_) return text;
  size_t length = 0;
  if (napi_get_value_string_utf8(env_, arguments_[index], nullptr, 0, &length) != napi_ok) {
    Reject(name, "a string");
    return text;
  }
  text.resize(length + 1);  // room for the terminating NUL that Node-API writes
  napi_get_value_string_utf8(env_, arguments_[index], text.data(), text.size(), &length);
  text.resize(length);
  if (text.find('\0') != std::string::npos) Reject(name, "a string without null characters");
  return text;
}

bool Call::ReadView(napi_value value, Bytes* bytes) const {
  void* data = nullptr;
  size_t length = 0;
  // Documented for Buffers only, but Node accepts any view; the functions documented for the others
  // ask V8 twice as often. Deno accepts any but a DataView.
  if (napi_get_buffer_info(env_, value, &data, &length) != napi_ok &&
      napi_get_dataview_info(env_, value, &length, &data, nullptr, nullptr) != napi_ok) {
    return false;
  }
  *bytes = {static_cast<uint8_t*>(data), data == nullptr ? 0 : length};
  return true;
}

Bytes Call::View(Index index, const char* name) {
  Bytes bytes;
  if (ok_ && !ReadView(arguments_[index], &bytes)) Reject(name, "a TypedArray or DataView");
  return bytes;
}

std::vector<Bytes> Call::Views(Index index, const char* name) {
  std::vector<Bytes> views;
  if (!ok_) return views;
  uint32_t count = 0;
  if (napi_get_array_length(env_, arguments_[index], &count) != napi_ok) {
    Reject(name, "a list of TypedArrays and DataViews");
    return views;
  }
  // More than any system call takes; a sparse array can have billions.
  if (count > 0x10000) {
    Reject(name, "a list of at most 65536 elements");
    return views;
  }
  // First all the elements, then what is behind them: an accessor in the list may run the caller's
  // code, which may detach the memory of an element before it.
  std::vector<napi_value> elements(count);
  bool are_views = true;
  for (uint32_t i = 0; are_views && i < count; i++) {
    are_views = napi_get_element(env_, arguments_[index], i, &elements[i]) == napi_ok;
  }
  views.resize(are_views ? count : 0);
  for (uint32_t i = 0; are_views && i < count; i++) are_views = ReadView(elements[i], &views[i]);
  if (are_views) return views;
  // An accessor's own exception is the one to report.
  bool is_pending = false;
  napi_is_exception_pending(env_, &is_pending);
  if (is_pending) ok_ = false;
  Reject(name, "a list of TypedArrays and DataViews");
  return {};
}

Integers Call::Ints(Index index, const char* name, size_t least) {
  if (!ok_) return {};
  void* data = nullptr;
  size_t length = 0;
  napi_typedarray_type type = napi_uint8_array;
  if (napi_get_typedarray_info(env_, arguments_[index], &type, &length, &data, nullptr, nullptr) !=
          napi_ok ||
      type != napi_int32_array) {
    Reject(name, "an Int32Array");
    return {};
  }
  if (data == nullptr) length = 0;
  if (length < least) {
    Reject(name, "long enough for this call");
    return {};
  }
  return {static_cast<int32_t*>(data), length};
}

napi_value Call::Function(Index index, const char* name) {
  napi_valuetype type = napi_undefined;
  napi_typeof(env_, arguments_[index], &type);
  if (type != napi_function) Reject(name, "a function");
  return arguments_[index];
}

Bytes Call::Slice(Index view_index, Index offset_index, Index length_index, const char* name) {
  const Bytes view = View(view_index, name);
  const auto offset = static_cast<uint64_t>(Int64(offset_index, "offset"));
  const auto length = static_cast<uint64_t>(Int64(length_index, "length"));
  // A negative number is huge as an unsigned one, so it fails the same two comparisons.
  if (ok_ && offset > view.length) Reject("offset", "within the buffer");
  if (ok_ && length > view.length - offset) Reject("length", "at most what the buffer has");
  if (!ok_) return {};
  return {view.data + offset, static_cast<size_t>(length)};
}

napi_value Call::Result(int64_t n) {
  napi_value value = nullptr;
  const int64_t result = n == -1 ? -errno : n;
  if (result == static_cast<int32_t>(result)) {
    napi_create_int32(env_, static_cast<int32_t>(result), &value);
  } else {
    napi_create_int64(env_, result, &value);
  }
  return value;
}

napi_value Call::OwnedDescriptor(int fd) {
  if (fd >= 0) state_->descriptors.Add(fd);
  return Result(fd);
}

}  // namespace iomux
