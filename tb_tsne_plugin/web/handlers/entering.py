"""Coming in with a token, and going."""

from __future__ import annotations

from werkzeug.wrappers import Response

from tb_tsne_plugin.web.call import Call
from tb_tsne_plugin.web.errors import HttpError
from tb_tsne_plugin.web.messages import Request, SignInRequest, VisitorAnswer
from tb_tsne_plugin.web.responses import json_response


def sign_in(call: Call, request: SignInRequest) -> Response:
    """Takes a token, and gives the browser a ticket for it, as a cookie; unless it is only asked whose it is."""
    entrance = call.guards.entrance
    if entrance is None:
        raise HttpError(404, "bad_request", "No tokens are in use here.")
    holder = entrance.holder(call.request, request.token)
    response = json_response(call.request, VisitorAnswer(holder.name, holder.right.word))
    if not request.only_ask:
        entrance.give_ticket(call.request, response, request.token)
    return response


def sign_out(call: Call, _request: Request) -> Response:
    """Takes the ticket away from the browser."""
    response = json_response(call.request, VisitorAnswer("", None))
    if call.guards.entrance is not None:
        call.guards.entrance.take_ticket(call.request, response)
    return response
