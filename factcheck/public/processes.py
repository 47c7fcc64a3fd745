"""One piece of work for many items, done by several processes at once."""

import os
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import TypeVar

from django.db import connections

Item = TypeVar("Item")
Done = TypeVar("Done")
Pipes = Sequence[tuple[Connection, Connection]]

NEIGHBOURS = 32  # so many that stand side by side go to one process: they are alike
FEWEST = 200  # with fewer items it does not pay to start another


class ProcessDied(Exception):
    """Killed, or out of memory: it said nothing itself."""


def processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def each_done(work: Callable[[Item], Done], items: Sequence[Item], processes: int) -> Iterator[tuple[int, Done]]:
    """The place of each item and what `work` answered, which is sent here, in no order.

    What one raises is raised here. Then, and when nobody asks on, and when this process is no more, each of the others
    ends after the item that it is at.
    """
    if processes == 1 or len(items) < FEWEST:
        yield from ((place, work(item)) for place, item in enumerate(items))
        return
    connections.close_all()  # none can be shared: each opens its own
    pipes = [Pipe(duplex=False) for _number in range(processes)]
    running: dict[Connection, BaseProcess] = {}
    try:
        with _deaf():
            _start(work, items, pipes, running)
        yield from _gathered(dict(running))
    finally:
        for end in chain(*pipes):
            end.close()
        for process in running.values():
            process.join()


@contextmanager
def _deaf() -> Iterator[None]:
    """The keys for an interrupt reach all processes. Those that are started here stay deaf to it: the first one
    answers, and not before it knows them all."""
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)


def _start(
    work: Callable[[Item], Done], items: Sequence[Item], pipes: Pipes, running: dict[Connection, BaseProcess]
) -> None:
    fork = get_context("fork")  # they know what this one knows: items, settings, language
    for number, (reader, _writer) in enumerate(pipes):
        process = fork.Process(target=_do, args=(work, items, number, pipes))
        process.start()
        running[reader] = process
    for _reader, writer in pipes:
        writer.close()


def _gathered(running: dict[Connection, BaseProcess]) -> Iterator[tuple[int, Done]]:
    while running:
        for reader in wait(list(running)):
            try:
                place, done, error = reader.recv()
            except EOFError:
                process = running.pop(reader)
                process.join()
                if process.exitcode:
                    raise ProcessDied from None
                continue
            if error:
                raise error
            yield place, done


def _do(work: Callable[[Item], Done], items: Sequence[Item], number: int, pipes: Pipes) -> None:
    for other, (reader, writer) in enumerate(pipes):
        reader.close()
        if other != number:
            writer.close()
    answer = pipes[number][1]
    with suppress(BrokenPipeError):  # nobody waits for it any more
        for place in range(len(items)):
            if place // NEIGHBOURS % len(pipes) == number:
                answer.send((place, *_outcome(work, items[place])))


def _outcome(work: Callable[[Item], Done], item: Item) -> tuple[Done | None, Exception | None]:
    try:
        return work(item), None
    except Exception as error:
        error.add_note(traceback.format_exc())
        return None, error
