// The lists of numbers that lib/ takes from the system's headers.
#pragma once

#include <span>

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
#if __has_include(<sys/event.h>)
std::span<const Constant> KqueueConstants();
#endif

}  // namespace iomux
