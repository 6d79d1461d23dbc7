"""What a route is: a method, a path, the function that answers it, and what goes in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from werkzeug.wrappers import Response

from tb_tsne_plugin.access.rights import Right
from tb_tsne_plugin.web.call import Call
from tb_tsne_plugin.web.messages import Request
from tb_tsne_plugin.web.requests import plain_body, query_of, read_body, read_query
from tb_tsne_plugin.web.responses import json_response

Taken = TypeVar("Taken", bound=Request)
Answer = TypeVar("Answer")


@dataclass(frozen=True, eq=False)
class Route:
    """One route.

    Attributes:
      method: GET or POST.
      path: As werkzeug's `Rule` takes it.
      summary: What it does, in a sentence.
      takes: The types that its request is read into: one, or parts of one body.
      answers: The type that it answers with in JSON; or a media type.
      right: What whoever asks must be allowed, where tokens are in use; None where nothing.
      respond: Reads the request (and what its path named), calls the handler, and writes its answer.
    """

    method: str
    path: str
    summary: str
    takes: tuple[Any, ...]
    answers: Any
    right: Right | None
    respond: Callable[[Call, Mapping[str, str]], Response]

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.method == "POST"


def read(
    path: str, handler: Callable[[Call, Taken], Answer | Response], takes: type[Taken], answers: type[Answer]
) -> Route:
    """A route that changes nothing, and answers in JSON."""

    def respond(call: Call, in_path: Mapping[str, str]) -> Response:
        return _written(call, handler(call, _query(call, in_path, takes)))

    return Route("GET", path, _summary(handler), (takes,), answers, Right.LOOK, respond)


def read_file(
    path: str,
    handler: Callable[[Call, Taken], Response],
    takes: type[Taken],
    media_type: str,
    right: Right | None = Right.LOOK,
) -> Route:
    """A route that changes nothing, and answers with something else than JSON."""

    def respond(call: Call, in_path: Mapping[str, str]) -> Response:
        return handler(call, _query(call, in_path, takes))

    return Route("GET", path, _summary(handler), (takes,), media_type, right, respond)


def write(
    right: Right | None,
    path: str,
    handler: Callable[[Call, Taken], Answer | Response],
    takes: type[Taken],
    answers: type[Answer],
) -> Route:
    """A route that changes something: POST only, with every guard, for those who have the right."""
    return write_parts(right, path, handler, takes, answers=answers)


def write_file(
    right: Right, path: str, handler: Callable[[Call, Taken], Response], takes: type[Taken], media_type: str
) -> Route:
    """A route that needs what a query cannot hold, with every guard, and answers with something else than JSON."""
    return write_parts(right, path, handler, takes, answers=media_type)


def write_parts(
    right: Right | None, path: str, handler: Callable[..., Any], takes: type[Request], *parts: Any, answers: Any
) -> Route:
    """A route that changes something, and whose handler gets the body in parts: each is read out of the same object."""

    def respond(call: Call, _in_path: Mapping[str, str]) -> Response:
        body = plain_body(call.request, takes.most_bytes)
        return _written(call, handler(call, *(read_body(body, part) for part in (takes, *parts))))

    return Route("POST", path, _summary(handler), (takes, *parts), answers, right, respond)


def _query(call: Call, in_path: Mapping[str, str], takes: type[Taken]) -> Taken:
    return read_query({**query_of(call.request), **in_path}, takes)


def _written(call: Call, answer: object) -> Response:
    return answer if isinstance(answer, Response) else json_response(call.request, answer)


def _summary(handler: Callable[..., Any]) -> str:
    return (handler.__doc__ or "").splitlines()[0]
