"""``/websub/TOKEN``: where hubs ask whether we meant a subscription (GET), and push what changed (POST)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from monitor.web.messages import NOT_FOUND, Request, Response

PREFIX = "/websub/"

#: Token and query of a hub's question to the words to answer with; None: that was not asked for.
Confirm = Callable[[str, Mapping[str, str]], str | None]
#: Token, headers and body of a push; False: nobody wants it.
Receive = Callable[[str, Mapping[str, str], bytes], bool]


def respond(request: Request, confirm: Confirm, receive: Receive) -> Response:
    """Answer a hub, as §5.3 and §7 of the Recommendation want it.

    The challenge goes back as plain text: an answer that is made of the question must not be read as a page.
    """
    token = request.path.removeprefix(PREFIX)
    if request.method == "POST":
        if receive(token, request.headers, request.body):
            return Response(status=202)
        return Response(status=410, body="there is no such subscription\n")
    answer = confirm(token, request.query)
    return NOT_FOUND if answer is None else Response(status=200, body=answer)
