"""The OS keyring as a store of credentials: one entry a profile, reached within 5 s, read back after writing.

Knows `keyring` and every way in which it fails; each becomes one sentence and the next thing to do. `keyring`
itself is imported on the first call, in the thread that may hang.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Protocol, TypeVar

from stackspot_cli.auth.stores import (
    ID_VARIABLES,
    KEY_VARIABLES,
    Entry,
    Pair,
    StoreName,
    StoreUnavailable,
    from_text,
    to_text,
)
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

T = TypeVar("T")

SERVICE = "stackspot-cli"
INDEX = "stackspot-cli profiles"
LIMIT_SECONDS = 5.0  # a D-Bus without an answerer hangs for 25 s, some for ever
WINDOWS_MOST_BYTES = 2560  # CRED_MAX_CREDENTIAL_BLOB_SIZE, of UTF-16


_chosen: list[object] = []  # what keyring has chosen by itself in this process


if TYPE_CHECKING:

    class Backend(Protocol):
        """The part of keyring's backends that is used here."""

        def get_password(self, service: str, username: str, /) -> str | None: ...
        def set_password(self, service: str, username: str, password: str, /) -> None: ...
        def delete_password(self, service: str, username: str, /) -> None: ...


def system_backend() -> Backend:
    """The one that `keyring` chooses: by PYTHON_KEYRING_BACKEND, its own config, or what the machine has.

    One that is not keyring's own may ask, print and read whatever it likes: it gets a process of its own. But for
    one that the program around us has set, which another process would not have. Raises StoreUnavailable without any.
    """
    from stackspot_cli.auth import keyring_presence

    if not keyring_presence.may_be():
        raise _none()
    import keyring  # deferred: a third of what a command takes to start

    before = getattr(keyring.core, "_keyring_backend", None)
    with _without_macos():
        backend: Backend = keyring.get_keyring()
    if before is not None and before not in _chosen:
        return backend
    _chosen[:] = [backend]
    if all(type(one).__module__.startswith("keyring.") for one in getattr(backend, "backends", (backend,))):
        return backend
    from stackspot_cli.auth.keyring_child import KeyringChild

    return KeyringChild(str(getattr(backend, "name", type(backend).__name__)))


@contextmanager
def _without_macos() -> Iterator[None]:
    """Elsewhere the search for macOS's libraries runs a compiler, three times, and finds none."""
    api = "keyring.backends.macOS.api"
    if sys.platform == "darwin" or api in sys.modules:
        yield
        return
    sys.modules[api] = None  # type: ignore[assignment]  # None makes that one import fail, as it would
    try:
        yield
    finally:
        del sys.modules[api]


class MemoryBackend:
    """A keyring that lasts as long as the process: the sandbox's, so that it leaves the real one alone."""

    name = "memory"

    def __init__(self) -> None:
        self._passwords: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self._passwords[service, username]


