"""The first program of the action's container: root is given up, then all else loaded.

The container starts as root, because the runner's files are not its own. A library
that is loaded meanwhile runs as root, and what earlier steps left in the environment
can tell OpenSSL to load a module out of the workspace: so this imports next to nothing.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from release_guard.errors import ExitCode, SourceError

__all__ = ["drop_root", "main"]

#: By these a library loads modules that somebody names, or writes a session's keys
#: down. What the dynamic loader goes by (LD_*) has worked before there is any Python.
_NOT_OURS = ("OPENSSL_CONF", "OPENSSL_ENGINES", "OPENSSL_MODULES", "SSLKEYLOGFILE")
#: Where the runner mounts docker's own socket: who may write there is the host's root.
_SOCKET = Path("/var/run/docker.sock")
_PR_SET_NO_NEW_PRIVS = 38


def main() -> int:
    """Run the action once, as the runner starts it, and return the exit code."""
    for name in _NOT_OURS:
        os.environ.pop(name, None)
    try:
        gave_up = drop_root(os.environ)
    except SourceError as error:
        _tell("error", error.message)
        return ExitCode.UNDECIDED
    if not gave_up:
        _tell("warning", "root could not be given up: not permitted here")
    try:
        from release_guard import action  # noqa: PLC0415 - nothing of it as root
    except KeyboardInterrupt:
        _tell("error", "interrupted: there is no verdict")
        return ExitCode.UNDECIDED
    return action.main()


def drop_root(environ: Mapping[str, str]) -> bool:
    """Become the owner of the workspace, so that what is written belongs to them and
    nothing from outside is read with root's rights (and the docker socket in reach).

    False where that is not permitted, as in rootless engines; raises ``SourceError``
    where it should have worked. Who is no root, or whose workspace is root's, stays.
    """
    # Started by hand it is the folder that it works in whose owner counts.
    workspace = environ.get("GITHUB_WORKSPACE", "") or "."
    if os.geteuid() != 0:
        return True
    try:
        owner = Path(workspace).stat()
    except OSError as error:
        raise SourceError(f"GITHUB_WORKSPACE: {error.strerror or error}") from error
    if owner.st_uid == 0:
        return True
    _keep_root_away()
    try:
        os.setgroups([])
        os.setgid(_group(owner))
        os.setuid(owner.st_uid)
    except OSError as error:
        # Rootless engines map root to the user already: they forbid the change (EPERM),
        # or know no such user (EINVAL).
        if error.errno in (errno.EPERM, errno.EINVAL):
            return False
        reason = f"root could not be given up: {error.strerror}"
        raise SourceError(reason) from error
    return True


def _group(owner: os.stat_result) -> int:
    """The workspace's group, but not the one that may speak to docker, which is the
    workspace's on some hosted runners: then the group that is numbered as the user.
    """
    with contextlib.suppress(OSError):
        if _SOCKET.stat().st_gid == owner.st_gid:
            return owner.st_uid
    return owner.st_gid


def _keep_root_away() -> None:
    """No program that is started from here gains rights, whatever its mode says."""
    import ctypes  # noqa: PLC0415 - only where there is root to give up

    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _tell(kind: str, message: str) -> None:
    """An annotation. Where nobody can read it the report cannot be told either, and
    that is no pass.
    """
    with contextlib.suppress(AttributeError, OSError, ValueError):
        sys.stdout.write(f"::{kind}::{message}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
