#include "signal-libuv.h"

#include <csignal>

#include "libuv.h"

namespace iomux {

namespace {

// They belong to the main thread's event loop, which lives as long as the process.
HandleMemory held[NSIG];

void DoNothing(Handle*, int) {}

}  // namespace

bool HoldSignal(napi_env env, int signo) {
  HandleMemory& memory = held[signo];
  if (memory == nullptr) {
    uv_loop_s* loop = UvLoop(env);
    if (loop == nullptr) return false;
    HandleMemory fresh = NewHandle(kSignalHandle);
    if (Uv().signal_init(loop, HandleIn(fresh)) != 0) return false;
    Uv().unref(HandleIn(fresh));
    memory = std::move(fresh);
  }
  // Again while it is held: this only sets its function.
  return Uv().signal_start(HandleIn(memory), DoNothing, signo) == 0;
}

void ReleaseSignal(int signo) {
  if (held[signo] != nullptr) Uv().signal_stop(HandleIn(held[signo]));
}

}  // namespace iomux
