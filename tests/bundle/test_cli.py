"""`snippet2wasm compile --bundle`, run as a user does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from snippet2wasm.cli import main


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["compile", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`shop/a.lua`, `shop/b.conf` and `pay/a.lua`, in the current folder."""
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "shop/a.lua": "if on then ngx.exit(403) end\n",
        "shop/a.snippet2wasm.yaml": "match: [{route: shop/a}]\nglobals: {on: {config: own}}\n",
        "shop/snippet2wasm.yaml": "globals: {on: {config: folders}}\n",
        "shop/b.conf": "location /b { access_by_lua_block { if on then ngx.exit(401) end } }\n",
        "pay/a.lua": "ngx.exit(404)\n",
        "pay/snippet2wasm.yaml": "match: [{route: pay/a}]\nnamespace: payment\n",
    }.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text)
    return tmp_path


def units(project: Path) -> dict[str, list[str]]:
    """The units of a project with their configuration keys."""
    marker = json.loads((project / "snippet2wasm.json").read_text())
    return {unit["name"]: [config["key"] for config in unit["config"]] for unit in marker["units"]}


@pytest.mark.usefixtures("sources")
def test_bundle() -> None:
    done = run("shop/a.lua", "shop/b.conf", "pay/a.lua", "--bundle")
    assert (done.exit_code, done.stdout) == (0, "wrote snippets\n")
    assert units(Path("snippets")) == {"a": ["own"], "b": ["folders"], "a-2": []}


@pytest.mark.usefixtures("sources")
def test_name_output_and_json() -> None:
    done = run("pay/a.lua", "--bundle", "--name", "one", "-o", "out", "--target", "envoy", "--format", "json")
    assert json.loads(done.stdout) == {"status": "done", "project": "out", "diagnostics": []}
    assert json.loads(Path("out/snippet2wasm.json").read_text())["name"] == "one"


@pytest.mark.usefixtures("sources")
def test_bundle_by_namespace() -> None:
    done = run("shop/a.lua", "shop/b.conf", "pay/a.lua", "--bundle-by", "namespace", "--format", "json")
    assert json.loads(done.stdout)["projects"] == [
        {"project": "snippets/payment"},
        {"project": "snippets/shop"},
    ]
    assert units(Path("snippets/payment")) == {"a-2": []}
    assert units(Path("snippets/shop")) == {"a": ["own"], "b": ["folders"]}
    assert json.loads(Path("snippets/shop/snippet2wasm.json").read_text())["name"] == "shop-snippets"


@pytest.mark.usefixtures("sources")
def test_nothing_is_written_when_anything_is_wrong() -> None:
    Path("shop/c.lua").write_text("nobody()\n")
    Path("shop/d.lua").write_text("if\n")
    done = run("shop/a.lua", "shop/c.lua", "shop/d.lua", "--bundle-by", "namespace")
    assert done.exit_code == 3
    assert "shop/c.lua:1:1: error[S2W210]" in done.stderr
    assert "shop/d.lua:" in done.stderr
    assert not Path("snippets").exists()
    Path("snippets/shop").mkdir(parents=True)
    Path("snippets/shop/mine").touch()
    done = run("shop/a.lua", "pay/a.lua", "--bundle-by", "namespace")
    assert done.exit_code == 2
    assert "snippets/shop is not empty" in done.stderr
    assert not Path("snippets/payment").exists()


@pytest.mark.usefixtures("sources")
def test_conflicts_of_all_bundles_are_shown() -> None:
    for folder in ("shop", "pay"):
        for name in ("x", "y"):
            Path(f"{folder}/{name}.conf").write_text(
                "location /x { access_by_lua_block { ngx.exit(403) } }\n"
            )
            Path(f"{folder}/{name}.snippet2wasm.yaml").write_text("")
    names = [f"{folder}/{name}.conf" for folder in ("shop", "pay") for name in ("x", "y")]
    done = run(*names, "--bundle-by", "namespace")
    assert done.exit_code == 3
    assert done.stderr.count("S2W242") == 2


# A wrong use → what the message says.
WRONG = {
    ("shop/a.lua", "pay/a.lua"): "several inputs make a bundle: add --bundle",
    ("shop/a.lua", "-", "--bundle"): "not from standard input",
    ("shop/a.lua", "--bundle", "--emit", "ir"): "--emit is for one input",
    ("shop/a.lua", "--bundle", "--bindings", "shop/snippet2wasm.yaml"): "--bindings is for one input",
    ("shop/a.lua", "shop/none.lua", "--bundle"): "can't read shop/none.lua",
    ("shop/a.lua", "--bundle-by", "host"): "'host' is not 'namespace'",
    ("shop/b.conf", "--bundle", "--phase", "access"): "--phase is for handler bodies",
    ("--bundle",): "Missing argument 'INPUT...'",
}


@pytest.mark.usefixtures("sources")
@pytest.mark.parametrize(("arguments", "message"), WRONG.items())
def test_wrong_uses(arguments: tuple[str, ...], message: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert message in done.stderr


@pytest.mark.usefixtures("sources")
def test_a_match_without_a_bundle_is_warned_of() -> None:
    done = run("shop/a.lua", "-o", "out")
    assert done.exit_code == 0
    assert "shop/a.snippet2wasm.yaml:1:9: warning[S2W406]" in done.stderr


@pytest.mark.usefixtures("sources")
def test_a_unit_without_requests_is_warned_of() -> None:
    Path("pay/snippet2wasm.yaml").unlink()
    done = run("pay/a.lua", "--bundle")
    assert done.exit_code == 0
    assert "warning[S2W404]: nothing says which requests the unit 'a' is for" in done.stderr
