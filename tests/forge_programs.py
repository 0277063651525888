"""``gh`` and ``docker`` as the release's workflows use them: on a repository and a
registry that are folders of this machine. What they are not known to be asked for ends
with 97.

A script of bash starts it: ``python forge_programs.py gh REPOSITORY FOLDER WORD ...``.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_UNKNOWN = 97
_NOBODY = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in {"NAME": "forge", "EMAIL": "forge@index.example"}.items()
}


def git(
    repository: str, *words: str, told: bytes | None = None, index: str = ""
) -> str:
    """What git prints in the forge's repository."""
    environ = {n: v for n, v in os.environ.items() if not n.startswith("GIT_")}
    environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **_NOBODY}
    if index:
        environ["GIT_INDEX_FILE"] = index
    done = subprocess.run(
        ["/usr/bin/git", "-C", repository, *words],
        input=told,
        env=environ,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"gh: HTTP 422: {done.stderr.decode()}")
    return done.stdout.decode().strip()


def tell(text: str) -> None:
    """A line on standard output."""
    sys.stdout.write(f"{text.rstrip()}\n")


def fields(words: Sequence[str]) -> dict[str, str]:
    """``--raw-field name=value`` and ``--field name=value``, as one mapping."""
    given = [
        value
        for option, value in itertools.pairwise(words)
        if option in {"--raw-field", "--field"}
    ]
    return dict(value.split("=", 1) for value in given)


#: What is asked of the references of a repository, and how git says it.
_SHOWN = {
    '.[].ref | ltrimstr("refs/tags/")': "%(refname:strip=2)",
    '.[] | "\\(.ref) \\(.object.sha)"': "%(refname) %(objectname)",
}


def attest(folder: Path, digest: str, commit: str) -> None:
    """Say that release.yml built an image from a commit of main."""
    (folder / f"attested-{digest}").write_text(json.dumps(_attested(commit)))


def _attested(commit: str) -> dict[str, str]:
    return {
        "--repo": "org/release-guard",
        "--signer-workflow": "org/release-guard/.github/workflows/release.yml",
        "--source-ref": "refs/heads/main",
        "--source-digest": commit,
    }


def is_attested(folder: Path, image: str, asked: Sequence[str]) -> bool:
    """Whether the image is here, and attested as it is asked for, in each regard."""
    *pairs, last = asked
    assert last == "--deny-self-hosted-runners"
    wanted = dict(zip(pairs[::2], pairs[1::2], strict=True))
    path = folder / f"attested-{place(image)}"
    if not image.startswith("oci://") or not path.exists():
        return False
    return wanted.keys() == _attested("").keys() and wanted == json.loads(
        path.read_text()
    )


def gh(repository: str, folder: Path, words: Sequence[str]) -> int:
    """The forge's API, by its own program."""
    with (folder / "gh.log").open("a") as log:
        log.write(" ".join(words) + "\n")
    given = fields(words)
    match words:
        case ["run", "list", *_]:
            tell((folder / "ci").read_text())
        case ["api", "graphql", "--input", "-", *_]:
            asked = json.load(sys.stdin)["variables"]["input"]
            tell(commit(repository, folder, asked))
        case ["api", "--paginate", path, "--jq", wanted] if path.endswith(
            "/matching-refs/tags/v"
        ):
            shown = "--format=" + _SHOWN[wanted]
            tell(git(repository, "for-each-ref", shown, "refs/tags/v*"))
        case ["api", "--method", "PATCH", path, *_] if given["force"] == "true":
            ref = f"refs/{path.partition('/git/refs/')[2]}"
            git(repository, "rev-parse", "--verify", ref)
            git(repository, "update-ref", ref, given["sha"])
        case ["api", path, *_] if path.endswith("/git/refs"):
            # Zeros: it must not be there yet.
            git(repository, "update-ref", given["ref"], given["sha"], "0" * 40)
        case ["attestation", "verify", image, *asked]:
            return int(not is_attested(folder, image, asked))
        case ["workflow", "run", "publish.yml", "--ref", _]:
            pass
        case ["release", "create", tag, *rest]:
            git(repository, "rev-parse", "--verify", f"refs/tags/{tag}")
            notes = Path(rest[rest.index("--notes-file") + 1]).read_text()
            assets = sorted(
                Path(word).name for word in rest[rest.index("--notes-file") + 2 :]
            )
            told = {"tag": tag, "notes": notes, "assets": assets}
            (folder / "release.json").write_text(json.dumps(told))
        case _:
            sys.stderr.write(f"gh {' '.join(words)}: is not known here")
            return _UNKNOWN
    return 0


