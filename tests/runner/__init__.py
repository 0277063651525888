"""GitHub's runner on this machine: what it does to a container action, step by step.

Written from the runner's contract (actions/runner): ``metadata`` reads an action.yml,
``environment`` makes what a step is given, ``folders`` what is mounted, ``launch``
starts it, ``log`` and ``file_commands`` read what it said, ``job`` joins them, ``walk``
plays a whole workflow file.
"""

from __future__ import annotations
