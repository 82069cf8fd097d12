// What Node's own event loop watches for us, so that JavaScript need not block.
#pragma once

#include "call.h"

namespace iomux {

// The descriptor that this thread's event loop waits on; -1 in a runtime whose loop has none.
int LoopDescriptor(napi_env env);

}  // namespace iomux
