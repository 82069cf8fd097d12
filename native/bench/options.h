// The command line of load.cc.
#pragma once

#include <getopt.h>
#include <sys/types.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

struct Options {
  std::string what;
  const char* host = nullptr;
  int port = 0;
  int connections = 50;
  int idle = 0;
  int size = 64;
  int depth = 1;
  double rate = 0;
  double seconds = 3;
  double warmup = 0.5;
  const char* send = nullptr;
  pid_t pid = 0;
};

[[noreturn]] inline void usage(int status) {
  fputs(
      "Usage: load <what> <host> <port> [options]\n"
      "\n"
      "  echo      each connection sends messages and waits until they have come back\n"
      "  churn     connects, has one message echoed, closes; again and again\n"
      "  ask       each connection sends HTTP requests, and waits for the responses\n"
      "  exchange  connects, sends a request, receives until the server closes; again and again\n"
      "  fanout    one connection sends, and the server sends it on to all\n"
      "  udp       as echo, in datagrams\n"
      "  idle      connects, says so, and does nothing until its standard input ends\n"
      "\n"
      "  --connections N  how many at a time (50)\n"
      "  --idle N         further connections that do nothing (0)\n"
      "  --size BYTES     of one message (64)\n"
      "  --depth N        messages in flight on each connection (1)\n"
      "  --rate N         messages a second in total, whether or not earlier ones have come back;\n"
      "                   latencies then count from when a message was due (0: as fast as it "
      "goes)\n"
      "  --send FILE      the request of `exchange`\n"
      "  --seconds S      to measure (3)\n"
      "  --warmup S       before that (0.5)\n"
      "  --pid PID        the server's process, whose CPU time is measured as well\n",
      status == 0 ? stdout : stderr);
  exit(status);
}

inline bool is_valid(const Options& options) {
  bool is_known = false;
  for (const char* known : {"echo", "churn", "ask", "exchange", "fanout", "udp", "idle"}) {
    is_known = is_known || options.what == known;
  }
  return is_known && options.connections >= 1 && options.idle >= 0 && options.size >= 1 &&
         options.depth >= 1 && options.rate >= 0 && options.seconds > 0 && options.warmup >= 0 &&
         (options.what == "exchange") == (options.send != nullptr);
}

inline Options parse(int argc, char** argv) {
  static const struct option kOptions[] = {{"connections", required_argument, nullptr, 'c'},
                                           {"idle", required_argument, nullptr, 'i'},
                                           {"size", required_argument, nullptr, 's'},
                                           {"depth", required_argument, nullptr, 'd'},
                                           {"rate", required_argument, nullptr, 'r'},
                                           {"send", required_argument, nullptr, 'f'},
                                           {"seconds", required_argument, nullptr, 't'},
                                           {"warmup", required_argument, nullptr, 'w'},
                                           {"pid", required_argument, nullptr, 'p'},
                                           {"help", no_argument, nullptr, 'h'},
                                           {nullptr, 0, nullptr, 0}};
  Options options;
  for (int flag; (flag = getopt_long(argc, argv, "", kOptions, nullptr)) != -1;) {
    switch (flag) {
      case 'c':
        options.connections = atoi(optarg);
        break;
      case 'i':
        options.idle = atoi(optarg);
        break;
      case 's':
        options.size = atoi(optarg);
        break;
      case 'd':
        options.depth = atoi(optarg);
        break;
      case 'r':
        options.rate = atof(optarg);
        break;
      case 'f':
        options.send = optarg;
        break;
      case 't':
        options.seconds = atof(optarg);
        break;
      case 'w':
        options.warmup = atof(optarg);
        break;
      case 'p':
        options.pid = atoi(optarg);
        break;
      default:
        usage(flag == 'h' ? 0 : 2);
    }
  }
  if (argc - optind != 3) usage(2);
  options.what = argv[optind];
  options.host = argv[optind + 1];
  options.port = atoi(argv[optind + 2]);
  if (!is_valid(options)) usage(2);
  return options;
}