class KeyringStore:
    """backend: makes the backend; called once, in the thread that has the time limit.

    alone: held while an entry changes, and with it the list of them: no other process changes one meanwhile. Told
    whether something is about to be kept, so that a file for the lock may be made.
    """

    name: StoreName = "keyring"

    def __init__(
        self,
        backend: Callable[[], Backend] = system_backend,
        *,
        limit_seconds: float = LIMIT_SECONDS,
        alone: Callable[[bool], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._make_backend = backend
        self._alone = alone
        self._backend: Backend | None = None
        self._limit_seconds = limit_seconds
        self._timed_out = False

    def get(self, profile: str) -> Entry | None:
        text = self._within_limit(lambda backend: backend.get_password(SERVICE, profile))
        return from_text(text, self.describe()) if text else None

    def set(self, profile: str, pair: Pair) -> None:
        text = to_text(pair)

        def write(backend: Backend) -> str | None:
            _check_length(backend, text)
            backend.set_password(SERVICE, profile, text)
            _remember(backend, profile, kept=True)
            return backend.get_password(SERVICE, profile)

        with self._alone(True):
            kept = self._within_limit(write, length=len(text))
        if kept is None:
            raise StoreUnavailable(_("the keyring took the entry and kept nothing"), _elsewhere())
        if kept != text:
            raise StoreUnavailable(_("the keyring gave back something else than it was given"), _elsewhere())

    def delete(self, profile: str) -> bool:
        def remove(backend: Backend) -> bool:
            _remember(backend, profile, kept=False)
            if backend.get_password(SERVICE, profile) is None:
                return False  # asked first: backends do not agree on what deleting nothing does
            backend.delete_password(SERVICE, profile)
            return True

        with self._alone(False):
            return self._within_limit(remove)

    def profiles(self) -> tuple[str, ...]:
        """The profiles that have an entry; `logout --all` needs them. Errors: StoreUnavailable."""
        return self._within_limit(_remembered)

    def describe(self) -> str:
        return _("the system's keyring, entry {service}").format(service=SERVICE)

    def backend_name(self) -> str:
        """What `status` prints: keyring's own name of the backend in use. Errors: StoreUnavailable."""
        return self._within_limit(lambda backend: str(getattr(backend, "name", type(backend).__name__)))

    def _within_limit(self, action: Callable[[Backend], T], *, length: int = 0) -> T:
        """Runs it in a daemon thread: one that hangs does not keep the process from ending."""
        if self._timed_out:
            raise self._too_slow()  # once is enough: the next call would hang just as long
        results: list[T] = []
        failures: list[BaseException] = []
        # In place of `join`: a thread whose join is interrupted may call itself ended (before Python 3.13).
        over = threading.Event()

        def work() -> None:
            try:
                if self._backend is None:
                    self._backend = self._make_backend()
                results.append(action(self._backend))
            except BaseException as problem:  # noqa: BLE001  # a plug-in of others: whatever it raises is told
                failures.append(problem)
            finally:
                over.set()

        thread = threading.Thread(target=work, name="keyring", daemon=True)
        try:
            thread.start()
        except RuntimeError as problem:
            raise StoreUnavailable(
                _("the keyring was not asked: this machine gives no thread to ask it in"), _elsewhere()
            ) from problem
        try:
            over.wait(self._limit_seconds)
        finally:
            if not over.is_set():  # also where Ctrl-C ends the waiting
                self._leave(over)
        if results:
            return results[0]
        if failures:
            raise _failure(failures[0], length) from failures[0]
        self._timed_out = True
        raise self._too_slow()

    def _leave(self, over: threading.Event) -> None:
        """Ends what can be ended, and waits until it has put the terminal right."""
        leave = getattr(self._backend, "leave", None)
        if leave is not None:
            leave()
            over.wait(1.0)

    def _too_slow(self) -> StoreUnavailable:
        return _mendable(
            _("the keyring did not answer within {seconds:g} s").format(seconds=self._limit_seconds),
            _("unlock it, where a window asks for its password, and try again"),
        )


def _failure(problem: BaseException, length: int) -> StoreUnavailable:
    """One sentence for each way to fail; never the exception's own text, which may quote what was stored."""
    if isinstance(problem, StoreUnavailable):
        return problem
    # By name: the module may be what is missing, and another process can tell no more.
    told = getattr(problem, "names", None) or [one.__name__ for one in type(problem).__mro__]
    names = set(told)
    if "NoKeyringError" in names:
        return _none()
    if isinstance(problem, PermissionError) or "home directory" in str(problem):  # pathlib's words for none
        return StoreUnavailable(
            _("the keyring cannot be used without a home folder of one's own"), _elsewhere(), expected=True
        )
    if isinstance(problem, ImportError):
        return StoreUnavailable(
            _("the keyring cannot be used: the Python module {name} is missing").format(
                name=problem.name or "?"
            ),
            _elsewhere(),
        )
    if names & {"KeyringLocked", "InitError", "LockedException", "PromptDismissedException"}:
        return _mendable(_("the keyring is locked"), _("unlock it and try again"))
    if length * 2 > WINDOWS_MOST_BYTES:
        return _too_long(length)  # the likeliest reason: each backend words it in its own way
    return StoreUnavailable(
        _("the keyring failed ({kind})").format(kind=safe_line(str(told[0]), 60)), _elsewhere()
    )


def _none() -> StoreUnavailable:
    return StoreUnavailable(_("this machine has no keyring"), _elsewhere(), expected=True)


def _mendable(message: str, remedy: str) -> StoreUnavailable:
    hint = _("{remedy}; or {elsewhere}").format(remedy=remedy, elsewhere=_elsewhere())
    return StoreUnavailable(message, hint, remedy=remedy)


def _remembered(backend: Backend) -> tuple[str, ...]:
    try:
        names = json.loads(backend.get_password(INDEX, INDEX) or "[]")
    except ValueError:
        names = []
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


def _remember(backend: Backend, profile: str, *, kept: bool) -> None:
    """Keeps the list of profiles: keyrings cannot be asked what they hold."""
    names = _remembered(backend)
    if (profile in names) != kept:
        changed = (*names, profile) if kept else tuple(name for name in names if name != profile)
        if changed:
            backend.set_password(INDEX, INDEX, json.dumps(changed))
        else:
            backend.delete_password(INDEX, INDEX)


def _check_length(backend: Backend, text: str) -> None:
    on_windows = type(backend).__module__ == "keyring.backends.Windows"
    if on_windows and len(text.encode("utf-16-le")) > WINDOWS_MOST_BYTES:
        raise _too_long(len(text))


def _too_long(length: int) -> StoreUnavailable:
    return StoreUnavailable(
        _("the keyring does not take an entry of {length} characters").format(length=length), _elsewhere()
    )


def _elsewhere() -> str:
    return _(
        "store the key in a private file by `stackspot login --insecure-storage`, or set {id} and {key}"
    ).format(id=ID_VARIABLES[0], key=KEY_VARIABLES[0])
