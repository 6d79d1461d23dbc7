"""The running t-SNE: one worker process a session, told labels and read frames."""

from tb_tsne_plugin.live.frames import Frame
from tb_tsne_plugin.live.parameters import SessionParameters
from tb_tsne_plugin.live.session import LabelChanges, Session, SessionError
from tb_tsne_plugin.live.session_guidance import SessionGuidance
from tb_tsne_plugin.live.sessions import Sessions
from tb_tsne_plugin.live.source import Source
from tb_tsne_plugin.live.state import SessionState

__all__ = [
    "Frame",
    "LabelChanges",
    "Session",
    "SessionError",
    "SessionGuidance",
    "SessionParameters",
    "SessionState",
    "Sessions",
    "Source",
]
