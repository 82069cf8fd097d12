{
  "targets": [
    {
      "target_name": "iomux",
      "sources": [
        "native/addon.cc",
        "native/address.cc",
        "native/call.cc",
        "native/constants-bsd.cc",
        "native/constants-linux.cc",
        "native/constants.cc",
        "native/epoll.cc",
        "native/interrupt.cc",
        "native/kqueue.cc",
        "native/message.cc",
        "native/netdb.cc",
        "native/options.cc",
        "native/poll.cc",
        "native/queues.cc",
        "native/resolve.cc",
        "native/select.cc",
        "native/signal.cc",
        "native/socket.cc",
        "native/watch.cc",
        "native/worker.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": [
        "-std=c++20",
        "-O2",
        "-Wall",
        "-Wextra",
        "-fno-exceptions",
        "-fno-rtti",
        "-fvisibility=hidden"
      ]
    }
  ]
}
