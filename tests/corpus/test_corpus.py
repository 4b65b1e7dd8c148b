"""The corpus is read whole: every DO_TEST line, every file that a test names."""

from __future__ import annotations

import re

import pytest

from tests.corpus.macros import calls, string
from tests.corpus.suite import Corpus, Expected, corpus

_PROGRAM = r"""
#define DO_TEST_FULL(_name, suffix, ...) \
    do { run(_name, __VA_ARGS__); } while (0)
#define DO_TEST_CAPS_INTERNAL(name, arch, ver, ...) \
    DO_TEST_FULL(name, "." arch "-" ver, ARG_CAPS_ARCH, arch, __VA_ARGS__, ARG_END)
#define DO_TEST_NEW(name) DO_TEST_CAPS_INTERNAL(name, "x86_64", "latest", ARG_FLAGS, A | B)
    /* DO_TEST_NEW("not this"); */
    DO_TEST_NEW("a, (b");
"""


def test_macros_are_expanded_as_the_program_defines_them() -> None:
    [call] = calls(_PROGRAM)
    assert (call.macro, call.line) == ("DO_TEST_NEW", 8)
    assert (string(call.arguments[0]), string(call.arguments[1])) == ("a, (b", ".x86_64-latest")
    assert call.arguments[2:] == ("ARG_CAPS_ARCH", '"x86_64"', "ARG_FLAGS", "A | B", "ARG_END")


@pytest.fixture(scope="module")
def libvirt() -> Corpus:
    return corpus()


@pytest.mark.needs("corpus")
def test_every_line_is_read(libvirt: Corpus) -> None:
    program = (libvirt.tree / "tests" / "qemuxml2argvtest.c").read_text()
    written = re.findall(r"^ {4,}(DO_TEST\w*)\(\"([^\"]+)\"", program, re.MULTILINE)
    assert [(test.macro, test.name) for test in libvirt.argv_tests] == written
    assert len(written) > 1000


@pytest.mark.needs("corpus")
def test_every_file_that_a_test_names_is_there(libvirt: Corpus) -> None:
    assert [test.name for test in libvirt.argv_tests if not test.input.exists()] == []
    assert [(test.name, test.active) for test in libvirt.xml_tests if not (test.input.exists() and test.output.exists())] == []
    refused = [test for test in libvirt.argv_tests if test.expected is not Expected.SUCCESS]
    assert [test.name for test in refused if not test.error] == []


@pytest.mark.needs("corpus")
def test_no_expectation_is_left_unread(libvirt: Corpus) -> None:
    assert {test.error_file for test in libvirt.argv_tests if test.error_file} == set(libvirt.errors)
    assert {test.output for test in libvirt.xml_tests} == set(libvirt.outputs)


@pytest.mark.needs("corpus")
def test_known_lines_are_understood(libvirt: Corpus) -> None:
    first = next(test for test in libvirt.argv_tests if test.name == "minimal-no-memory")
    assert (first.expected, first.setting.version, first.arch) == (Expected.PARSE_ERROR, None, "i686")
    assert first.error is not None
    assert first.error.startswith("XML error: Memory size must be specified")
    latest = next(test for test in libvirt.argv_tests if test.name == "genid")
    assert (latest.suffix, latest.setting.arch, latest.setting.version) == (".x86_64-latest", "x86_64", "latest")
    assert len(libvirt.valid_inputs) > 1000
