// Threads of the addon's own.
#pragma once

#include <pthread.h>

#include <csignal>

namespace iomux {

// Starts a thread that handles no signals: they are for the threads that run JavaScript. 0, or an
// errno.
inline int StartThread(pthread_t* thread, void* (*run)(void*), void* argument) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int error = pthread_create(thread, nullptr, run, argument);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return error;
}

}  // namespace iomux
