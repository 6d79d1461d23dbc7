"""A real JupyterHub, which gives everybody who signs in a Jupyter server of their own."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.program import Program
from tests.e2e.tensorboard_server import free_port
from tests.missing import missing

PASSWORD = "a-password-of-the-test"
SOMEBODY = "ann"
CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.ConfigurableHTTPProxy.pid_file = "{folder}/proxy.pid"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "{password}"
c.Authenticator.allowed_users = {{"{somebody}"}}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/{{username}}"
c.Spawner.cmd = ["{programs}/jupyterhub-singleuser"]
c.Spawner.args = ["--allow-root"]
c.Spawner.environment = {{"JUPYTERHUB_SINGLEUSER_APP": "jupyter_server.serverapp.ServerApp"}}
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/secret"
"""


class JupyterHub(Program):
    """A JupyterHub with one user, from when it is made until `stop`."""

    def __init__(self, folder: Path) -> None:
        """Starts it, with what it keeps below a folder."""
        jupyter = Path(sys.prefix, "jupyter")  # an environment of its own beside ours (see the Makefile)
        programs, proxy = jupyter / "bin", jupyter / "node_modules" / ".bin" / "configurable-http-proxy"
        if not (programs / "jupyterhub").exists() or not proxy.exists():
            missing("there is no JupyterHub, or not its proxy")
        folder.mkdir()
        port, hub, api = free_port(), free_port(), free_port()
        config = folder / "jupyterhub_config.py"
        says = {"port": port, "hub": hub, "api": api, "proxy": proxy, "programs": programs, "folder": folder}
        config.write_text(CONFIG.format(**says, password=PASSWORD, somebody=SOMEBODY))
        super().__init__([programs / "jupyterhub", "-f", config], folder / "hub.log", port, page="/hub/login")

    def sign_in(self, page: Page, address: str) -> None:
        """Signs in at an address of the hub, and waits for the server of one's own."""
        page.goto(f"{address}/hub/login")
        page.fill("#username_input", SOMEBODY)
        page.fill("#password_input", PASSWORD)
        page.click("#login_submit")
        page.wait_for_url(f"**/user/{SOMEBODY}/**", timeout=120_000)
