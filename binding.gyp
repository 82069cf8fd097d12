{
  "targets": [
    {
      "target_name": "iomux",
      "sources": [
        "native/addon.cc",
        "native/address.cc",
        "native/batch.cc",
        "native/call.cc",
        "native/constants-bsd.cc",
        "native/constants-linux.cc",
        "native/constants.cc",
        "native/databases-glibc.cc",
        "native/databases-posix.cc",
        "native/epoll.cc",
        "native/interrupt.cc",
        "native/kqueue.cc",
        "native/libuv.cc",
        "native/message.cc",
        "native/netdb.cc",
        "native/options.cc",
        "native/platform-darwin.cc",
        "native/platform-linux.cc",
        "native/platform-posix.cc",
        "native/poll.cc",
        "native/queues.cc",
        "native/resolve.cc",
        "native/select.cc",
        "native/sendfile.cc",
        "native/signal-actions.cc",
        "native/signal-libuv.cc",
        "native/signal-mask.cc",
        "native/signal.cc",
        "native/socket.cc",
        "native/watch-libuv.cc",
        "native/watch-thread.cc",
        "native/watch.cc",
        "native/worker.cc"
      ],
      "defines": ["NAPI_VERSION=8"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": [
        "-std=c++20",
        "-O2",
        "-Wall",
        "-Wextra",
        "-fno-exceptions",
        "-fno-rtti",
        "-fvisibility=hidden"
      ],
      "xcode_settings": {
        "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
        "GCC_SYMBOLS_PRIVATE_EXTERN": "YES"
      }
    }
  ]
}
