// What macOS provides besides POSIX: see platform.h.
#include "platform.h"

#if defined(IOMUX_PLATFORM_DARWIN)

#include <pthread.h>
#include <sys/uio.h>

#include <cerrno>

namespace iomux {

ssize_t SendFile(int out, int file, off_t offset, size_t count) {
  // Both ways: how many bytes to send, and how many were sent, even if it then had to wait.
  auto length = static_cast<off_t>(count);
  const int result = sendfile(file, out, offset, &length, nullptr, 0);
  if (result == 0 || length > 0) return static_cast<ssize_t>(length);
  return -1;
}

bool IsFirstThread() { return pthread_main_np() == 1; }

}  // namespace iomux

#endif
