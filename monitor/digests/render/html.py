"""The digest as one HTML page that needs nothing else: for a file and the web page.

No script, no image, nothing loaded from anywhere; every word of a feed is escaped by the template.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from monitor.digests.render import words
from monitor.domain import Digest

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment


@cache
def environment() -> SandboxedEnvironment:
    """The templates of this folder; compiled at the first use, and Jinja loaded with it."""
    from jinja2 import PackageLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(
        loader=PackageLoader("monitor.digests", "render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(digest: Digest, zone: ZoneInfo) -> str:
    """Return the digest as a page. Times are shown in ``zone``, which is named."""
    return environment().get_template("digest.html").render(digest=digest, zone=zone, words=words)
