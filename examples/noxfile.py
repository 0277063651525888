"""Rehearse the release on this machine: ``nox -s release``."""

from __future__ import annotations

import shutil

import nox


@nox.session
def release(session: nox.Session) -> None:
    """Build the distributions; check, upload and verify them on an index that lives for
    a minute on this machine.
    """
    session.install("build", "release-guard[rehearse]==1.0.0")
    dist = session.create_tmp()
    # What an earlier run has built is no part of this release.
    shutil.rmtree(dist)
    session.run("python", "-m", "build", "--outdir", dist)
    # By the policy of testpypi, which takes any version.
    session.run("release-guard", "rehearse", "--index", "testpypi", dist)
