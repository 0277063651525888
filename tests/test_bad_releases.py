"""Real releases that went wrong and can still be downloaded: each is named by its rule.

``make corpus`` reads them by name, keeps those of the right hash in pytest's cache, and
checks each as it was; the release that put it right stays silent of that rule. Nothing
of them is imported or executed. What is not served any more is skipped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
import sound
from packaging.utils import canonicalize_name

from release_guard.cli import main
from release_guard.errors import IndexUnavailableError
from release_guard.filenames import parse_version, version_of
from release_guard.jobs.common import simple_url
from release_guard.policy import IndexPolicy
from release_guard.sources.simple import ACCEPT_JSON
from release_guard.sources.web import Web

pytestmark = pytest.mark.public

#: In bytes; a case that needs more has a smaller twin somewhere.
LARGEST = 10 << 20


@dataclass(frozen=True)
class Bad:
    """A release that went wrong: its files by name, with their sha256.

    ``rules`` name it, errors and warnings alike, and ``says`` are words of what they
    say. ``right`` are the files of the release that is right, empty where there is no
    such one. Where ``last`` is set, the page of the index is what stood on it before,
    and there are those of the projects that it depends on.
    """

    project: str
    cite: str
    files: Mapping[str, str]
    rules: tuple[str, ...]
    says: tuple[str, ...] = ()
    right: Mapping[str, str] = field(default_factory=dict)
    last: bool = False
    also: tuple[str, ...] = ()


BAD = (
    Bad(
        "flask-debugtoolbar",
        "yanked: setup.cfg has a problem; only panels is at the top",
        {
            "Flask_DebugToolbar-0.12.1-py3-none-any.whl": (
                "65176aaf11d2ba16413beae728a5e2c9e5ca4c828bb3ac9fc342274cabcaa65a"
            ),
            "Flask-DebugToolbar-0.12.1.tar.gz": (
                "ce40a72417280a12c89fac04de000153b145d728fd06d7fb91749419ac7af95a"
            ),
        },
        ("top-level-unexpected",),
        says=("panels",),
        right={
            "Flask_DebugToolbar-0.13.0-py3-none-any.whl": (
                "3a7854d936b68cf027f2696f5b2170a921d594e09a8c5a0fe70ed50b88f71962"
            )
        },
    ),
    Bad(
        "deepmerge",
        "toumorokoshi/deepmerge#14, yanked: does not ship with the module",
        {
            "deepmerge-1.0.0-py3-none-any.whl": (
                "da07f5babca17e1faa44a6dd8501e93eff340d57652635b18c1969d321c08106"
            )
        },
        ("wheel-empty",),
        right={
            "deepmerge-1.0.1-py3-none-any.whl": (
                "f851fff957697cb8f4580b465acf5c2d35841695306ff0abb9cb9c273ad76112"
            )
        },
    ),
    Bad(
        "pyuff",
        "ladisk/pyuff#86, yanked: Broken",
        {
            "pyuff-2.4.1-py3-none-any.whl": (
                "4a913a3268a2add7faa7137e64c3f53f3e8e1400e2c4521ba9adbf22438cf671"
            )
        },
        ("wheel-empty",),
        right={
            "pyuff-2.4.2-py3-none-any.whl": (
                "d1129584450984702ce36053e003e582b24704eea28a70433b157d97d5b509b2"
            )
        },
    ),
    Bad(
        "rofi-rbw",
        "fdw/rofi-rbw#112: a command, and nothing behind it",
        {
            "rofi_rbw-1.5.0-py3-none-any.whl": (
                "5a31ada3637ab685cd79aee6c59ae5b1924adc160760b6e70483eada626cd11d"
            )
        },
        ("wheel-empty", "entry-point-dangling"),
        right={
            "rofi_rbw-1.5.1-py3-none-any.whl": (
                "e4c60c1a7080c8df9f771fae914d15f38f89d3710d42572ecf7f2afc62e00f8e"
            )
        },
    ),
    Bad(
        "atomworks",
        "RosettaCommons/atomworks#60: 8 KB, and no package",
        {
            "atomworks-2.0.0-py3-none-any.whl": (
                "016c64fffb67b26a8874922ca5112f5ee63a2bb4af1a176a115ef4570fa5046b"
            )
        },
        ("wheel-empty", "entry-point-dangling"),
    ),
    Bad(
        "python-evtx",
        "williballenthin/python-evtx#94: ten commands, and no folder of scripts",
        {
            "python_evtx-0.8.1-py3-none-any.whl": (
                "46336b854dbe0a1e75873ae30db5f583c9d2262ff1d21bdb6b1e624ecfa18ddb"
            )
        },
        ("entry-point-dangling",),
        says=("scripts.evtx_dump",),
    ),
    Bad(
        "enum34",
        "pypa/pip@db1953367: the backported module is not in it",
        {
            "enum34-1.1.8-py3-none-any.whl": (
                "cffbadfe6cd17ea2408adb8bb21b12bd30dd0d15de90af44e1dd4b60435993e2"
            )
        },
        ("wheel-empty",),
    ),
    Bad(
        "email-validator",
        "JoshData/python-email-validator#118, yanked: forgot to drop Python 3.7",
        {
            "email_validator-2.1.0-py3-none-any.whl": (
                "4496ecc949b51e42d1c9e6159d57cd04ef017af57d2e366ed7fd998f1bf8af69"
            )
        },
        ("requires-python-stale",),
        says=("3.7",),
        last=True,
        right={
            "email_validator-2.1.0.post1-py3-none-any.whl": (
                "c973053efbeddfef924dc0bd93f6e77a1ea7ee0fce935aea7103c7a3d6d2d637"
            )
        },
    ),
    Bad(
        "yapf",
        "google/yapf#1154, yanked: tagged for a Python 2 that it does not support",
        {
            "yapf-0.33.0-py2.py3-none-any.whl": (
                "4c2b59bd5ffe46f3a7da48df87596877189148226ce267c16e8b44240e51578d"
            )
        },
        ("requires-python-missing",),
        right={
            "yapf-0.40.0-py3-none-any.whl": (
                "63386557876c2686cb29d8c422b2d1e484f29f7a278821f91515b5c5adf569a7"
            )
        },
    ),
    Bad(
        "voluptuous",
        "alecthomas/voluptuous#494, yanked: constraints weren't there",
        {
            "voluptuous-0.14.0-py3-none-any.whl": (
                "f9d63353f270c87d5f3aea29f8c251beddfd164d74d934e54dad7b8f84ad7a74"
            )
        },
        ("requires-python-missing",),
        right={
            "voluptuous-0.14.1-py3-none-any.whl": (
                "ab202b5164b4bbd2c9bf2d4f264efef6f0f30fc0f570be27f1332be4514eefe0"
            )
        },
    ),
    Bad(
        "protobuf",
        "protocolbuffers/protobuf#10076, yanked: required python version",
        {
            "protobuf-4.21.0-cp37-abi3-manylinux2014_x86_64.whl": (
                "9a65e012bc06022e98a57165ea48438b3b9f652eee33db7cbecb883588f9f169"
            )
        },
        ("requires-python-missing",),
        right={
            "protobuf-4.21.1-cp37-abi3-manylinux2014_x86_64.whl": (
                "a4c0c6f2f95a559e59a0258d3e4b186f340cbdc5adec5ce1bc06d01972527c88"
            )
        },
    ),
    Bad(
        "prefect",
        "yanked: version number was supposed to be 2.8.2",
        {
            "prefect-2.82-py3-none-any.whl": (
                "5925bf53ed97cd41bd4acd5ca946d82afed8260e24f90e4452cb60bca567524b"
            )
        },
        ("version-jump",),
        says=("newest would become 2.82",),
        last=True,
    ),
    Bad(
        "pybuildkite",
        "pyasi/pybuildkite#102: pins requests 2.32.0, which is yanked",
        {
            "pybuildkite-1.2.5-py3-none-any.whl": (
                "e05ab7f22dd6f90066f1507bb967484cab2df202069bca38a827da68499e3dbc"
            )
        },
        ("dependency-unavailable",),
        says=("requests",),
        last=True,
        also=("requests",),
    ),
    Bad(
        "atxm",
        "nucypher/atxm@d81d9dc: pins a development version of cryptography",
        {
            "atxm-0.2.0-py3-none-any.whl": (
                "16502bb16b71bcfe8f89626cf6c574ae48365e1753582bdc2383a89d8a384de2"
            )
        },
        ("dependency-pin", "py-typed-missing"),
        says=("43.0.0.dev1",),
    ),
    Bad(
        "pydantic-core",
        "pydantic/pydantic#12395, yanked: corrupted wheel got uploaded",
        {
            "pydantic_core-2.41.3-cp310-cp310-manylinux_2_17_aarch64"
            ".manylinux2014_aarch64.whl": (
                "4aa5a2327538f6b3c040604618cd36a960224ad7c22be96717b444c269f1a8b2"
            )
        },
        ("archive-unreadable",),
        says=("core_schema.py",),
    ),
    Bad(
        "cyrk",
        "jrenaud90/CyRK#62: one wheel of many is corrupt",
        {
            "CyRK-0.10.1-cp310-cp310-win_amd64.whl": (
                "8d24bde036c32e28984ba5fedd7d3cf0b1179073b3c886f3b8d30a16e0fa3afa"
            )
        },
        ("archive-unreadable",),
    ),
    Bad(
        "readme-renderer",
        "pypa/readme_renderer#227: the marker is in the sdist alone",
        {
            "readme_renderer-34.0-py3-none-any.whl": (
                "262510fe6aae81ed4e94d8b169077f325614c0b1a45916a80442c6576264a9c2"
            ),
            "readme_renderer-34.0.tar.gz": (
                "dfb4d17f21706d145f7473e0b61ca245ba58e810cf9b2209a48239677f82e5b0"
            ),
        },
        ("wheel-sdist-content",),
        says=("py.typed",),
        right={
            "readme_renderer-35.0-py3-none-any.whl": (
                "73b84905d091c31f36e50b4ae05ae2acead661f6a09a9abb4df7d2ddcdb6a698"
            ),
            "readme_renderer-35.0.tar.gz": (
                "a727999acfc222fc21d82a12ed48c957c4989785e5865807c65a487d21677497"
            ),
        },
    ),
    Bad(
        "tenacity",
        "jd/tenacity#471: a subpackage is missing, and the package imports it",
        {
            "tenacity-8.4.0-py3-none-any.whl": (
                "6c72aeb4d300b9858be0d52f1894ee952f0b391ec583cdc19c2523030efcc4eb"
            )
        },
        ("import-unresolved",),
        says=("tenacity.asyncio",),
        right={
            "tenacity-8.4.1-py3-none-any.whl": (
                "28522e692eda3e1b8f5e99c51464efcc0b9fc86933da92415168bc1c4e2308fa"
            )
        },
    ),
    Bad(
        "pysubs2",
        "tkarabela/pysubs2#92, yanked: missing pysubs2.formats subpackage",
        {
            "pysubs2-1.7.0-py3-none-any.whl": (
                "02573f3ea56e79c97c5de2edb2048946ecad0c277970f9cca13ad3708112debf"
            )
        },
        ("import-unresolved",),
        says=("pysubs2.formats",),
        right={
            "pysubs2-1.7.1-py3-none-any.whl": (
                "b0077a0889f6e12a580844c0a810f27cc4a574f2842784ad500915e8380c9b75"
            )
        },
    ),
    Bad(
        "django-xml",
        "theatlantic/django-xml#18, yanked: Packaging issue",
        {
            "django_xml-4.0.0-py3-none-any.whl": (
                "3fa132b819725f21427e05efaf799100f34f5003a9ad26906824985127dfc48e"
            ),
            "django_xml-4.0.0.tar.gz": (
                "77342117432dad32cc56a298e852438cd7618dd330b52258e9bc889ebd6965a4"
            ),
        },
        ("wheel-sdist-content",),
        says=("xmlmodels",),
        right={
            "django_xml-4.0.1-py3-none-any.whl": (
                "e44ef3466d2c516163b57f31c1838cb622315cdfc95e4665064809814c3a6114"
            ),
            "django_xml-4.0.1.tar.gz": (
                "ee94d5f7a609cef162d8095354baa1353d2ce4acc77db60cbbbc79d51bbb9c0b"
            ),
        },
    ),
    Bad(
        "friendly-traceback",
        "friendly-traceback/friendly-traceback#24: stale modules",
        {
            "friendly_traceback-0.4.2-py3-none-any.whl": (
                "dd1ea485613efe79036794c8808d5e6e44a0e7eac39fbe307dff7445145ff775"
            ),
            "friendly_traceback-0.4.2.tar.gz": (
                "9c9b89fafd05e18a87d21d30201636b0de850488b4d050053f04cf7ba21522cf"
            ),
        },
        ("wheel-sdist-content",),
        says=("my_gettext",),
    ),
    Bad(
        "feincms",
        "feincms/feincms#586: a module that was deleted",
        {
            "FeinCMS-1.11.0-py2.py3-none-any.whl": (
                "80d11f4579a2afa09c1920240e90846916232294b3fb76bdcde636fa2550415f"
            ),
            "FeinCMS-1.11.0.tar.gz": (
                "a57eee9ad264045b414f8cd1ab602fa1e6d218e37abd69be7e03ad1b152191a1"
            ),
        },
        ("wheel-sdist-content",),
        says=("checker",),
    ),
    Bad(
        "flask-appbuilder",
        "dpgaspar/Flask-AppBuilder#2087: tests at the top",
        {
            "Flask_AppBuilder-4.3.4-py3-none-any.whl": (
                "e53fb82f9ea74177a44eb2ae4279f08e6864ef22bc8c2c7864e86a38db06d9f9"
            )
        },
        ("top-level-unexpected",),
        says=("tests",),
        right={
            "Flask_AppBuilder-4.3.5-py3-none-any.whl": (
                "98bcdb2a90a8296e6102d46c767203326857836527444cd67fe71e1fd6e9be37"
            )
        },
    ),
    Bad(
        "isort",
        "PyCQA/isort#1285: tests and docs at the top",
        {
            "isort-5.0.4-py3-none-any.whl": (
                "78661ad751751cb3c181d37302e175a0c644b3714877c073df058c596281d7fd"
            )
        },
        ("top-level-unexpected",),
        says=("tests", "docs"),
        right={
            "isort-5.0.5-py3-none-any.whl": (
                "e7b11f4317c0668bd2a25f924c14338ca39b92723f24bdaef37452af0dd5a87b"
            )
        },
    ),
    Bad(
        "trove-classifiers",
        "pypa/trove-classifiers#38: tests at the top",
        {
            "trove_classifiers-2020.6.20-py3-none-any.whl": (
                "d3fa8d413853348ae97bb2a60f332083ee2551bf60baf34c459da2de99148f3e"
            )
        },
        ("top-level-unexpected",),
        says=("tests",),
    ),
    Bad(
        "serpenttools",
        "CORE-GATECH-GROUP/serpent-tools#506, yanked: beside a stale build",
        {
            "serpentTools-0.10.0-py3-none-any.whl": (
                "59a8f4d5f80d55613684ea11219a74ede10b50d88b6043c504171fe904ea7ff7"
            )
        },
        ("module-version-mismatch",),
        says=("0.9.5",),
        right={
            "serpentTools-0.10.1-py3-none-any.whl": (
                "ed14158eecaed0bc378bc7e05ab1004ec8167ac674a6cc522c6f4151f15c166d"
            )
        },
    ),
    Bad(
        "nrel-hive",
        "NatLabRockies/hive#170: what lay about on the desktop",
        {
            "nrel.hive-1.2.2-py3-none-any.whl": (
                "8f98fa58456a7250304d0f7b11d65225bd00205d0496748fac9b572d0987090b"
            )
        },
        ("junk-file", "bytecode", "top-level-unexpected"),
        says=(".DS_Store",),
    ),
    Bad(
        "tdigest",
        "CamDavidsonPilon/tdigest#49: bytecode of another Python",
        {
            "tdigest-0.5.2.1-py2.py3-none-any.whl": (
                "e0febed55737e1b5cf67e530a38beaaadad68c4e0c37229d3d8f662b99c914d7"
            )
        },
        ("bytecode",),
        says=("tdigest.pyc",),
    ),
    Bad(
        "pydivsufsort",
        "louisabraham/pydivsufsort#47, yanked: x86_64 libraries for arm64",
        {
            "pydivsufsort-0.0.12-cp312-cp312-macosx_11_0_arm64.whl": (
                "f2c6e622bf41c5d660f8c8e84db2940a85ab10fa3ea4f66a60d39cc2a7a3611f"
            )
        },
        ("binary-tag-mismatch",),
        says=("x86_64",),
    ),
    Bad(
        "eclipse-zenoh",
        "eclipse-zenoh/zenoh-python#60: an x86_64 module for arm64",
        {
            "eclipse_zenoh-0.5.0b9-cp36-abi3-macosx_11_0_arm64.whl": (
                "6384fe1d65093075c264a9fe49da677c51d6f27a011ef8e1785885ba2ad2124a"
            )
        },
        ("binary-tag-mismatch",),
        says=("zenoh.abi3.so",),
    ),
    Bad(
        "pychomp2",
        "pypa/cibuildwheel#2395, yanked: only works for Python 3.13",
        {
            "pychomp2-1.0.5-cp312-cp312-macosx_10_13_x86_64.whl": (
                "cd10e0099e02f53c601a044804a0135f7013cdcd8358e9f7511b5db6af82efe1"
            )
        },
        ("binary-tag-mismatch",),
        says=("cpython-313",),
    ),
    Bad(
        "python-dp",
        "OpenMined/PyDP#119: a module for Linux in a wheel for every system",
        {
            "python_dp-0.1.0-py2.py3-none-any.whl": (
                "05413bbd7ea961d0de2c483c392b7c675ee09afe63a58e4e2a6f6e54f49d2ab4"
            )
        },
        ("native-in-pure",),
        says=("pydp.so",),
    ),
    Bad(
        "lightgbm",
        "lightgbm-org/LightGBM#4788: manylinux1 with a symbol of glibc 2.14",
        {
            "lightgbm-3.3.1-py3-none-manylinux1_x86_64.whl": (
                "6c710b6378025ad9d25869ed77bb2ed9574caf64defe670cbd4117d3c55d7579"
            )
        },
        ("glibc-floor",),
        says=("2.14",),
    ),
)


# --- what stands behind ----------------------------------------------------------

Page = dict[str, Any]
#: Checks files of a project: the exit code, and the findings by rule.
Check = Callable[..., tuple[int, dict[str, list[str]]]]


@pytest.fixture(name="web")
def _web(ca_bundle: dict[str, str]) -> Web:
    return Web(ca_bundle, whole=600.0)


@pytest.fixture(name="index")
def _index() -> Iterator[sound.Index]:
    with sound.serving() as index:
        yield index


def _page(web: Web, project: str) -> Page:
    """The page of a project as the public index gives it."""
    url = f"{simple_url(IndexPolicy('pypi'))}{project}/"
    try:
        answer = web.get(url, accept=ACCEPT_JSON)
    except IndexUnavailableError as error:
        pytest.skip(f"the public index is not reached: {error.message}")
    page: Page = json.loads(answer.body)
    return page


def _kept(web: Web, bad: Bad, filename: str, sha256: str, folder: Path) -> Path:
    """A file of this name and hash, downloaded once."""
    path = folder / sha256
    if not path.exists():
        files = _page(web, bad.project)["files"]
        mine = [f for f in files if f["filename"] == filename]
        if not mine:
            pytest.skip(f"the index no longer has {filename}")
        try:
            answer = requests.get(mine[0]["url"], timeout=60)
        except requests.RequestException as error:
            pytest.skip(f"{filename} is not reached: {error}")
        answer.raise_for_status()
        path.write_bytes(answer.content)
    content = path.read_bytes()
    assert hashlib.sha256(content).hexdigest() == sha256
    assert len(content) <= LARGEST
    return path


def _before(page: Page, filenames: Mapping[str, str]) -> Page:
    """What stood on a page before any of these files came."""
    came = min(f["upload-time"] for f in page["files"] if f["filename"] in filenames)
    files = [file for file in page["files"] if file["upload-time"] < came]
    project = canonicalize_name(page["name"])
    there = {version_of(file["filename"], project) for file in files}
    versions = [v for v in page.get("versions", ()) if parse_version(v) in there]
    return {**page, "files": files, "versions": versions}


@pytest.fixture(name="check")
def _check(
    web: Web,
    index: sound.Index,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    pytestconfig: pytest.Config,
) -> Check:
    cache = pytestconfig.cache
    assert cache is not None
    kept = cache.mkdir("bad-releases")

    def check(bad: Bad, files: Mapping[str, str]) -> tuple[int, dict[str, list[str]]]:
        dist = tmp_path / "dist"
        dist.mkdir()
        for filename, sha256 in files.items():
            source = _kept(web, bad, filename, sha256, kept)
            (dist / filename).symlink_to(source)
        policy = tmp_path / "policy.json"
        policy.write_text('{"expect": {"sdist": "optional"}}')
        words = ["--offline"]
        if bad.last:
            page = _before(_page(web, bad.project), files)
            index.says(sound.Reply(json.dumps(page).encode()), project=bad.project)
            for other in bad.also:
                body = json.dumps(_page(web, other)).encode()
                index.says(sound.Reply(body), project=other)
            words = ["--index", "pypi", "--index-url", index.root]
        code = main(
            [
                *("check", str(dist), "--policy", str(policy), "--format", "json"),
                *("--manifest", str(tmp_path / "manifest.json"), *words),
            ]
        )
        told: dict[str, list[str]] = {}
        for finding in json.loads(capsys.readouterr().out)["findings"]:
            words = [finding["subject"], finding["message"], str(finding["evidence"])]
            if finding["severity"] != "notice":
                told.setdefault(finding["rule"], []).append(" ".join(words))
        return code, told

    return check


# --- the tests -------------------------------------------------------------------

PARAMS = [pytest.param(bad, id=next(iter(bad.files))) for bad in BAD]
PUT_RIGHT = [pytest.param(bad, id=next(iter(bad.right))) for bad in BAD if bad.right]


def test_there_are_enough_and_each_stands_here_once() -> None:
    names = [name for bad in BAD for name in (*bad.files, *bad.right)]

    assert len(set(names)) == len(names)
    assert len(BAD) >= 15


@pytest.mark.parametrize("bad", PARAMS)
def test_a_bad_release_is_named_by_its_rule(bad: Bad, check: Check) -> None:
    _, told = check(bad, bad.files)

    assert set(bad.rules) <= set(told)
    named = [text for rule in bad.rules for text in told[rule]]
    for words in bad.says:
        assert any(words in text for text in named), named


@pytest.mark.parametrize("bad", PUT_RIGHT)
def test_the_release_that_put_it_right_is_silent_of_the_rule(
    bad: Bad, check: Check
) -> None:
    _, told = check(bad, bad.right)

    assert {rule: told.get(rule) for rule in bad.rules} == dict.fromkeys(bad.rules)
