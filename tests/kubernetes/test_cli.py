"""`snippet2wasm compile` and `explain` of Kubernetes files, run as a user does."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from click.testing import CliRunner, Result

import snippet2wasm
from emitted.test_manifests import SCHEMA
from kubernetes.test_places import ingress
from snippet2wasm import InvalidOption, Text
from snippet2wasm.cli import main

RETURN = {"configuration-snippet": "if ($arg_bad) {\n  return 403;\n}\n"}


def run(*arguments: str | Path, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)], input=stdin, catch_exceptions=False)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`one.yaml` with an Ingress, `two.yaml` with two of two namespaces, `config.yaml` with a ConfigMap."""
    monkeypatch.chdir(tmp_path)
    api = ingress("shop/api", {"annotations": RETURN, "rules": ["a.example /api Prefix api"]})
    lua = {"configuration-snippet": "access_by_lua_block {\n  ngx.log(ngx.ERR, ngx.var.service_name)\n}\n"}
    pay = ingress("pay/api", {"annotations": lua, "rules": ["b.example / Prefix pay"]})
    plain = ingress("pay/plain", {"rules": ["c.example / Prefix plain"]})
    Path("one.yaml").write_text(yaml.safe_dump(api))
    Path("two.yaml").write_text(yaml.safe_dump_all([api, pay, plain]))
    meta = {"name": "ingress-nginx-controller", "namespace": "ingress-nginx"}
    data = {"location-snippet": "set $common 1;\nif ($arg_x) { return 404; }\n"}
    Path("config.yaml").write_text(
        yaml.safe_dump({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data})
    )
    return tmp_path


def units(project: str) -> dict[str, list[dict[str, str]]]:
    """The units of a project with what they are for."""
    marker = json.loads(Path(project, "snippet2wasm.json").read_text())
    return {unit["name"]: unit["match"] for unit in marker["units"]}


@pytest.mark.usefixtures("files")
def test_one_ingress_is_one_project() -> None:
    done = run("compile", "one.yaml")
    assert (done.exit_code, done.stdout) == (0, "wrote shop-api\n")
    assert units("shop-api") == {"shop-api": [{"route": "shop/api"}, {"host": "a.example"}]}
    manifest = yaml.safe_load(Path("shop-api/wasmplugin.yaml").read_text())
    jsonschema.Draft202012Validator(SCHEMA).validate(manifest)


@pytest.mark.usefixtures("files")
def test_several_are_a_folder_of_projects() -> None:
    done = run("compile", "two.yaml", "-o", "out", "--format", "json")
    projects = [{"project": "out/shop-api"}, {"project": "out/pay-api"}]
    assert json.loads(done.stdout) == {"status": "done", "projects": projects, "diagnostics": []}
    assert units("out/pay-api") == {"pay-api": [{"route": "pay/api"}]}


@pytest.mark.usefixtures("files")
def test_a_bundle_of_a_whole_cluster() -> None:
    done = run("compile", "two.yaml", "config.yaml", "--bundle", "--name", "all")
    assert (done.exit_code, done.stdout) == (0, "wrote all\n")
    assert list(units("all")) == ["shop-api", "pay-api", "pay-plain"]
    plugin = yaml.safe_load(Path("all/wasmplugin.yaml").read_text())
    entries = {entry["name"]: entry for entry in plugin["spec"]["defaultConfig"]["units"]}
    assert entries["pay-api"]["config"] == {"serviceName": "pay"}
    assert entries["pay-plain"]["match"] == [{"route": "pay/plain"}]


@pytest.mark.usefixtures("files")
def test_ingresses_without_snippets_are_left_alone() -> None:
    more = ingress("shop/more", {"rules": ["a.example /more Prefix more"], "created": "2024-01-01T00:00:00Z"})
    api = yaml.safe_load(Path("one.yaml").read_text())
    api["metadata"]["creationTimestamp"] = "2020-01-01T00:00:00Z"
    Path("both.yaml").write_text(yaml.safe_dump_all([api, more]))
    run("compile", "both.yaml", "-o", "out")
    plugin = yaml.safe_load(Path("out/wasmplugin.yaml").read_text())
    last = plugin["spec"]["defaultConfig"]["units"][-1]
    assert last == {
        "name": "without-snippets",
        "unit": "shop-api",
        "match": [{"route": "shop/more", "host": "a.example"}],
        "disabled": True,
    }


@pytest.mark.usefixtures("files")
def test_standard_input() -> None:
    done = run("compile", "--bundle", "-", stdin=Path("two.yaml").read_bytes())
    assert (done.exit_code, done.stdout) == (0, "wrote snippets\n")
    assert list(units("snippets")) == ["shop-api", "pay-api"]


@pytest.mark.usefixtures("files")
def test_bundles_by_namespace() -> None:
    done = run("compile", "two.yaml", "--bundle-by", "namespace", "-o", "out")
    assert done.stdout == "wrote out/shop, out/pay\n"
    assert [list(units(f"out/{name}")) for name in ("shop", "pay")] == [["shop-api"], ["pay-api"]]


