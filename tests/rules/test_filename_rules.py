"""The rules of file names, case by case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from builders import (
    INTERNAL,
    SDIST,
    TESTPYPI,
    WHEEL,
    Case,
    Says,
    described,
    distribution,
    policy,
)

from release_guard.facts import Distribution
from release_guard.findings import Severity
from release_guard.policy import Policy
from release_guard.rulebook import AGES_AFTER, AS_OF
from release_guard.rules.filename import (
    filename_invalid,
    filename_metadata_mismatch,
    filename_not_normalized,
    platform_tag_refused,
    tag_uninstallable,
)


def _long(length: int, rest: str = "-1.0.tar.gz") -> str:
    """A valid name of so many bytes, by default an sdist's."""
    return "d" * (length - len(rest)) + rest


def _tagged(tags: str) -> Distribution:
    """A wheel of these tags."""
    return distribution(f"demo-1.0-{tags}.whl")


def _wheel_for(*platforms: str) -> Distribution:
    """A wheel with these platform tags."""
    return distribution(f"demo-1.0-cp312-cp312-{'.'.join(platforms)}.whl")


def _aged(days: int) -> Policy:
    """The policy when the rulebook is so many days older than it may be."""
    return policy(today=AS_OF + AGES_AFTER + timedelta(days=days))


_WHEEL_FORM = "is no valid name of a wheel: Invalid wheel filename (…"
_SDIST_FORM = "is no valid name of a sdist: Invalid sdist filename (…"
_TOO_BIG = "1" * 5000

_LINUX = ("x86_64", "i686", "aarch64", "armv7l", "ppc64le", "s390x", "riscv64")
_MACOS = (
    *("ppc", "ppc64", "i386", "x86_64", "arm64", "intel", "fat", "fat3", "fat64"),
    *("universal", "universal2"),
)
#: Every family of platforms, with every architecture that it has.
TAKEN = (
    *("any", "win32", "win_amd64", "win_arm64", "win_ia64"),
    *("linux_armv6l", "linux_armv7l"),
    *(f"manylinux{of}_{arch}" for of in ("1", "2010") for arch in ("x86_64", "i686")),
    *(
        f"manylinux2014_{arch}"
        for arch in ("x86_64", "i686", "aarch64", "armv7l", "ppc64", "ppc64le", "s390x")
    ),
    *(f"manylinux_2_39_{arch}" for arch in (*_LINUX, "ppc64")),
    "manylinux_9_999_x86_64",
    *(f"musllinux_1_2_{arch}" for arch in _LINUX),
    *(f"macosx_10_{minor}_x86_64" for minor in (0, 6, 9, 16)),
    *(f"macosx_10_13_{arch}" for arch in _MACOS),
    *(f"macosx_{major}_0_arm64" for major in (12, 13, 14, 15, 26)),
    *(f"macosx_11_0_{arch}" for arch in _MACOS),
    *(
        f"ios_13_0_{arch}_{system}"
        for arch in ("arm64", "x86_64")
        for system in ("iphoneos", "iphonesimulator")
    ),
    *(f"android_21_{arch}" for arch in ("armeabi_v7a", "arm64_v8a", "x86", "x86_64")),
    "pyemscripten_2025_0_wasm32",
)
#: What PyPI might take one day: an unknown system, architecture or release, and how
#: each family is easily misspelled.
REFUSED = (
    *("win", "win64", "win_x86_64", "windows_amd64"),
    *("manylinux1_aarch64", "manylinux2010_aarch64", "manylinux2014_riscv64"),
    *("manylinux_2_17_loongarch64", "manylinux_2_17_armv6l", "manylinux_2_17"),
    *("manylinux_2_x86_64", "manylinux2_17_x86_64", "manylinux_2_17_1_x86_64"),
    *("musllinux_1_2_ppc64", "musllinux_1_x86_64"),
    *(
        "macosx_10_arm64",
        "macosx_10_9_powerpc",
        "macosx_9_0_arm64",
        "macosx_16_0_arm64",
    ),
    *("macosx_27_0_arm64", "macosx_11_0_aarch64", "macosx_11_00_arm64"),
    *("ios_13_0_arm64", "ios_13_arm64_iphoneos", "ios_13_0_armv7_iphoneos"),
    *("android_21", "android_21_0_x86_64", "android_21_aarch64"),
    *("emscripten_3_1_58_wasm32", "pyodide_2024_0_wasm32", "pyemscripten_2025_wasm32"),
    *("freebsd_13_amd64", "any_", "none"),
)
#: Spellings that say too little or too much, and the one that is meant.
NEVER_TAKEN: Mapping[str, str] = {
    "linux_x86_64": "manylinux_2_28_x86_64",
    "linux_aarch64": "manylinux_2_28_aarch64",
    "macosx_11_1_x86_64": "macosx_11_0_x86_64",
    "macosx_14_2_arm64": "macosx_14_0_arm64",
    "macosx_26_10_universal2": "macosx_26_0_universal2",
}
#: Spelled as badly, and what would be meant is not taken either.
MEANT_FOR_NOTHING = (
    *("linux_loongarch64", "linux_armv6", "linux_armv6l_", "linux_mips"),
    *("macosx_16_1_arm64", "macosx_27_2_arm64", "macosx_14_2_aarch64"),
)


