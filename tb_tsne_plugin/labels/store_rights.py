"""Why a label store cannot be written by one of several people who share its folder: the rights of the file itself.

Whoever labels first makes the file, with the rights that their umask leaves to others; often those may read it and no
more. Labels kept elsewhere would then be two people's twice, and not both's.
"""

from __future__ import annotations

import os
import sys

from tb_tsne_plugin.runs.folder import Folder

if sys.platform != "win32":
    import grp
    import pwd


def rights_problem(folder: Folder, name: str) -> str | None:
    """What to change where a store's own rights, and not those of its folder, keep this user from writing it.

    Args:
      folder: The folder that the store lies in, or below.
      name: The store's name there.

    Returns:
      A sentence; None where the rights are right, or those of the folder are wrong as well.

    Raises:
      OSError: If a folder on the way cannot be entered.
    """
    if sys.platform == "win32":
        return None  # rights are others there, and inherited from the folder
    for suffix, status in folder.beside(name, ("", "-journal")).items():
        if not folder.may_write(name + suffix) and folder.may_write_beside(name):
            file = (name + suffix).rpartition("/")[2]
            return f"Labels cannot be stored: you may not write to {file}; {_cure(folder, name, file, status)}."
    return None


def _cure(folder: Folder, name: str, file: str, status: os.stat_result) -> str:
    if status.st_uid == os.geteuid():
        return f"run `chmod u+rw {file}` in its folder"
    owner, groups = _user(status.st_uid), {os.getegid(), *os.getgroups()}
    if status.st_gid in groups:
        return f"have {owner} run `chmod g+rw {file}` in its folder"
    group = folder.group_beside(name)
    if group in groups:
        return f"have {owner} run `chgrp {_group(group)} {file} && chmod g+rw {file}` in its folder"
    return f"have {owner} let you write to it (by chmod, and chgrp to a group that you both are in)"


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
