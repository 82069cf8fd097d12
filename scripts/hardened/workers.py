"""Several processes that serve one port, and their supervisor."""

import signal
import subprocess
import sys
import time

from log import log
from server import listen, say_listening

# A worker that ends by itself is started again, but not more often than this, in seconds.
PAUSE = 1
SIGNALS = {signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}


def supervise(options):
    """Starts workers, and replaces those that end. Each has a listening socket of its own, among which
    the kernel distributes the connections (SO_REUSEPORT, Linux). This process keeps all of them open:
    while SIGHUP replaces the workers, connections wait in the socket and none is refused. SIGTERM and
    SIGINT end the workers, and then this process.
    """
    listeners = [listen(options.host, options.port, True)]
    shared = listeners[0].getsockname()[1]
    while len(listeners) < options.workers:
        listeners.append(listen(options.host, shared, True))
    say_listening(listeners[0])

    # They wait until sigwait() takes them: nothing happens in between.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)

    # Each worker with the time of its start.
    current = [(start(listener), time.monotonic()) for listener in listeners]
    replaced = []
    restarts = []
    while True:
        wait = max(min(at for at, _ in restarts) - time.monotonic(), 0) if restarts else 3600
        signum = signal.sigtimedwait(SIGNALS, wait)
        if signum is None:
            due = [entry for entry in restarts if entry[0] <= time.monotonic()]
            for entry in due:
                restarts.remove(entry)
                current[entry[1]] = (start(listeners[entry[1]]), time.monotonic())
        elif signum.si_signo == signal.SIGCHLD:
            replaced = [worker for worker in replaced if worker.poll() is None]
            for index, (worker, began) in enumerate(current):
                if worker.poll() is None or any(index == waiting for _, waiting in restarts):
                    continue
                log(f"Worker {worker.pid} ended by itself: status {worker.returncode}")
                # What fails at once would fail again, as often as the machine can start it.
                restarts.append((max(began + PAUSE, time.monotonic()), index))
        elif signum.si_signo == signal.SIGHUP:
            log(f"Replacing {options.workers} workers")
            for index, (worker, _) in enumerate(current):
                current[index] = (start(listeners[index]), time.monotonic())
                worker.terminate()
                replaced.append(worker)
            restarts.clear()
        else:
            for worker, _ in current:
                worker.send_signal(signum.si_signo)
            for worker in [*replaced, *(worker for worker, _ in current)]:
                worker.wait()
            return


def start(listener):
    args = [sys.executable, *sys.argv, f"--listener-fd={listener.fileno()}"]
    # A process begins with the signals blocked that its parent has blocked.
    unblock = lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    return subprocess.Popen(args, pass_fds=[listener.fileno()], preexec_fn=unblock)
