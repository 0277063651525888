"""The engine with the image, for all tests of it."""

from __future__ import annotations

import os

import pytest
from container import engines


@pytest.fixture(scope="session", name="engine")
def _engine(tmp_path_factory: pytest.TempPathFactory) -> engines.Engine:
    if os.geteuid() != 0:
        engines.not_here("only root can give the workspace to another owner")
    return engines.find(tmp_path_factory.mktemp("engine"))
