"""What the docs say is so: generated pages are current, every diagnostic is explained, the catalogue names
real Go.
"""

from __future__ import annotations

import importlib.util
import math
import re
from pathlib import Path

import pytest

from snippet2wasm import catalogue, resources
from snippet2wasm.catalogue.table import markdown as compatibility
from snippet2wasm.verify.compare import markdown as normalisations
from support.golang import go

ROOT = Path(__file__).parents[2]


def test_compatibility_page_is_current() -> None:
    assert (ROOT / "docs" / "compatibility.md").read_text() == compatibility()


def test_emitted_go_is_current() -> None:
    path = ROOT / "tools" / "emitted_go.py"
    spec = importlib.util.spec_from_file_location("emitted_go", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (ROOT / "docs" / "emitted-go.md").read_text("utf-8") == module.page()


def test_normalisations_are_in_the_page_of_differences() -> None:
    assert normalisations().strip() in (ROOT / "docs" / "differences.md").read_text()


def test_every_diagnostic_is_explained() -> None:
    sources = (ROOT / "compiler" / "snippet2wasm").rglob("*.py")
    used = {code for path in sources for code in re.findall(r'"(S2W\d{3})"', path.read_text("utf-8"))}
    rows = re.findall(r"^\| `(S2W\d{3})` \|", (ROOT / "docs" / "diagnostics.md").read_text(), re.MULTILINE)
    assert sorted(used) == rows


def _go_functions(package: str) -> set[str]:
    """The exported functions and constants of a runtime package, methods by their bare name."""
    texts = [path.read_text("utf-8") for path in (resources.go_runtime() / package).glob("*.go")]
    names = re.findall(
        r"^func (?:\([^)]*\) )?([A-Z]\w*)|^(?:\t|var |const )([A-Z]\w*)\s*=", "\n".join(texts), re.MULTILINE
    )
    return {name for pair in names for name in pair if name}


PACKAGES = {
    "re": "ngx/re",
    "lua": "lua",
    "bit": "lua/bit",
    "date": "lua/date",
    "exact": "lua/exact",
    "luafile": "lua/luafile",
    "file": "lua/luafile",
    "ngx": "ngx",
    "str": "resty/str",
    "aes": "resty/aes",
    "hash": "resty/hash",
    "random": "resty/random",
    "http": "resty/http",
    "jwt": "resty/jwt",
    "digest": "ngx/digest",
    "cjson": "cjson",
    "r": "ngx",
    "shdict": "ngx/shared",
    "lock": "resty/locking",
    "limit_req": "resty/ratelimit",
    "limit_count": "resty/ratelimit",
    "limit_conn": "resty/ratelimit",
}


@pytest.mark.parametrize("name", sorted(catalogue.load().entries))
def test_entry_names_a_go_function_that_is_there(name: str) -> None:
    entry = catalogue.load().entries[name]
    for spelling in filter(None, (entry.go, entry.unused)):
        kind, _, go_name = spelling.partition(".")
        if kind == "special":
            continue
        if kind == "math":
            assert go(ROOT, "doc", spelling, GOFLAGS="").returncode == 0  # Go's own library
            continue
        owner = name.partition(":")[0]
        package = PACKAGES.get(owner if kind == "method" else kind) or f"resty/{owner}"
        assert go_name in _go_functions(package), f"{spelling} is not in go_runtime/{package}"
    assert entry.go or entry.refused


def test_constants_name_go_constants_of_their_value() -> None:
    text = "\n".join(path.read_text() for path in (resources.go_runtime() / "ngx").glob("*.go"))
    found: dict[str, float] = {
        name: int(value) for name, value in re.findall(r"^\t(\w+)\s*=\s*(-?\d+)$", text, re.MULTILINE)
    }
    found |= {"math.Pi": math.pi, "math.Inf(1)": math.inf}
    for constant in catalogue.load().constants.values():
        assert found[constant.go.removeprefix("ngx.")] == constant.value, constant.name


def test_links_between_pages_work() -> None:
    pages = [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "examples").rglob("*.md"),
    ]
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"
