"""`python -m tb_tsne_plugin.web` prints the description of all routes, of which the page's TypeScript is made."""

from __future__ import annotations

import msgspec

from tb_tsne_plugin.web.openapi import description
from tb_tsne_plugin.web.routes import ROUTES

if __name__ == "__main__":
    print(msgspec.json.format(msgspec.json.encode(description(ROUTES)), indent=1).decode())
