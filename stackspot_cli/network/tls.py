"""Whom a certificate is believed: the system's store, and what SSL_CERT_FILE and SSL_CERT_DIR add to it.

Knows the two variables as OpenSSL reads them. There is no way to ask for a context that does not verify. OpenSSL is
loaded when a context is wanted: plain loopback needs none, and a connection may be on its way meanwhile.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from stackspot_cli.process import forks

if TYPE_CHECKING:
    import ssl

# Where systems keep their authorities: Alpine and BSD, Fedora and RHEL (newer, older), Debian, SUSE.
_BUNDLES = (
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
)
FILE, FOLDERS = "SSL_CERT_FILE", "SSL_CERT_DIR"


class CertificatesUnreadable(Exception):
    """What a variable names cannot be used; the cause is an OSError."""

    def __init__(self, variable: str, named: str) -> None:
        super().__init__(variable)
        self.variable = variable
        self.named = named


class Trust:
    """One TLS context for all who ask, made when the first one does: reading the certificates takes a while."""

    def __init__(self, make: Callable[[], ssl.SSLContext]) -> None:
        self._make = make
        self.renew_after_fork()
        forks.renew_in_children(self)

    def renew_after_fork(self) -> None:
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None

    def context(self) -> ssl.SSLContext:
        """Raises CertificatesUnreadable."""
        with self._lock:
            if self._context is None:
                self._context = self._make()
            return self._context

    def get_ready(self) -> None:
        """Makes the context, or leaves what is wrong to whoever wants it."""
        with suppress(CertificatesUnreadable):
            self.context()

    def context_beside(self) -> ssl.SSLContext:
        """One whose handshake holds up no other one: the same, but where the system's own store is asked (truststore).

        Raises CertificatesUnreadable.
        """
        import ssl

        context = self.context()
        return context if type(context) is ssl.SSLContext else self._make()


def tls_context(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Raises CertificatesUnreadable."""
    file, named = environ.get(FILE, ""), environ.get(FOLDERS, "")
    folders = _there(named)
    if file and Path(file).exists() and not Path(file).is_file():
        # OpenSSL reads it by itself, and reading from a pipe or a device might never end.
        raise CertificatesUnreadable(FILE, file) from IsADirectoryError(errno.EISDIR, "")
    if named and not file and not folders:
        raise CertificatesUnreadable(FOLDERS, named) from NotADirectoryError(errno.ENOTDIR, "")
    context = _trusting_the_system()
    context.hostname_checks_common_name = False  # a name in the subject vouches for nothing (RFC 9525, 2)
    if file:
        _load(context, FILE, file)
    for folder in folders:
        context.load_verify_locations(capath=folder)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _trusting_the_system() -> ssl.SSLContext:
    import ssl

    if sys.platform in ("darwin", "win32"):
        import truststore

        asking: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return asking
    # Elsewhere truststore reads the same files anew at each handshake, and lets one handshake wait for the other.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    usual = ssl.get_default_verify_paths()
    bundle = next((one for one in _BUNDLES if Path(one).is_file()), None)
    if usual.cafile or (usual.capath and _holds_certificates(usual.capath)) or bundle is None:
        context.set_default_verify_paths()
    else:  # a Python that was built for another system
        context.load_verify_locations(cafile=bundle)
    return context


def _holds_certificates(folder: str) -> bool:
    """Whether OpenSSL would find some: by the hash of a name."""
    return any(Path(folder).glob("[0-9a-f]*.[0-9]"))


def _there(named: str) -> list[str]:
    """The folders of a list that exist; a missing one is passed over, as everywhere (openssl-env, 7)."""
    return [folder for folder in named.split(os.pathsep) if folder and Path(folder).is_dir()]


def _load(context: ssl.SSLContext, variable: str, file: str) -> None:
    try:
        context.load_verify_locations(cafile=file)
    except OSError as error:  # ssl.SSLError is one: a file that holds no certificate
        raise CertificatesUnreadable(variable, file) from error
