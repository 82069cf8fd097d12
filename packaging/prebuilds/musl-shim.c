// What Debian's libstdc++ and libgcc want of glibc and musl does not have, so that a program for
// musl that needs libstdc++ runs where only glibc's is to be had. For trying out, and no part of
// any binary.
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

char __libc_single_threaded = 0;

struct {
  unsigned int values[4];
} __cpu_model;

int __cpu_indicator_init(void) { return 0; }

// Without it, unwinders ask dl_iterate_phdr(3).
int _dl_find_object(void* address, void* result) {
  (void)address;
  (void)result;
  return -1;
}

// Destructors of threads' variables do not run.
int __cxa_thread_atexit_impl(void (*function)(void*), void* object, void* handle) {
  (void)function;
  (void)object;
  (void)handle;
  return 0;
}

uint32_t arc4random(void) {
  uint32_t number = 0;
  (void)getrandom(&number, sizeof(number), 0);
  return number;
}

size_t __strftime_l(char* text, size_t size, const char* format, const struct tm* time,
                    locale_t locale) {
  return strftime_l(text, size, format, time, locale);
}
