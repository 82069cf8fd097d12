// The descriptors that an environment has opened and not yet closed. When the environment ends
// (a worker is terminated, the main script returns) the rest are closed, because no JavaScript
// is left to do it.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <vector>

namespace iomux {

class Descriptors {
 public:
  void Add(int fd) {
    const auto index = static_cast<size_t>(fd);
    if (index >= owned_.size()) owned_.resize(index + 64);
    owned_[index] = true;
  }

  void Remove(int fd) {
    const auto index = static_cast<size_t>(fd);
    if (fd >= 0 && index < owned_.size()) owned_[index] = false;
  }

  void CloseAll() {
    for (size_t index = 0; index < owned_.size(); index++) {
      if (owned_[index]) close(static_cast<int>(index));
    }
    owned_.clear();
  }

 private:
  std::vector<bool> owned_;
};

}  // namespace iomux
