"""Who asks: somebody at this machine, or somebody elsewhere.

A connection from a loopback address is this machine's, but a proxy on it makes such connections for people anywhere. It
shows by what it adds to their requests, or by the name that they asked for, which their browser says besides (Origin,
Referer) where the proxy asks us by another one. What it says there is not believed: whoever
reaches the proxy can write such headers too. That they are there is enough, for that takes away and never gives.

What forwards bytes and not requests (`ssh -L`, VS Code's Remote ports, `kubectl port-forward`, socat) adds nothing, and
cannot be told from somebody at this machine while the page is opened as `localhost`.
"""

from __future__ import annotations

from collections.abc import Iterator

from werkzeug.wrappers import Request

from tb_tsne_plugin.web.hosts import host_name, is_loopback, page_origin
from tb_tsne_plugin.web.own_names import is_own_name

_HEADERS = frozenset(
    {
        "forwarded",  # RFC 7239
        "via",  # RFC 9110, 7.6.3: every proxy must add it, and Caddy does
        "cdn-loop",  # RFC 8586
        "client-ip",
        "disguised-host",  # Azure
        "max-forwards",  # RFC 9110, 7.6.2; IIS
        "remote-user",
        "true-client-ip",  # Akamai, Cloudflare
        "x-client-ip",
        "x-cluster-client-ip",
        "x-host",
        "x-originating-ip",
        "x-proxycontextpath",  # Jupyter
        "x-proxyuser-ip",
        "x-real-ip",  # nginx, Traefik
        "x-scheme",
        "x-script-name",
    }
)
_FAMILIES = (
    "x-forward",  # everybody: X-Forwarded-For, -Host, -Proto, -Port, -Server, -Prefix, -Context (Jupyter) …
    "x-original-",
    "x-remote-",
    "x-auth-request-",  # oauth2-proxy
    "x-webauth-",
    "proxy-",
    "wl-proxy-",  # WebLogic
    "ali-",  # Alibaba
    "cf-",  # Cloudflare, its tunnels too
    "cloudfront-",
    "fastly-",
    "fly-",
    "incap-",  # Imperva
    "tailscale-",
    "x-amzn-",
    "x-appengine-",
    "x-azure-",
    "x-cloud-trace-",  # Google
    "x-envoy-",
    "x-goog-",
    "x-ms-",
    "x-nf-",  # Netlify
    "x-nginx-",
    "x-vercel-",
)


def is_at_this_machine(request: Request) -> bool:
    """Whether a request comes from this machine, and nobody forwarded it."""
    return is_loopback(request.remote_addr or "") and not is_forwarded(request)


def is_forwarded(request: Request) -> bool:
    """Whether a proxy sends a request for somebody else."""
    if request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        return True  # what nginx speaks to what stands behind it, where it is not told otherwise; browsers do not
    names = (name.lower() for name in request.headers.keys())  # noqa: SIM118 (iterating gives pairs)
    if any(name in _HEADERS or name.startswith(_FAMILIES) for name in names):
        return True
    # Nobody reaches a loopback address by another name.
    return is_loopback(request.remote_addr or "") and not all(_is_ours(name) for name in _asked_names(request))


def _asked_names(request: Request) -> Iterator[str | None]:
    """By which names somebody asked, as far as they are said."""
    yield host_name(request.headers.get("Host", ""))
    for header in ("Origin", "Referer"):
        if "://" in (address := request.headers.get(header, "")):
            page = page_origin(address)
            yield page and page.name


def _is_ours(name: str | None) -> bool:
    return name is not None and (is_loopback(name) or is_own_name(name))
