// The descriptors that an environment has opened and not yet closed. When the environment ends
// (a worker is terminated, the main script returns) the rest are closed, because no JavaScript
// is left to do it.
#pragma once

#include <unistd.h>

#include <bitset>
#include <cstddef>
#include <map>

namespace iomux {

class Descriptors {
 public:
  void Add(int fd) { owned_[fd / kPage].set(static_cast<size_t>(fd % kPage)); }

  void Remove(int fd) {
    const auto page = owned_.find(fd / kPage);
    if (fd >= 0 && page != owned_.end()) page->second.reset(static_cast<size_t>(fd % kPage));
  }

  void CloseAll() {
    for (const auto& [number, page] : owned_) {
      for (int at = 0; at < kPage; at++) {
        if (page.test(static_cast<size_t>(at))) close(number * kPage + at);
      }
    }
    owned_.clear();
  }

 private:
  // A program may name any number as a descriptor, the largest too: only pages with some have
  // memory.
  static constexpr int kPage = 4096;
  std::map<int, std::bitset<kPage>> owned_;
};

}  // namespace iomux
