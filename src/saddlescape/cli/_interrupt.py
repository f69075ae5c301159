"""Ctrl-C is heard at once, also while compiled code runs, which Python cannot stop."""

import concurrent.futures
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

_GRACE = 5.0  # seconds for the running block to end and be stored; a usual one takes one or two

Result = TypeVar("Result")


def interruptible(work: Callable[[Callable[[], None]], Result]) -> Result:
    """Return what `work` returns, which runs in a thread so that this one can listen for Ctrl-C.

    Args:
        work: called with a function to call now and then, which raises KeyboardInterrupt after
            Ctrl-C; what is under way then is finished if that takes seconds, or else given up.

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

    threading.Thread(target=body, daemon=True).start()
    try:
        return future.result()
    except KeyboardInterrupt:
        stop.set()
        with contextlib.suppress(KeyboardInterrupt):  # a second Ctrl-C: do not wait
            concurrent.futures.wait([future], timeout=_GRACE)
        raise
