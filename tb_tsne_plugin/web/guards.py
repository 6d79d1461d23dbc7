"""Who may ask what. TensorBoard checks no Host, Origin, content type or size: every request passes here first."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.wrappers import Request

from tb_tsne_plugin.web.client import is_at_this_machine, is_forwarded
from tb_tsne_plugin.web.errors import HttpError
from tb_tsne_plugin.web.hosts import host_name, is_address, is_allowed, is_name, origin_name, own_names
from tb_tsne_plugin.web.messages import MAX_BODY_BYTES

REQUEST_HEADER = "X-TSNE-Request"
OTHER_SITE = "Requests from other sites are refused"


@dataclass(frozen=True)
class Guards:
    """What is allowed beyond the default.

    Attributes:
      allowed_hosts: Further host names under which the page may be opened (`hosts.allowed_names`).
      allow_remote_edit: Whether other machines may edit.
    """

    allowed_hosts: frozenset[str] = frozenset()
    allow_remote_edit: bool = False

    def check_write(self, request: Request) -> None:
        """Lets a request that changes something pass, which `check` has let pass; or refuses it.

        Raises:
          HttpError: If it is refused.
        """
        if request.headers.get(REQUEST_HEADER) != "1":
            raise HttpError(
                403, "header_missing", f"Requests that change anything need the header {REQUEST_HEADER}: 1."
            )
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise HttpError(403, "origin_refused", f"{OTHER_SITE}.")
        if problem := self.edit_problem(request):
            raise HttpError(403, "read_only_client", problem)
        if request.mimetype != "application/json":
            raise HttpError(415, "content_type", "The body must be application/json.")
        if request.content_length is None:
            raise HttpError(411, "length_required", "The request must say how long its body is.")
        if request.content_length > MAX_BODY_BYTES:
            raise HttpError(413, "too_large", "A request has at most 1 MiB.")

    def edit_problem(self, request: Request) -> str | None:
        """Why this client may look but not edit; None where it may edit."""
        if self.allow_remote_edit or is_at_this_machine(request):
            return None
        whence = "Through a proxy" if is_forwarded(request) else "From another machine"
        return f"{whence} you may look, but not edit (TensorBoard's --tsne_allow_remote_edit allows it)."

    def check(self, request: Request) -> None:
        """Lets a request to a name of ours and from no other site pass, or refuses it; of whatever it asks for.

        The name is the defence against DNS rebinding. No other site may have a browser ask anything: it could not read
        the answer, but could tell apart what is there and what is not, or keep us at work. Not even a link leads from
        another site to us: no answer of ours is a page.

        Raises:
          HttpError: If it is refused.
        """
        name = host_name(request.headers.get("Host", ""))
        if not self._is_known(name):
            flag = f"--tsne_allowed_hosts {_said(name)}"
            raise HttpError(403, "host_refused", f"This host name is not allowed; start TensorBoard with {flag}.")
        self.check_page_file(request)
        origin = request.headers.get("Origin")
        if origin is not None and not (_is_own_origin(origin, request) or self._is_renamed_by_proxy(origin, request)):
            flag = f"--tsne_allowed_hosts {_said(self._outer_name(origin, request))}"
            secure = "" if "Sec-Fetch-Site" in request.headers else ", and open it by https"
            hint = f"where a proxy of yours leads here, start TensorBoard with {flag}{secure}."
            raise HttpError(403, "origin_refused", f"{OTHER_SITE}; {hint}")

    def check_page_file(self, request: Request) -> None:
        """Lets a request for a file of the page itself pass, under any name that leads here, or refuses it.

        The file is the same for everybody and tells nothing of a log dir; without it the page could not say why it gets
        nothing else. It runs with the rights of the page that loads it, which gets no more for that.

        Raises:
          HttpError: If it is refused: a browser asks for another site.
        """
        # A person who types an address, or takes a bookmark, comes from no site.
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise HttpError(403, "origin_refused", f"{OTHER_SITE}.")

    def _is_renamed_by_proxy(self, origin: str, request: Request) -> bool:
        """Whether a proxy on the way changed the name of the page's origin, or ours in the Host header.

        To the browser both are the same, and it says so: no page can say that for it, nor does it of another port. The
        name that people open must be one that the user has allowed, and the other one that is ours.
        """
        if request.headers.get("Sec-Fetch-Site") != "same-origin":
            return False
        names = [host_name(request.headers.get("Host", "")), origin_name(origin)]
        is_named = any(is_allowed(name, self.allowed_hosts) for name in names if name)
        return is_named and all(self._is_known(name) for name in names)

    def _outer_name(self, origin: str, request: Request) -> str | None:
        """The name that people opened where origin and Host differ, as far as it can be told."""
        names = [origin_name(origin), host_name(request.headers.get("Host", ""))]
        outer = (name for name in names if name and name not in own_names() and not is_address(name))
        return next(outer, names[0])

    def _is_known(self, name: str | None) -> bool:
        """Whether a name is this machine's, or one that the user has allowed."""
        return name is not None and (name in own_names() or is_address(name) or is_allowed(name, self.allowed_hosts))


def _is_own_origin(origin: str, request: Request) -> bool:
    """Whether an origin is ours; browsers name it with all but a page's plain reads."""
    scheme, separator, host = origin.partition("://")
    own = request.headers.get("Host", "").lower()
    return bool(separator) and scheme in ("http", "https") and host.lower() == own


def _said(name: str | None) -> str:
    """A name as a message may say it: the header that it is from can hold anything."""
    return name if name is not None and is_name(name) else "NAME"