def commit(repository: str, folder: Path, asked: dict[str, object]) -> str:
    """GraphQL's ``createCommitOnBranch``: the new commit's id."""
    branch, changes = asked["branch"], asked["fileChanges"]
    message, head = asked["message"], str(asked["expectedHeadOid"])
    assert isinstance(branch, dict)
    assert isinstance(changes, dict)
    assert isinstance(message, dict)
    index = str(folder / "index")
    git(repository, "read-tree", head, index=index)
    for addition in changes["additions"]:
        content = base64.b64decode(addition["contents"], validate=True)
        blob = git(repository, "hash-object", "-w", "--stdin", told=content)
        entry = f"100644,{blob},{addition['path']}"
        git(repository, "update-index", "--cacheinfo", entry, index=index)
    tree = git(repository, "write-tree", index=index)
    made = git(repository, "commit-tree", tree, "-p", head, "-m", message["headline"])
    ref = f"refs/heads/{branch['branchName']}"
    git(repository, "update-ref", ref, made, head)
    return made


def docker(folder: Path, words: Sequence[str]) -> int:
    """A builder, and a registry whose images are their indexes alone."""
    match words:
        case ["login", _, "--username", "octocat", "--password-stdin"]:
            return int(not sys.stdin.read().strip())
        case ["buildx", "create", "--use", "--driver", "docker-container", *_]:
            pass
        case ["buildx", "build", ".", *_] if Path("Dockerfile").exists():
            platform = words[words.index("--platform") + 1]
            digest = store(folder, manifests(platform))
            metadata = Path(words[words.index("--metadata-file") + 1])
            metadata.write_text(json.dumps({"containerimage.digest": digest}))
        case ["buildx", "imagetools", "create", "--tag", tag, *parts]:
            found = [json.loads((folder / place(part)).read_bytes()) for part in parts]
            merged = [entry for part in found for entry in part["manifests"]]
            store(folder, merged, place(tag))
        case ["buildx", "imagetools", "inspect", "--raw", image]:
            sys.stdout.buffer.write((folder / place(image)).read_bytes())
        case ["buildx", "imagetools", "inspect", image, "--format", template]:
            assert (folder / place(image)).exists()
            assert ".SBOM" in template
            tell(json.dumps({"spdxVersion": "SPDX-2.3"}))
        case _:
            sys.stderr.write(f"docker {' '.join(words)}: is not known here")
            return _UNKNOWN
    return 0


def manifests(platform: str) -> list[dict[str, object]]:
    """An image for a platform, and the attestation that BuildKit puts beside it."""
    found = []
    for name, runs_on in (
        (platform, platform),
        (f"{platform} sbom", "unknown/unknown"),
    ):
        system, _, architecture = runs_on.partition("/")
        digest = f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"
        where = {"os": system, "architecture": architecture}
        found.append({"digest": digest, "size": 500, "platform": where})
    return found


def store(folder: Path, entries: Sequence[object], name: str = "") -> str:
    """Put an index into the registry, by its digest and a tag; gives the digest."""
    body = json.dumps({"schemaVersion": 2, "manifests": entries}).encode()
    digest = hashlib.sha256(body).hexdigest()
    for key in {digest, name} - {""}:
        (folder / key).write_bytes(body)
    return f"sha256:{digest}"


def place(image: str) -> str:
    """Where an image lies: under its digest, or its tag."""
    return image.rpartition(":")[2]


if __name__ == "__main__":
    _, program, repository, folder, *words = sys.argv
    kept = Path(folder)
    sys.exit(gh(repository, kept, words) if program == "gh" else docker(kept, words))
