"""The house's own rules: sizes, versions, the two commands, doctests that are really run."""

import ast
import doctest
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def body_length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function without its signature and docstring."""
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_a_file_is_short_and_its_functions_are_shorter(path):
    text = path.read_text()
    long = {
        node.name: body_length(node)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, FUNCTIONS) and body_length(node) > 60
    }
    assert len(text.splitlines()) <= 400
    assert not long


def test_readme_begins_with_the_two_commands():
    block = re.search(r"```\w*\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert block, "README.md has no fenced block"
    commands = [line.split("#")[0].strip() for line in block.group(1).splitlines()]
    assert [command for command in commands if command.startswith("make ")] == [
        "make demo",
        "make test",
    ]


def test_every_file_that_tells_a_version_tells_the_same():
    changelog = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    citation = re.search(r"^version: (\S+)", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    told = {
        "CHANGELOG.md": changelog.group(1),
        "CITATION.cff": citation.group(1),
        "pyproject.toml": project["version"],
    }
    assert set(told.values()) == {importlib.metadata.version("saddlescape")}, told


def test_every_example_in_a_docstring_is_run():
    """A decorator can hide a docstring from the collector, and its example then rots unseen."""
    written = {
        f"{path.stem}:{node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, (*FUNCTIONS, ast.ClassDef))
        and doctest.DocTestParser().get_examples(ast.get_docstring(node) or "")
    }
    listing = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "src"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    collected = {
        f"{Path(line.split('::')[0]).stem}:{line.rsplit('.', 1)[-1]}"
        for line in listing.stdout.splitlines()
        if "::" in line
    }
    assert written, listing.stdout
    assert written <= collected


def test_importing_the_library_flips_no_switch_and_loads_no_jax():
    program = """
import sys, saddlescape
assert "jax" not in sys.modules, "import saddlescape must cost milliseconds"
for name in saddlescape.__all__:
    getattr(saddlescape, name)
import jax
assert not jax.config.jax_enable_x64, "only the faces and the tests turn x64 on"
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_between_pages_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)#\s]+)", text)
    broken = [link for link in links if ":" not in link and not (page.parent / link).exists()]
    assert not broken


def test_every_benchmark_is_run_by_the_driver():
    scripts = {
        path.stem
        for path in (ROOT / "benchmarks").glob("*.py")
        if "def run(quick: bool)" in path.read_text()
    }
    tree = ast.parse((ROOT / "benchmarks" / "__main__.py").read_text())
    driven = next(
        set(ast.literal_eval(node.value))
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "NAMES"
    )
    assert scripts == driven
