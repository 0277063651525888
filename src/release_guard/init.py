"""``release-guard init``: from what is seen to files, joined here as in ``run.py``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from release_guard.concealment import concealed
from release_guard.jobs.common import Job, web_of
from release_guard.jobs.init import gather, place, policy_there
from release_guard.options import Options
from release_guard.policy import EDITIONS, Overrides, PolicyFile, resolve
from release_guard.proposal.proposing import POLICY, Proposal, propose
from release_guard.proposal.written import Draft, Outcome, lost
from release_guard.reports import init_policy, init_workflow

__all__ = ["drafts_of", "init"]


def init(options: Options, environ: Mapping[str, str]) -> Outcome:
    """Propose a policy and workflows for this folder's repository, and write them.

    Raises ``ReleaseGuardError`` where there is nothing to propose, or where it cannot
    be written; what is only held back because of other files is an outcome.
    """
    overrides = Overrides(index=options.index, index_url=options.index_url)
    policy = resolve(PolicyFile(), overrides)
    job = Job(policy, environ, web_of(policy, environ))
    seen = gather(job, options.project, offline=options.offline)
    proposal = concealed(propose(seen))
    before = policy_there()
    placed = place(tuple(drafts_of(proposal)), force=options.force)
    missing = tuple(lost(before, proposal.settings))
    return concealed(Outcome(proposal, placed, missing))


def drafts_of(proposal: Proposal) -> Iterator[Draft]:
    """The files that a proposal becomes."""
    yield Draft(POLICY, init_policy.render(proposal, EDITIONS[-1]))
    alone = len(proposal.workflows) == 1
    for workflow in proposal.workflows:
        yield Draft(workflow.path, init_workflow.render(workflow, alone=alone))