def _refused(platform: str, index: str = "pypi") -> str:
    return f"the platform {platform!r} is none that {index} takes (as of {AS_OF})"


CASES = [
    # filename-invalid
    Case(filename_invalid, "a wheel", distribution(WHEEL)),
    Case(filename_invalid, "an sdist", distribution(SDIST)),
    Case(filename_invalid, "a zipped sdist", distribution("demo-1.0.zip")),
    Case(
        filename_invalid,
        "a wheel with build tag, epoch and compressed tags",
        distribution("demo-1!1.0-1a-py2.py3-none-any.whl"),
    ),
    Case(
        filename_invalid,
        "a wheel with too few parts",
        distribution("demo-1.0-any.whl"),
        says=(Says(_WHEEL_FORM, row="110"),),
    ),
    Case(
        filename_invalid,
        "a wheel with too many parts",
        distribution("demo-1.0-1-2-py3-none-any.whl"),
        says=(Says(_WHEEL_FORM),),
    ),
    Case(
        filename_invalid,
        "a wheel whose version is none",
        distribution("demo-latest-py3-none-any.whl"),
        says=(Says(_WHEEL_FORM),),
    ),
    Case(
        filename_invalid,
        "a wheel whose build tag begins with a letter",
        distribution("demo-1.0-a1-py3-none-any.whl"),
        says=(Says("is no valid name of a wheel: Invalid build number: …"),),
    ),
    Case(
        filename_invalid,
        "a version in digits of another script",
        distribution("demo-\N{FULLWIDTH DIGIT ONE}.0.tar.gz"),
        says=(Says(_SDIST_FORM),),
    ),
    Case(
        filename_invalid,
        "an sdist without a version",
        distribution("demo.tar.gz"),
        says=(Says("is no valid name of a sdist: Invalid sdist filename: …"),),
    ),
    Case(
        filename_invalid,
        "an sdist without a project",
        distribution("-1.0.tar.gz"),
        says=(Says(_SDIST_FORM),),
    ),
    Case(
        filename_invalid,
        "an sdist of a commit",
        distribution("demo-main.zip"),
        says=(Says(_SDIST_FORM, row="100"),),
    ),
    Case(
        filename_invalid,
        "longer than any file system takes, with a version of thousands of digits",
        distribution(f"demo-{_TOO_BIG}.tar.gz"),
        says=(
            Says(
                "is no valid name of a sdist: it is longer than 255 bytes", row="500.4"
            ),
            Says("is 5012 bytes long, expected at most 255", row="500.4"),
        ),
    ),
    Case(
        filename_invalid,
        "a control character",
        distribution("de\x1bmo-1.0.tar.gz"),
        says=(Says("holds a character that cannot be printed", row="60"),),
    ),
    Case(
        filename_invalid,
        "a character that turns the text around",
        distribution("demo\N{RIGHT-TO-LEFT OVERRIDE}-1.0.tar.gz"),
        says=(Says("holds a character that cannot be printed", row=""),),
    ),
    Case(
        filename_invalid,
        "the last of the control characters",
        distribution("de\x7fmo-1.0.tar.gz"),
        says=(Says("holds a character that cannot be printed", row="60"),),
    ),
    Case(
        filename_invalid,
        "a backslash",
        distribution("de\\mo-1.0.tar.gz"),
        says=(Says("holds a backslash", row="61"),),
    ),
    *(
        Case(
            filename_invalid,
            f"an index without PyPI's rules takes {what}",
            distribution(filename),
            policy(INTERNAL),
        )
        for what, filename in (
            ("a backslash", "de\\mo-1.0.tar.gz"),
            ("a long name of an sdist", _long(255)),
            ("a long name of a wheel", _long(255, "-1.0-py3-none-any.whl")),
        )
    ),
    *(
        Case(
            filename_invalid,
            f"an index without PyPI's rules is judged by it too: {filename!r}",
            distribution(filename),
            policy(INTERNAL),
            (Says("holds a character that cannot be printed", row=""),),
        )
        for filename in (
            "de\x1bmo-1.0.tar.gz",
            "demo\N{RIGHT-TO-LEFT OVERRIDE}-1.0.tar.gz",
            "demo-1.0-py3-\N{ZERO WIDTH SPACE}none-any.whl",
        )
    ),
    *(
        Case(
            filename_invalid,
            f"a wheel that may have its WHEEL anywhere: {filename}, for {index.label}",
            distribution(filename),
            policy(index),
            (Says("is no valid name of a wheel: …", row=row),),
        )
        for filename in ("demo.whl", "demo-1.0.whl")
        for index, row in ((TESTPYPI, "87"), (INTERNAL, ""))
    ),
    Case(
        filename_invalid,
        "no index takes a name that is none",
        distribution("demo.tar.gz"),
        policy(INTERNAL),
        (Says("is no valid name of a sdist: …", row=""),),
    ),
    Case(filename_invalid, "an sdist as long as may be", distribution(_long(255))),
    Case(
        filename_invalid,
        "an sdist a byte longer",
        distribution(_long(256)),
        says=(
            Says("is no valid name of a sdist: …", row="500.4"),
            Says("is 256 bytes long, expected at most 255", row="500.4"),
        ),
    ),
    Case(
        filename_invalid,
        "a wheel as long as may be, its metadata being stored beside it",
        distribution(_long(246, "-1.0-py3-none-any.whl")),
    ),
    Case(
        filename_invalid,
        "a wheel a byte longer",
        distribution(_long(247, "-1.0-py3-none-any.whl")),
        policy(TESTPYPI),
        (Says("is 247 bytes long, expected at most 246", row="120"),),
    ),
    Case(
        filename_invalid,
        "bytes count, not characters",
        distribution("é" * 115 + "-1.0-py3-none-any.whl"),
        says=(Says("is 251 bytes long, expected at most 246", row="120"),),
    ),
    Case(
        filename_invalid,
        "a name that is not in UTF-8",
        distribution("demo\udcff-1.0.tar.gz"),
        says=(Says("holds a character that cannot be printed"),),
    ),
    # filename-not-normalized
    Case(filename_not_normalized, "a wheel", distribution(WHEEL)),
    Case(filename_not_normalized, "an sdist", distribution(SDIST)),
    Case(
        filename_not_normalized,
        "a wheel's version may be spelled in any way",
        distribution("demo-1.0.RC01-py3-none-any.whl"),
    ),
    Case(
        filename_not_normalized,
        "underscores in the project",
        distribution("demo_pkg-1.0.tar.gz"),
    ),
    Case(
        filename_not_normalized,
        "epoch and local version",
        distribution("demo-1!1.0+abc.1.tar.gz"),
    ),
    Case(
        filename_not_normalized,
        "a name that is none is left to filename-invalid",
        distribution("Demo.whl"),
    ),
    Case(
        filename_not_normalized,
        "a wheel in upper case",
        distribution("PyYAML-6.0-py3-none-any.whl"),
        says=(Says("begins with 'PyYAML', expected 'pyyaml'", row="113"),),
    ),
    Case(
        filename_not_normalized,
        "a wheel with a dot, for the test index",
        distribution("backports.tarfile-1.0-py3-none-any.whl"),
        policy(TESTPYPI),
        (Says("begins with 'backports.tarfile', expected 'backports_tarfile'"),),
    ),
    Case(
        filename_not_normalized,
        "a wheel in upper case, for an index without PyPI's rules",
        distribution("Demo-1.0-py3-none-any.whl"),
        policy(INTERNAL),
        (Says("begins with 'Demo', expected 'demo'", severity=Severity.WARNING),),
    ),
    Case(
        filename_not_normalized,
        "letters beyond ASCII in upper case",
        distribution("DÉMO-1.0-py3-none-any.whl"),
        says=(Says("begins with 'DÉMO', expected 'démo'"),),
    ),
    *(
        Case(
            filename_not_normalized,
            f"the sdist {found}",
            distribution(found),
            says=(Says(f"expected the name '{wanted}'", row="102"),),
        )
        for found, wanted in {
            "Demo-1.0.tar.gz": SDIST,
            "demo-1.0.zip": SDIST,
            "demo-v1.0.tar.gz": SDIST,
            "demo-01.0.tar.gz": SDIST,
            "demo-1.0RC1.tar.gz": "demo-1.0rc1.tar.gz",
            "demo-1.0+abc_1.tar.gz": "demo-1.0+abc.1.tar.gz",
            "demo-pkg-1.0.tar.gz": "demo_pkg-1.0.tar.gz",
            "demo.pkg-1.0.tar.gz": "demo_pkg-1.0.tar.gz",
        }.items()
    ),
    Case(
        filename_not_normalized,
        "a zipped sdist, for an index without PyPI's rules",
        distribution("demo-1.0.zip"),
        policy(INTERNAL),
        (Says(f"expected the name '{SDIST}'", severity=Severity.WARNING, row=""),),
    ),
    # filename-metadata-mismatch
    Case(filename_metadata_mismatch, "name and metadata agree", described()),
    Case(
        filename_metadata_mismatch,
        "the project is spelled in another way",
        described("demo_pkg-1.0.tar.gz", name="Demo.PKG"),
    ),
    Case(
        filename_metadata_mismatch,
        "1.0 and v1.0.0 are one version of a wheel",
        described(WHEEL, version="v1.0.0"),
    ),
    Case(
        filename_metadata_mismatch,
        "1.0 and v1.0.0 are one version of an sdist, but for PyPI",
        described(version="v1.0.0"),
        policy(INTERNAL),
    ),
    Case(
        filename_metadata_mismatch,
        "v1.0 is written 1.0",
        described(version="v1.0"),
    ),
    *(
        Case(
            filename_metadata_mismatch,
            f"PyPI names the sdist by the version inside, which is {inside}",
            described(filename, version=inside),
            says=(Says("…", row="102"),),
        )
        for filename, inside in (
            (SDIST, "1.0.0"),
            ("demo-1.0.0.tar.gz", "1.0"),
            (SDIST, "v1"),
        )
    ),
    *(
        Case(
            filename_metadata_mismatch,
            f"{filename} may be 1.0.post1, for {index.label}",
            described(filename, name=name, version="1.0.post1"),
            policy(index),
            (
                Says(
                    "the metadata says version '1.0.post1', the file name '1'",
                    row=row,
                ),
            ),
        )
        for filename, name in (
            ("demo-1.0-1.tar.gz", "demo"),
            ("demo-1.0-1.zip", "Demo"),
            ("de.mo-1.0-1.tar.gz", "de-mo"),
        )
        for index, row in ((TESTPYPI, "102"), (INTERNAL, ""))
    ),
    Case(
        filename_metadata_mismatch,
        "a dash in the name is no post release where the metadata says none",
        described("demo-1.0-1.tar.gz", name="demo", version="1"),
        says=(
            Says(
                "the metadata says project 'demo', the file name 'demo-1.0'", row="101"
            ),
        ),
    ),
    Case(
        filename_metadata_mismatch,
        "another project inside, whose version is a post release",
        described("demo-1.0.post1.tar.gz", name="other"),
        says=(
            Says("the metadata says project 'other', the file name 'demo'", row="101"),
        ),
    ),
    Case(
        filename_metadata_mismatch,
        "a name inside that is none is left to metadata-invalid",
        described(name="dem o", problems={"name": "is odd"}),
    ),
    Case(
        filename_metadata_mismatch,
        "another version inside a wheel",
        described("demo-0.4.1-py3-none-any.whl", version="0.4.0"),
        says=(
            Says("the metadata says version '0.4.0', the file name '0.4.1'", row="114"),
        ),
    ),
    Case(
        filename_metadata_mismatch,
        "another version inside an sdist",
        described(version="1.1"),
        says=(Says("the metadata says version '1.1', the file name '1.0'", row="102"),),
    ),
    *(
        Case(
            filename_metadata_mismatch,
            f"another project inside {filename}",
            described(filename, name="demo-vectors"),
            says=(
                Says(
                    "the metadata says project 'demo-vectors', the file name 'demo'",
                    row=row,
                ),
            ),
        )
        for filename, row in ((SDIST, "101"), (WHEEL, "112"))
    ),
    Case(
        filename_metadata_mismatch,
        "another project and version, for an index without PyPI's rules",
        described(name="other", version="2"),
        policy(INTERNAL),
        (
            Says("the metadata says project 'other', the file name 'demo'", row=""),
            Says("the metadata says version '2', the file name '1.0'", row=""),
        ),
    ),
    Case(
        filename_metadata_mismatch,
        "both",
        described("Demo-1.0.tar.gz", name="other", version="2"),
        says=(
            Says("the metadata says project 'other', the file name 'Demo'"),
            Says("the metadata says version '2', the file name '1.0'"),
        ),
    ),
    Case(
        filename_metadata_mismatch,
        "an epoch only inside",
        described(version="1!1.0"),
        says=(Says("the metadata says version '1!1.0', the file name '1.0'"),),
    ),
    Case(
        filename_metadata_mismatch,
        "a local version only in the name",
        described("demo-1.0+cpu-py3-none-any.whl", version="1.0"),
        says=(Says("the metadata says version '1.0', the file name '1.0+cpu'"),),
    ),
    Case(
        filename_metadata_mismatch,
        "a letter beyond ASCII only in the name",
        described("démo-1.0.tar.gz", name="demo"),
        says=(Says("the metadata says project 'demo', the file name 'démo'"),),
    ),
    Case(
        filename_metadata_mismatch,
        "what is missing or no version inside is left to metadata-invalid",
        described(name="", version="dog"),
    ),
    Case(
        filename_metadata_mismatch,
        "a version inside of thousands of digits is left to metadata-invalid",
        described(version=_TOO_BIG),
    ),
    Case(
        filename_metadata_mismatch,
        "a name that is none is left to filename-invalid",
        described("demo.whl", name="other", version="2"),
    ),
    # tag-uninstallable
    *(
        Case(tag_uninstallable, f"installers ask for {tags}", _tagged(tags))
        for tags in (
            *("py3-none-any", "py2.py3-none-any", "cp312-cp312-win_amd64"),
            *("cp37-cp37m-manylinux1_x86_64", "cp27-cp27mu-manylinux1_i686"),
            *("cp313-cp313t-macosx_11_0_arm64", "cp39-abi3-macosx_10_9_universal2"),
            *("cp39-abi3.abi3t-win32", "cp312-none-any", "py3-none-macosx_11_0_arm64"),
            *("pp310-pypy310_pp73-win_amd64", "graalpy311-graalpy242_311_native-any"),
            "cp39-cp39-macosx_10_9_x86_64",
        )
    ),
    Case(tag_uninstallable, "an sdist has no tags", distribution()),
    Case(
        tag_uninstallable,
        "one of several tags is asked for",
        _tagged("cp39-cp39-macosx_10_9_arm64.macosx_11_0_arm64"),
    ),
    *(
        Case(
            tag_uninstallable,
            f"nobody asks for {tags}",
            _tagged(tags),
            says=(Says(f"no installer asks for its tags: {why}"),),
        )
        for tags, why in {
            # python-greenlet/greenlet#369
            "cp310-universal2-macosx_10_9_universal2": "'universal2' is no ABI",
            # delta-io/delta-rs#972
            "cp37-abi3-macosx_10_9_arm64": (
                "macosx_10_9_arm64 is older than any macOS for arm64, which is 11.0"
            ),
            "cp39-cp310-win_amd64": "cp39 does not have the ABI cp310",
            "py3-any-any": "'any' is no ABI",
        }.items()
    ),
    # platform-tag-refused
    *(
        Case(platform_tag_refused, f"PyPI takes {platform}", _wheel_for(platform))
        for platform in TAKEN
    ),
    Case(
        platform_tag_refused,
        "tags in capitals are the same tags",
        _wheel_for("Win_AMD64"),
    ),
    Case(
        platform_tag_refused,
        "every tag of a compressed set is taken",
        _wheel_for("manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    ),
    *(
        Case(
            platform_tag_refused,
            f"PyPI does not take {platform}",
            _wheel_for(platform),
            says=(Says(_refused(platform), row="111"),),
        )
        for platform in (*REFUSED, *NEVER_TAKEN, *MEANT_FOR_NOTHING)
    ),
    Case(
        platform_tag_refused,
        "each refused tag of a compressed set, in order",
        _wheel_for("linux_x86_64", "any", "freebsd_13"),
        policy(TESTPYPI),
        (
            Says(_refused("freebsd_13", "testpypi"), row="111"),
            Says(_refused("linux_x86_64", "testpypi"), row="111"),
        ),
    ),
    Case(
        platform_tag_refused,
        "an index without PyPI's rules takes any",
        _wheel_for("linux_x86_64"),
        policy(INTERNAL),
    ),
    Case(platform_tag_refused, "an sdist has no platform", distribution(SDIST)),
    Case(
        platform_tag_refused,
        "a name that is none is left to filename-invalid",
        distribution("demo-linux_x86_64.whl"),
    ),
    Case(
        platform_tag_refused,
        "on its last day the list still decides",
        _wheel_for("macosx_16_0_arm64"),
        _aged(0),
        (Says(_refused("macosx_16_0_arm64"), row="111"),),
    ),
    *(
        Case(
            platform_tag_refused,
            f"a list that is too old warns of {platform}",
            _wheel_for(platform),
            _aged(1),
            (
                Says(
                    f"the platform {platform!r} is not known to a list that is 184 "
                    "days old",
                    severity=Severity.WARNING,
                    row="",
                ),
            ),
        )
        for platform in (*REFUSED, *MEANT_FOR_NOTHING)
    ),
    *(
        Case(
            platform_tag_refused,
            f"however old the list, {platform} will not be taken",
            _wheel_for(platform),
            _aged(1),
            (Says(_refused(platform), row="111"),),
        )
        for platform in NEVER_TAKEN
    ),
]


@pytest.mark.parametrize(
    ("filename", "form"),
    [
        ("demo.whl", "project-version-python-abi-platform.whl"),
        ("demo.zip", "project-version.tar.gz"),
    ],
)
def test_the_fix_says_the_form_of_a_name(filename: str, form: str) -> None:
    (finding,) = filename_invalid.findings(distribution(filename), policy())

    assert finding.fix.endswith(f"the name must be {form}")


@pytest.mark.parametrize(("platform", "meant"), NEVER_TAKEN.items())
@pytest.mark.parametrize("days", [0, 1], ids=["a new list", "an old list"])
def test_the_fix_says_the_platform_that_is_meant(
    platform: str, meant: str, days: int
) -> None:
    (finding,) = platform_tag_refused.findings(_wheel_for(platform), _aged(days))

    assert meant in finding.fix


@pytest.mark.parametrize("platform", [*REFUSED, *MEANT_FOR_NOTHING])
def test_the_fix_of_an_unknown_platform_names_no_other(platform: str) -> None:
    for days, begin in ((0, "build for"), (1, "update release-guard; build for")):
        (finding,) = platform_tag_refused.findings(_wheel_for(platform), _aged(days))
        assert finding.fix.startswith(begin)
        assert "_" not in finding.fix


def test_the_fix_of_a_minor_version_of_macos_says_where_it_is_set() -> None:
    wheel = _wheel_for("macosx_14_2_arm64")

    (finding,) = platform_tag_refused.findings(wheel, policy())

    assert "MACOSX_DEPLOYMENT_TARGET" in finding.fix


def test_a_platform_that_the_advice_names_is_one_that_is_taken() -> None:
    for meant in NEVER_TAKEN.values():
        assert not list(platform_tag_refused.findings(_wheel_for(meant), policy()))
