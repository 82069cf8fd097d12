// Signals that libuv has a handler for as well: for process.on(), and for the ends of children.
#pragma once

#include <node_api.h>

namespace iomux {

// While a signal is held, libuv has at least one user of it, who does nothing: it installs its
// handler now if it has not yet, and neither installs it again, on top of the addon's, nor takes
// away what handles the signal then. False in a runtime without libuv, and for a signal that cannot
// be handled. On the main thread.
bool HoldSignal(napi_env env, int signo);

// Lets libuv do so again. It resets a signal without other users to SIG_DFL at once.
void ReleaseSignal(int signo);

}  // namespace iomux
