"""The quota that all processes of this machine share: the ledger of `quota`, in a private file under a lock.

Knows the file. A lock ends with its process, so that a crash holds nobody up; a damaged file is begun anew with
a note, and where none can be kept each process counts for itself. Where no quota is set and nothing was ever
refused there is no file, and asking costs one look for it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from stackspot_cli.errors import LocalError, QuotaExceeded, RateLimited
from stackspot_cli.files import private_files
from stackspot_cli.network import quota
from stackspot_cli.network.quota import Full, Ledger, Limits, Used
from stackspot_cli.process import forks
from stackspot_cli.translation import _

LOCK_SECONDS = 2.0  # the file is held for a millisecond; longer is a stopped process, and no reason to stop
POLL_SECONDS = 0.005
LONGEST_FILE = 4 * 1024 * 1024


class Turn(NamedTuple):
    """When a request may begin: seconds from now, and since 1970. given: when that was said."""

    wait_seconds: float
    at: float
    given: float = 0.0


class SharedQuota:
    """Of one credential at one set of services. Safe to share by threads.

    path: its file. note: told once where it cannot be shared. wall_clock: seconds since 1970, which is what
    processes have in common. lock_seconds: how long others may hold the file.
    """

    def __init__(
        self,
        path: Path,
        limits: Limits,
        note: Callable[[str], None],
        *,
        wall_clock: Callable[[], float] = time.time,
        lock_seconds: float = LOCK_SECONDS,
    ) -> None:
        self._path = path
        self._limits = limits
        self._note = note
        self._wall_clock = wall_clock
        self._lock_seconds = lock_seconds
        self.renew_after_fork()
        forks.renew_in_children(self)
        self._began: deque[float] = deque(maxlen=quota.MOST_STARTS)  # what this process began, uncounted
        self._own: Ledger | None = None  # where no file can be kept

    def renew_after_fork(self) -> None:
        self._lock = threading.Lock()

    @classmethod
    def of(
        cls, folder: Path, whose: Sequence[str], limits: Limits, note: Callable[[str], None]
    ) -> SharedQuota:
        """Of a credential at its services. whose: all that names them; the file's name is a digest of it."""
        import hashlib

        name = hashlib.sha256("\n".join(whose).encode("utf-8", "replace")).hexdigest()[:32]
        return cls(folder / f"{name}.json", limits, note)

    def reserve(self, longest_seconds: float | None = None, *, wait_seconds: float = 0.0) -> Turn:
        """The next turn; it is counted. wait_seconds: before it, whatever the quota. longest_seconds: what patience
        is left.

        Raises QuotaExceeded where the day is used up, RateLimited where the turn comes too late; nothing is counted
        then.
        """
        now = self._wall_clock()
        if not self._counts():
            self._began.append(now + wait_seconds)
            return Turn(wait_seconds, now + wait_seconds, now)
        with self._held() as book:
            decision = quota.decide(book.ledger, self._limits, now, now + wait_seconds)
            if isinstance(decision, Full):
                raise _day_is_full(decision.opens_at, now)
            wait = decision.at - now
            if longest_seconds is not None and wait > longest_seconds:
                raise _too_late(wait, self._limits)
            book.ledger = decision.ledger
            return Turn(wait, decision.at, now)

    def is_over(self, turn: Turn) -> bool:
        """Whether everybody was slowed down while this turn was waited for: then it is given back."""
        if not self._counts() or not quota.slowed(self._own or self._read(), turn.given):
            return False
        self.give_back(turn)
        return True

    def give_back(self, turn: Turn) -> None:
        """Whoever had this turn does not take it."""
        with suppress(ValueError):
            self._began.remove(turn.at)
        if self._counts():
            with self._held() as book:
                book.ledger = quota.returned(book.ledger, turn.at)

    def refused(self) -> None:
        """The service said 429: from now on all processes are slower."""
        with self._held() as book:
            book.ledger = quota.refused(book.ledger, self._limits, self._wall_clock())

    def spent(self, tokens: int) -> None:
        """What an answer cost."""
        if tokens and self._counts():
            with self._held() as book:
                book.ledger = quota.spent(book.ledger, self._limits, tokens, self._wall_clock())

    def used(self) -> Used | None:
        """None where nothing is counted. Makes no file."""
        if not self._counts():
            return None
        return quota.used(self._own or self._read(), self._limits, self._wall_clock())

    # --- the file ----------------------------------------------------------------------------------

    def _counts(self) -> bool:
        return self._own is not None or self._limits.are_set or private_files.is_there(self._path)

    @contextmanager
    def _held(self) -> Iterator[_Book]:
        """The ledger, which nobody else touches meanwhile; what becomes of it is kept."""
        with self._lock, self._file_held():
            before = self._read() if self._own is None else self._own
            began = [self._began.popleft() for _number in range(len(self._began))]
            book = _Book(quota.joined(before, self._limits, began))
            yield book
            if book.ledger is not before:
                self._keep(book.ledger)

    @contextmanager
    def _file_held(self) -> Iterator[None]:
        if self._own is not None:
            yield
            return
        from filelock import FileLock, Timeout  # deferred: most calls have no quota

        lock = FileLock(self._path.with_suffix(".lock"), timeout=self._lock_seconds, mode=0o600)
        try:
            private_files.make_folder(self._path.parent)
            lock.acquire(poll_interval=POLL_SECONDS)
        except Timeout:
            self._count_alone(_("another process holds it"))
        except (OSError, NotImplementedError, LocalError) as error:
            cause = error.__cause__ or error
            self._count_alone(getattr(cause, "strerror", None) or str(cause))
        try:
            yield
        finally:
            if lock.is_locked:
                with suppress(OSError):
                    lock.release()

    def _read(self) -> Ledger:
        if not private_files.is_there(self._path):
            return Ledger(since=self._wall_clock())
        content = private_files.read_private(self._path, LONGEST_FILE)
        try:
            return quota.load((content or b"").decode())
        except (quota.Damaged, UnicodeDecodeError):
            self._note(
                _("the count of requests was damaged, and begins anew: {path}").format(path=self._path)
            )
            return Ledger(since=self._wall_clock())

    def _keep(self, ledger: Ledger) -> None:
        if self._own is None:
            try:
                private_files.write(self._path, quota.dump(ledger).encode(), durable=False)
            except LocalError as error:
                self._count_alone(getattr(error.__cause__, "strerror", None) or error.message)
        if self._own is not None:
            self._own = ledger

    def _count_alone(self, why: str) -> None:
        if self._own is None:
            self._own = self._read()
            self._note(
                _("this process counts its requests alone, for the count cannot be shared: {why}").format(
                    why=why
                )
            )


class _Book:
    """The ledger while it is held."""

    __slots__ = ("ledger",)

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger


def _day_is_full(opens_at: float, now: float) -> QuotaExceeded:
    return QuotaExceeded(
        _("the quota of this day is used up"),
        _("it opens again at {time}; `stackspot status` shows what was used").format(
            time=time.strftime("%Y-%m-%d %H:%M", time.localtime(opens_at))
        ),
        retry_after_seconds=opens_at - now,
    )


def _too_late(wait_seconds: float, limits: Limits) -> RateLimited:
    if limits.per_minute is None:
        what = _("StackSpot asked for fewer requests: the next may begin in {seconds} s")
    else:
        what = _("the quota of this minute is used up, and opens in {seconds} s")
    return RateLimited(
        what.format(seconds=f"{wait_seconds:.0f}"),
        _("give it longer with --deadline; `stackspot status` shows what was used"),
        retry_after_seconds=wait_seconds,
    )
