// Latencies, counted in buckets whose width is under one per cent of their value, from a nanosecond
// to hours: HdrHistogram's layout, so that its libraries can read them.
#pragma once

#include <bit>
#include <cstdint>
#include <cstdio>
#include <vector>

class Histogram {
 public:
  void Record(double seconds) {
    const auto nanoseconds = seconds > 0 ? static_cast<uint64_t>(seconds * 1e9) : 0;
    counts_[Index(nanoseconds)]++;
    total_++;
  }

  uint64_t total() const { return total_; }

  void Forget() {
    counts_.assign(counts_.size(), 0);
    total_ = 0;
  }

  // [[nanoseconds, count], ...], of the buckets that are not empty.
  void Print(FILE* to) const {
    const char* separator = "[";
    for (size_t index = 0; index < counts_.size(); index++) {
      if (counts_[index] == 0) continue;
      fprintf(to, "%s[%llu,%llu]", separator, static_cast<unsigned long long>(Value(index)),
              static_cast<unsigned long long>(counts_[index]));
      separator = ",";
    }
    fputs(total_ == 0 ? "[]" : "]", to);
  }

 private:
  // Each power of two is divided into this many buckets.
  static constexpr int kBits = 7;
  static constexpr uint64_t kBuckets = 1 << kBits;

  static size_t Index(uint64_t value) {
    if (value < kBuckets) return value;
    const auto shift = static_cast<uint64_t>(std::bit_width(value) - 1 - kBits);
    return (shift + 1) * kBuckets + ((value >> shift) - kBuckets);
  }

  // The middle of a bucket.
  static uint64_t Value(size_t index) {
    if (index < kBuckets) return index;
    const size_t shift = index / kBuckets - 1;
    return ((index % kBuckets + kBuckets) << shift) + ((uint64_t{1} << shift) >> 1);
  }

  std::vector<uint64_t> counts_ = std::vector<uint64_t>((64 - kBits + 1) * kBuckets);
  uint64_t total_ = 0;
};
