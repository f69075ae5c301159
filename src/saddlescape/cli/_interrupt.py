"""Ctrl-C is heard at once, also while compiled code runs, which Python cannot stop."""

import concurrent.futures
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

_GRACE = 5.0  # seconds for the running block to end and be stored; a usual one takes one or two
_LISTEN = 0.1  # seconds between looks whether Ctrl-C was pressed

Result = TypeVar("Result")


def interruptible(
    work: Callable[[Callable[[], None]], Result], *, keeps_parts: bool = False
) -> Result:
    """Return what `work` returns, which runs in a thread so that this one can listen for Ctrl-C.

    Args:
        work: called with a function to call now and then, which raises KeyboardInterrupt after
            Ctrl-C; what is under way then is finished if that takes seconds, or else given up.
        keeps_parts: whether work that was told to stop returns what it has, which is then returned.

    Returns:
        the result.

    Raises:
        KeyboardInterrupt: after Ctrl-C; the thread may still be running if it is in compiled code.
    """
    stop = threading.Event()
    future: concurrent.futures.Future[Result] = concurrent.futures.Future()

    def check() -> None:
        if stop.is_set():
            raise KeyboardInterrupt

    def body() -> None:
        try:
            future.set_result(work(check))
        except BaseException as error:  # noqa: BLE001 - the other thread raises it
            future.set_exception(error)

    with _presses() as pressed:
        threading.Thread(target=body, daemon=True).start()
        try:
            while not future.done() and not pressed:
                concurrent.futures.wait([future], timeout=_LISTEN)
        except KeyboardInterrupt:  # where no handler of ours could be set
            pressed.append(signal.SIGINT)
        if not pressed:
            return future.result()
        stop.set()
        _wait(future, pressed)
    if keeps_parts and future.done():
        return future.result()
    raise KeyboardInterrupt


@contextlib.contextmanager
def _presses() -> Iterator[list[int]]:
    """Note every Ctrl-C in a list instead of raising.

    Python raises KeyboardInterrupt wherever the main thread happens to be, and drops it where that
    is a callback of the garbage collector (JAX has one) or a destructor: a note is never lost.

    Yields:
        one entry for each press so far.
    """
    pressed: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield pressed  # only the main thread is sent signals
        return
    before = signal.signal(signal.SIGINT, lambda number, _frame: pressed.append(number))
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)


def _wait(future: concurrent.futures.Future, pressed: list[int]) -> None:
    """Wait until the work has ended, its time is over, or Ctrl-C is pressed again."""
    heard = len(pressed)
    with contextlib.suppress(KeyboardInterrupt):
        for _ in range(round(_GRACE / _LISTEN)):
            if future.done() or len(pressed) > heard:
                return
            concurrent.futures.wait([future], timeout=_LISTEN)
