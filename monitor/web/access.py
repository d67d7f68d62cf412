"""Who asks, and what that one may do: a reader with the password, a program with a token, or anybody near."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from itsdangerous import BadSignature, TimestampSigner

from monitor.config.models import WebSettings

Right = Literal["read", "write"]

COOKIE = "monitor_session"
#: A session ends after this many seconds, or when the password is changed.
SESSION_S = 30 * 24 * 3600
#: Cost of a try at the password: 16 MB and about 50 ms (RFC 7914; OWASP's least for interactive logins is near it).
COST = {"n": 2**14, "r": 8, "p": 1}
HASHED = "scrypt:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    #: For the log.
    name: str
    rights: frozenset[Right]
    #: By a token: no browser sends one by itself, so nobody else's page can make it ask.
    by_token: bool = False


ANYBODY = Caller(name="this machine", rights=frozenset({"read", "write"}))
READER = Caller(name="reader", rights=frozenset({"read", "write"}))


class Access:
    """The credentials of the page."""

    def __init__(self, settings: WebSettings) -> None:
        self._tokens = settings.tokens
        self._open = settings.password is None and not settings.tokens
        self.has_password = settings.password is not None
        if settings.password is not None:
            said = settings.password.get_secret_value()
            self._hash = said if said.startswith(HASHED) else hashed(said)
            # Of the password, so that sessions outlive a restart and end with it.
            self._signer = TimestampSigner(_scrypt(said, b"monitor session key"))

    def caller(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Caller | None:
        """Who asks; None: nobody whom we know."""
        kind, _, said = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self._by_token(said.strip())
        if kind.lower() == "basic":  # feed readers know nothing else: any name, and the token as the password
            return self._by_token(_basic_password(said))
        if self.has_password and self._is_session(cookies.get(COOKIE, "")):
            return READER
        return ANYBODY if self._open else None

    def is_password(self, text: str) -> bool:
        return self.has_password and is_hash_of(self._hash, text)

    def session(self) -> str:
        """The value of a cookie for somebody who gave the password."""
        return self._signer.sign("reader").decode()

    def _is_session(self, cookie: str) -> bool:
        try:
            self._signer.unsign(cookie, max_age=SESSION_S)
        except BadSignature:
            return False
        return True

    def _by_token(self, said: str) -> Caller | None:
        found = None
        for token in self._tokens:  # all of them, so that the time tells nothing
            if hmac.compare_digest(token.token.get_secret_value().encode(), said.encode("utf-8", "replace")):
                found = Caller(name=token.name, rights=frozenset(token.scopes), by_token=True)
        return found


def hashed(password: str) -> str:
    """``scrypt:salt:hash``, to be kept in the place of a password."""
    salt = secrets.token_bytes(16)
    return HASHED + ":".join(base64.b64encode(part).decode() for part in (salt, _scrypt(password, salt)))


def is_hash_of(known: str, password: str) -> bool:
    try:
        salt, expected = (base64.b64decode(part, validate=True) for part in known.removeprefix(HASHED).split(":"))
    except ValueError:
        return False
    return hmac.compare_digest(expected, _scrypt(password, salt))


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "replace"), salt=salt, dklen=32, **COST)


def _basic_password(said: str) -> str:
    try:
        return base64.b64decode(said, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


class Throttle:
    """Wrong passwords, counted by address and in all: beyond a few in a minute nobody is asked any more."""

    #: In WINDOW_S seconds.
    BY_ADDRESS, IN_ALL = 5, 30
    WINDOW_S = 60.0

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tries: dict[str, deque[float]] = defaultdict(deque)

    def admits(self, address: str, now_s: float) -> bool:
        """True, and the try is counted, while there were few; ``now_s`` of a clock that never goes back."""
        with self._lock:
            for key in list(self._tries):
                while self._tries[key] and self._tries[key][0] <= now_s - self.WINDOW_S:
                    self._tries[key].popleft()
                if not self._tries[key]:
                    del self._tries[key]
            if len(self._tries[address]) >= self.BY_ADDRESS or len(self._tries["all"]) >= self.IN_ALL:
                return False
            self._tries[address].append(now_s)
            self._tries["all"].append(now_s)
            return True

    def forget(self, address: str) -> None:
        """Somebody there knew the password."""
        with self._lock:
            self._tries.pop(address, None)
