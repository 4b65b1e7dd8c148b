"""A small thread pool, one thread for each worker function; results are futures and may complete in any order.

`concurrent.futures` does more, and to import it takes 3 ms of a cold build.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Lock, Thread
from types import TracebackType
from typing import Generic, TypeAlias, TypeVar, cast

A = TypeVar("A")
B = TypeVar("B")

Answer: TypeAlias = Callable[[], B]
"""A future: waits for the result, or raises the worker's exception."""


class Beside(Generic[A, B]):
    """Whichever thread is idle takes the next argument, so all worker functions must do the same."""

    def __init__(self, functions: Sequence[Callable[[A], B]]) -> None:
        self._asked: SimpleQueue[_Question[A, B] | None] = SimpleQueue()
        self._threads = [Thread(target=self._work, args=(function,), daemon=True) for function in functions]

    def __enter__(self) -> Beside[A, B]:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for _ in self._threads:
            self._asked.put(None)
        for thread in self._threads:
            thread.join()

    def ask(self, argument: A) -> Answer[B]:
        question = _Question[A, B](argument)
        self._asked.put(question)
        return question.answer

    def _work(self, function: Callable[[A], B]) -> None:
        while (question := self._asked.get()) is not None:
            try:
                question.result = function(question.argument)
            except BaseException as error:  # the thread that asked shall have it
                question.error = error
            question.done.release()


class _Question(Generic[A, B]):
    """An argument and, when it is done, the result or the exception."""

    __slots__ = ("argument", "done", "error", "result")

    def __init__(self, argument: A) -> None:
        self.argument = argument
        self.result: B | None = None
        self.error: BaseException | None = None
        self.done = Lock()
        self.done.acquire()

    def answer(self) -> B:
        with self.done:
            if self.error is not None:
                raise self.error
            return cast(B, self.result)
