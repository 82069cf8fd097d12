// The lists of numbers that lib/ takes from the system's headers.
#pragma once

#include <span>

#include "platform.h"

namespace iomux {

struct Constant {
  const char* name;
  double value;
};

#if defined(__linux__)
std::span<const Constant> LinuxConstants();
#else
std::span<const Constant> BsdConstants();
#endif
#if defined(IOMUX_HAS_EPOLL)
std::span<const Constant> EpollConstants();
#endif
#if defined(IOMUX_HAS_KQUEUE)
std::span<const Constant> KqueueConstants();
#endif

}  // namespace iomux
