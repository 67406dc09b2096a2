"""Whom a certificate is believed: the system's store, and what SSL_CERT_FILE and SSL_CERT_DIR add to it.

Knows the two variables as OpenSSL reads them. There is no way to ask for a context that does not verify.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from stackspot_cli.process import forks

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


def tls_context(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Raises CertificatesUnreadable."""
    import truststore

    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.hostname_checks_common_name = False  # a name in the subject vouches for nothing (RFC 9525, 2)
    file, named = environ.get(FILE, ""), environ.get(FOLDERS, "")
    folders = _there(named)
    if file:
        _load(context, FILE, file)
    elif named and not folders:
        raise CertificatesUnreadable(FOLDERS, named) from NotADirectoryError()
    for folder in folders:
        context.load_verify_locations(capath=folder)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _there(named: str) -> list[str]:
    """The folders of a list that exist; a missing one is passed over, as everywhere (openssl-env, 7)."""
    return [folder for folder in named.split(os.pathsep) if folder and Path(folder).is_dir()]


def _load(context: ssl.SSLContext, variable: str, file: str) -> None:
    try:
        if Path(file).exists() and not Path(file).is_file():
            raise IsADirectoryError()  # reading from a pipe or a device might never end
        context.load_verify_locations(cafile=file)
    except OSError as error:  # ssl.SSLError is one: a file that holds no certificate
        raise CertificatesUnreadable(variable, file) from error
