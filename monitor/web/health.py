"""``/healthz``: whether the three ticks are alive and the database answers. Touches no network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from monitor.web.messages import Response

PATH = "/healthz"


def respond(found: Mapping[str, Any]) -> Response:
    """200 if its ``status`` is ``ok``, else 503; the whole of it as JSON."""
    status = 200 if found["status"] == "ok" else 503
    return Response(status=status, body=json.dumps(found), content_type="application/json")
