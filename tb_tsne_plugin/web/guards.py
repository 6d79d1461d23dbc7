"""Who may ask what. TensorBoard checks no Host, Origin, content type or size: every request passes here first."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.wrappers import Request

from tb_tsne_plugin.web.client import is_at_this_machine, is_forwarded
from tb_tsne_plugin.web.errors import HttpError
from tb_tsne_plugin.web.hosts import host_name, is_address, own_names
from tb_tsne_plugin.web.messages import MAX_BODY_BYTES

REQUEST_HEADER = "X-TSNE-Request"
OTHER_SITE = "Requests from other sites are refused."


@dataclass(frozen=True)
class Guards:
    """What is allowed beyond the default.

    Attributes:
      allowed_hosts: Further host names under which the page may be opened.
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
            raise HttpError(403, "origin_refused", OTHER_SITE)
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
        if name is None or not (name in own_names() or name in self.allowed_hosts or is_address(name)):
            raise HttpError(
                403, "host_refused", "This host name is not allowed; start TensorBoard with --tsne_allowed_hosts NAME."
            )
        # A person who types an address, or takes a bookmark, comes from no site.
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin") or not _is_own_origin(request):
            raise HttpError(403, "origin_refused", OTHER_SITE)


def _is_own_origin(request: Request) -> bool:
    """Whether a request names no other origin than ours; browsers name it with all but a page's plain reads."""
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    scheme, separator, host = origin.partition("://")
    own = request.headers.get("Host", "").lower()
    return bool(separator) and scheme in ("http", "https") and host.lower() == own
