"""The catalogue: every rule, in the order in which reports tell them."""

from __future__ import annotations

from release_guard.rules import (
    archive,
    attestation,
    completeness,
    contents,
    destination,
    filename,
    fileset,
    history,
    metadata,
    modules,
    provenance,
    publication,
    succession,
    tag,
    traces,
    upload,
    version,
    waivers,
)
from release_guard.rules.base import AnyRule

__all__ = ["RULES", "RULE_IDS", "rule_named"]

RULES: tuple[AnyRule, ...] = (
    # The set
    fileset.unknown_file,
    fileset.several_projects,
    fileset.several_versions,
    fileset.missing_sdist,
    fileset.several_sdists,
    fileset.duplicate_wheel,
    fileset.metadata_disagrees,
    fileset.orphan_attestation,
    attestation.attestation_missing,
    attestation.attestation_invalid,
    fileset.set_changed,
    fileset.index_changed,
    # One file
    filename.filename_invalid,
    filename.filename_not_normalized,
    filename.filename_metadata_mismatch,
    filename.platform_tag_refused,
    archive.archive_unreadable,
    archive.archive_ambiguous,
    archive.archive_unsafe_path,
    archive.archive_unsafe_member,
    archive.archive_bomb,
    archive.archive_compression,
    archive.archive_too_large,
    archive.archive_case_collision,
    archive.obfuscated_code,
    contents.sdist_layout,
    contents.wheel_layout,
    contents.wheel_tag_mismatch,
    contents.record_incomplete,
    contents.record_hash_mismatch,
    contents.entry_points_invalid,
    contents.license_file_missing,
    metadata.metadata_invalid,
    metadata.metadata_version,
    metadata.classifier_refused,
    metadata.dependency_url,
    metadata.license_invalid,
    metadata.license_classifier,
    metadata.description_missing,
    metadata.description_refused,
    modules.module_version_mismatch,
    # Version, tag and trigger
    version.version_kind,
    version.version_placeholder,
    version.version_not_canonical,
    tag.tag_missing,
    tag.tag_unrecognized,
    tag.tag_version_mismatch,
    tag.tag_ambiguous,
    tag.tag_commit_mismatch,
    tag.tag_off_branch,
    tag.trigger_refused,
    tag.provenance_commit_mismatch,
    tag.prerelease_flag,
    tag.manifest_mismatch,
    # The index before
    destination.index_mismatch,
    upload.file_exists,
    upload.sdist_exists,
    upload.version_exists,
    upload.release_closed,
    succession.version_not_successor,
    succession.version_jump,
    upload.project_quota,
    upload.project_new,
    upload.project_status,
    # The index after
    publication.published_missing,
    publication.published_unexpected,
    publication.published_altered,
    publication.published_yanked,
    publication.published_status,
    publication.published_metadata,
    publication.published_elsewhere,
    publication.published_undownloadable,
    provenance.published_unattested,
    publication.published_contradicted,
    publication.index_inconsistent,
    publication.index_nonstandard,
    # The history
    history.release_untagged,
    history.tag_unreleased,
    traces.tag_moved,
    traces.tags_disagree,
    history.history_version_kind,
    history.history_late_file,
    completeness.history_incomplete,
    history.history_unattested,
    # The policy
    waivers.waiver_unused,
    waivers.waiver_expired,
)

RULE_IDS = tuple(rule.id for rule in RULES)


def rule_named(rule_id: str) -> AnyRule | None:
    """The rule of this name, None where there is none."""
    return next((rule for rule in RULES if rule.id == rule_id), None)
