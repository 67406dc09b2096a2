"""The quota that all processes of this machine share: the ledger of `quota`, in a private file under a lock.

Knows the file. A lock ends with its process, so that a crash holds nobody up; a damaged file is begun anew with
a note. Where no quota is set and nothing was ever refused there is no file, and asking costs one look for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from stackspot_cli import private_files
from stackspot_cli.errors import LocalError, QuotaExceeded
from stackspot_cli.network import quota
from stackspot_cli.network.quota import Full, Ledger, Limits, Used
from stackspot_cli.translation import _

LOCK_SECONDS = 2.0  # the file is held for a millisecond; longer is a stopped process, and no reason to stop
POLL_SECONDS = 0.005
LONGEST_FILE = 4 * 1024 * 1024


class SharedQuota:
    """Of one credential at one service. path: its file. note: told what is not counted, once.

    wall_clock: seconds since 1970, which is what processes have in common.
    """

    def __init__(
        self,
        path: Path,
        limits: Limits,
        note: Callable[[str], None],
        *,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._limits = limits
        self._note = note
        self._wall_clock = wall_clock
        self._gave_up = False

    def reserve(self, longest_seconds: float | None = None) -> float:
        """The seconds until the next request may begin; it is counted. longest_seconds: what patience is left.

        Raises QuotaExceeded where the day is used up, and where the minute opens too late: nothing is counted.
        """
        if not self._counts():
            return 0.0
        with self._held() as held:
            if not held:
                return 0.0
            now = self._wall_clock()
            decision = quota.decide(self._read(), self._limits, now)
            if isinstance(decision, Full):
                raise _day_is_full(decision.opens_at, now)
            wait = decision.at - now
            if longest_seconds is not None and wait > longest_seconds:
                raise _too_late(wait)
            self._write(decision.ledger)
            return max(0.0, wait)

    def refused(self) -> None:
        """The service said 429: from now on all processes are slower."""
        self._change(lambda ledger, now: quota.refused(ledger, self._limits, now))

    def spent(self, tokens: int) -> None:
        """What an answer cost."""
        if tokens and self._counts():
            self._change(lambda ledger, now: quota.spent(ledger, tokens, now))

    def used(self) -> Used | None:
        """None where nothing is counted. Makes no file."""
        if not self._path.exists():
            return Used(0, 0, 0, 0, None) if self._limits.are_set else None
        return quota.used(self._read(), self._limits, self._wall_clock())

    # --- the file ----------------------------------------------------------------------------------

    def _counts(self) -> bool:
        return not self._gave_up and (self._limits.are_set or self._path.exists())

    def _change(self, change: Callable[[Ledger, float], Ledger]) -> None:
        with self._held() as held:
            if held:
                self._write(change(self._read(), self._wall_clock()))

    @contextmanager
    def _held(self) -> Iterator[bool]:
        from filelock import FileLock, Timeout  # deferred: most calls have no quota

        lock = FileLock(self._path.with_suffix(".lock"), timeout=LOCK_SECONDS, mode=0o600)
        try:
            private_files.make_folder(self._path.parent)
            lock.acquire(poll_interval=POLL_SECONDS)
        except Timeout:
            self._give_up(_("another process holds it"))
        except (OSError, NotImplementedError, LocalError) as error:
            self._give_up(getattr(error, "strerror", None) or str(error))
        if not lock.is_locked:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def _read(self) -> Ledger:
        if not self._path.exists():
            return Ledger()
        content = private_files.read_private(self._path, LONGEST_FILE)
        try:
            return quota.load((content or b"").decode())
        except (quota.Damaged, UnicodeDecodeError):
            self._note(
                _("the count of requests was damaged, and begins anew: {path}").format(path=self._path)
            )
            return Ledger()

    def _write(self, ledger: Ledger) -> None:
        try:
            private_files.write(self._path, quota.dump(ledger).encode(), durable=False)
        except LocalError as error:
            self._give_up(error.message)

    def _give_up(self, why: str) -> None:
        if not self._gave_up:
            self._note(_("requests are not counted, so the quota may be passed: {why}").format(why=why))
        self._gave_up = True


def _day_is_full(opens_at: float, now: float) -> QuotaExceeded:
    return QuotaExceeded(
        _("the quota of this day is used up"),
        _("it opens again at {time}; `stackspot status` shows what was used").format(
            time=time.strftime("%Y-%m-%d %H:%M", time.localtime(opens_at))
        ),
        retry_after_seconds=opens_at - now,
    )


def _too_late(wait_seconds: float) -> QuotaExceeded:
    return QuotaExceeded(
        _("the quota of this minute is used up, and opens in {seconds} s").format(
            seconds=f"{wait_seconds:.0f}"
        ),
        _("give it longer with --deadline; `stackspot status` shows what was used"),
        retry_after_seconds=wait_seconds,
    )
