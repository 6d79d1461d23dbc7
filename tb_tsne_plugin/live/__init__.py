"""The running t-SNE: one worker process a session, told labels and read frames."""

from tb_tsne_plugin.live.frames import Frame
from tb_tsne_plugin.live.session import Session, SessionError, Source
from tb_tsne_plugin.live.sessions import Sessions

__all__ = ["Frame", "Session", "SessionError", "Sessions", "Source"]
