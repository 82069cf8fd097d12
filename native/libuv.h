// The part of libuv that native/ needs, unchanged since version 1.0. Its header does not come with
// Node-API's; and other runtimes, which have Node-API but no libuv, would not load an addon that is
// linked against it.
#pragma once

#include <node_api.h>

#include <cstddef>
#include <memory>

namespace iomux {

constexpr int kPollHandle = 8;     // UV_POLL
constexpr int kSignalHandle = 16;  // UV_SIGNAL
constexpr int kReadable = 1;       // UV_READABLE
struct Handle;
using OnPoll = void (*)(Handle* handle, int status, int events);
using OnUvSignal = void (*)(Handle* handle, int signo);
using OnClose = void (*)(Handle* handle);

struct Libuv {
  int (*backend_fd)(const uv_loop_s* loop);
  size_t (*handle_size)(int type);
  void (*handle_set_data)(Handle* handle, void* data);
  void* (*handle_get_data)(const Handle* handle);
  int (*poll_init)(uv_loop_s* loop, Handle* handle, int fd);
  int (*poll_start)(Handle* handle, int events, OnPoll on_poll);
  int (*signal_init)(uv_loop_s* loop, Handle* handle);
  int (*signal_start)(Handle* handle, OnUvSignal on_signal, int signo);
  int (*signal_stop)(Handle* handle);
  void (*unref)(Handle* handle);
  void (*close)(Handle* handle, OnClose on_close);
};

// To be used only where there is a loop.
const Libuv& Uv();

// The event loop of this environment; null in a runtime whose loop is not libuv's.
uv_loop_s* UvLoop(napi_env env);

// Memory for a handle: libuv says how large it is.
using HandleMemory = std::unique_ptr<max_align_t[]>;
HandleMemory NewHandle(int type);
inline Handle* HandleIn(const HandleMemory& memory) {
  return reinterpret_cast<Handle*>(memory.get());
}

}  // namespace iomux