@pytest.mark.usefixtures("files")
def test_bindings_beside_the_file() -> None:
    text = yaml.safe_load(Path("one.yaml").read_text())
    text["metadata"]["annotations"] = {
        "nginx.ingress.kubernetes.io/configuration-snippet": "access_by_lua_block {\n  if on then ngx.exit(403) end\n}\n"
    }
    Path("one.yaml").write_text(yaml.safe_dump(text))
    assert "S2W210" not in run("compile", "one.yaml").stderr
    Path("one.snippet2wasm.yaml").write_text("globals: {on: {config: enabled}}\nmatch: [{route: x}]\n")
    done = run("compile", "one.yaml", "--force")
    assert (done.exit_code, done.stderr.count("S2W406")) == (0, 1)
    marker = json.loads(Path("shop-api/snippet2wasm.json").read_text())
    assert [config["key"] for config in marker["units"][0]["config"]] == ["enabled"]


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("emit", ["ir", "types", "go"])
def test_other_forms_stand_behind_their_units_names(emit: str) -> None:
    done = run("compile", "two.yaml", "--emit", emit)
    mark = "//" if emit == "go" else "#"
    assert done.exit_code == 0
    assert done.stdout.startswith(f"{mark} shop-api\n")
    assert f"\n{mark} pay-api\n" in done.stdout


@pytest.mark.usefixtures("files")
def test_explain() -> None:
    done = run("explain", "two.yaml")
    assert done.exit_code == 0
    assert "shop-api (two.yaml)" in done.stdout
    assert "pay-api (two.yaml)" in done.stdout
    found = json.loads(run("explain", "two.yaml", "--format", "json").stdout)
    assert [each["name"] for each in found["explanations"]] == ["shop-api", "pay-api"]


WRONG = {
    "two kinds of input": (["compile", "one.yaml", "a.lua", "--bundle"], "and another input does not"),
    "a phase": (["compile", "one.yaml", "--phase", "access"], "--phase is for handler bodies"),
    "a name for several": (["compile", "two.yaml", "--name", "x"], "add --bundle"),
    "serve": (["serve", "one.yaml"], "holds Kubernetes objects"),
    "verify of several": (["verify", "two.yaml"], "choose one with --name"),
}


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("name", WRONG)
def test_wrong_use(name: str) -> None:
    arguments, text = WRONG[name]
    Path("a.lua").write_text("ngx.exit(403)\n")
    done = run(*arguments)
    assert done.exit_code == 2
    assert text in done.stderr
    assert not list(Path().glob("*/snippet2wasm.json"))


@pytest.mark.usefixtures("files")
def test_what_is_refused_is_in_the_file_and_nothing_is_written() -> None:
    text = Path("two.yaml").read_text().replace("return", "retrun")
    Path("two.yaml").write_text(text)
    done = CliRunner().invoke(main, ["compile", "two.yaml", "--bundle"], catch_exceptions=True)
    line = next(number for number, each in enumerate(text.split("\n"), 1) if "retrun" in each)
    assert done.exit_code == 3
    assert f"two.yaml:{line}:" in done.stderr
    assert not Path("snippets").exists()


@pytest.mark.usefixtures("files")
def test_nothing_to_compile() -> None:
    Path("plain.yaml").write_text(yaml.safe_dump(ingress("a/b", {"rules": ["a.example / Prefix b"]})))
    done = run("compile", "plain.yaml")
    assert done.exit_code == 3
    assert "S2W360" in done.stderr


@pytest.mark.usefixtures("files")
def test_the_python_interface_gives_one_plugin() -> None:
    plugin = snippet2wasm.compile("two.yaml", "config.yaml", target="envoy", name="all")
    assert [unit.name for unit in plugin.units] == ["shop-api", "pay-api", "pay-plain"]
    run("compile", "two.yaml", "config.yaml", "--bundle", "--target", "envoy", "--name", "all")
    assert {name: Path("all", name).read_bytes() for name in plugin.files} == plugin.files
    text = Text(Path("one.yaml").read_text(), "one.yaml")
    assert [unit.name for unit in snippet2wasm.compile(text).units] == ["shop-api"]
    with pytest.raises(InvalidOption, match="and another input does not"):
        snippet2wasm.compile("one.yaml", Text("ngx.exit(1)\n"))
    with pytest.raises(InvalidOption, match="make a bundle"):
        snippet2wasm.compile("one.yaml", phase="access")


@pytest.mark.usefixtures("files")
def test_a_snippet_that_only_the_gateway_does_is_no_unit() -> None:
    slow = {"configuration-snippet": "lua_check_client_abort off;\n"}
    more = ingress("shop/slow", {"annotations": slow, "rules": ["a.example /slow Prefix slow"]})
    Path("slow.yaml").write_text(yaml.safe_dump(more))
    done = run("compile", "slow.yaml")
    assert done.exit_code == 3
    assert "S2W360" in done.stderr
    done = run("compile", "slow.yaml", "one.yaml", "--bundle")
    assert done.exit_code == 0
    assert list(units("snippets")) == ["shop-api"]
