"""`include`: which files are read, in nginx's order, and what is said of those that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from snippet2wasm.diagnostics import Refusal, render_text
from snippet2wasm.frontend import files, includes
from snippet2wasm.frontend.nginx import Directive


def parsed(folder: Path, texts: dict[str, str], name: str = "nginx.conf") -> list[Directive]:
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    path = folder / name
    return includes.parse(files.read(path, name), path.parent)


def words(directives: list[Directive]) -> list[str]:
    """The directives, blocks with braces."""
    found = []
    for each in directives:
        text = " ".join([each.name, *(argument.value for argument in each.args)])
        found.append(text if each.block is None else f"{text} {{{'; '.join(words(each.block))}}}")
    return found


def refusal(folder: Path, texts: dict[str, str]) -> str:
    with pytest.raises(Refusal) as refused:
        parsed(folder, texts)
    return "".join(map(render_text, refused.value.diagnostics))


def test_a_file_is_in_the_place_of_its_include(tmp_path: Path) -> None:
    texts = {
        "nginx.conf": "http { a 1; include b.conf; c 3; }",
        "b.conf": "b 2; include d/e.conf;",
        "d/e.conf": "e 5;",
    }
    assert words(parsed(tmp_path, texts)) == ["http {a 1; b 2; e 5; c 3}"]


@pytest.mark.parametrize(
    "path",
    [
        "conf.d/a.conf",
        "./conf.d/a.conf",
        "/etc/nginx/conf.d/a.conf",
        "/usr/local/openresty/nginx/conf/conf.d/a.conf",
    ],
)
def test_a_path_of_the_server_is_found_below_the_project(path: str, tmp_path: Path) -> None:
    assert words(parsed(tmp_path, {"nginx.conf": f"include {path};", "conf.d/a.conf": "a 1;"})) == ["a 1"]


def test_a_pattern_takes_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    texts = {
        "nginx.conf": "include /etc/nginx/conf.d/*.conf;",
        "conf.d/b.conf": "b 2;",
        "conf.d/a.conf": "a 1;",
        "conf.d/c.bak": "c 3;",
        "d.conf": "d 4;",
    }
    assert words(parsed(tmp_path, texts)) == ["a 1", "b 2"]


def test_a_pattern_leaves_out_what_is_hidden(tmp_path: Path) -> None:
    texts = {
        "nginx.conf": "include conf.d/*; include conf.d/.e*; include */b.conf;",
        "conf.d/.a.conf.swp": "not nginx",
        "conf.d/.extra": "e 5;",
        "conf.d/b.conf": "b 2;",
        ".git/b.conf": "g 7;",
    }
    assert words(parsed(tmp_path, texts)) == ["b 2", "e 5", "b 2"]


def test_a_pattern_sorts_whole_paths(tmp_path: Path) -> None:
    texts = {"nginx.conf": "include */x.conf;", "a/x.conf": "a 1;", "a-b/x.conf": "b 2;", "B/x.conf": "c 3;"}
    assert words(parsed(tmp_path, texts)) == ["c 3", "b 2", "a 1"]


def test_two_stars_are_one(tmp_path: Path) -> None:
    texts = {"nginx.conf": "include d/**.conf; include **/a.conf;", "d/a.conf": "a 1;", "d/e/a.conf": "e 5;"}
    assert words(parsed(tmp_path, texts)) == ["a 1", "a 1"]


def test_a_pattern_is_not_looked_for_without_its_folder(tmp_path: Path) -> None:
    """`conf.d/*.conf` is not `*.conf`: that is nginx.conf itself."""
    assert words(parsed(tmp_path, {"nginx.conf": "a 1; include /etc/nginx/conf.d/*.conf;"})) == ["a 1"]


def test_of_conf_the_folder_above_counts(tmp_path: Path) -> None:
    texts = {"conf/nginx.conf": "include snippets/a.inc;", "snippets/a.inc": "a 1;"}
    assert words(parsed(tmp_path, texts, "conf/nginx.conf")) == ["a 1"]


def test_entries_of_a_map_may_stand_in_a_file(tmp_path: Path) -> None:
    texts = {
        "nginx.conf": "map $a $b { include bots.map; default 0; }",
        "bots.map": "~*bot 1;\nserver 2; if 3;\n",
    }
    assert words(parsed(tmp_path, texts)) == ["map $a $b {~*bot 1; server 2; if 3; default 0}"]


@pytest.mark.parametrize(
    "name",
    [
        "fastcgi_params",
        "/etc/nginx/uwsgi_params",
        "/etc/nginx/modules-enabled/*.conf",
        "/etc/nginx/sites-enabled/*",
    ],
)
def test_files_of_nginx_itself_need_not_be_there(name: str, tmp_path: Path) -> None:
    assert words(parsed(tmp_path, {"nginx.conf": f"a 1; include {name};"})) == ["a 1"]


@pytest.mark.parametrize("name", ["mime.types", "/usr/local/openresty/nginx/conf/mime.types"])
def test_types_are_nginx_s_own(name: str, tmp_path: Path) -> None:
    texts = {"nginx.conf": f"include {name};", "mime.types": "types { text/plain log; }"}
    assert words(parsed(tmp_path, texts)) == ["include mime.types"]


def test_debian_s_proxy_params_are_known(tmp_path: Path) -> None:
    found = words(parsed(tmp_path, {"nginx.conf": "location / { include proxy_params; }"}))
    assert found == [
        "location / {proxy_set_header Host $http_host; proxy_set_header X-Real-IP $remote_addr;"
        " proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme}"
    ]


def test_the_project_s_own_proxy_params_count(tmp_path: Path) -> None:
    assert words(parsed(tmp_path, {"nginx.conf": "include proxy_params;", "proxy_params": "a 1;"})) == ["a 1"]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    told = refusal(tmp_path, {"nginx.conf": "http {\n  include /etc/nginx/secure.conf;\n}"})
    assert told.startswith(
        "nginx.conf:2:3: error[S2W244]: the project has no file '/etc/nginx/secure.conf'\n"
    )
    assert "try: put the file there" in told


def test_a_mistake_in_an_included_file_has_its_place_there(tmp_path: Path) -> None:
    told = refusal(tmp_path, {"nginx.conf": "include conf.d/a.conf;", "conf.d/a.conf": "a 1;\nb {\n"})
    assert told.startswith('conf.d/a.conf:2:3: error[S2W112]: unexpected end of file, expecting "}"\n')


@pytest.mark.parametrize(
    "texts",
    [
        {"nginx.conf": "include nginx.conf;"},
        {"nginx.conf": "include a.conf;", "a.conf": "include b.conf;", "b.conf": "include a.conf;"},
        {"nginx.conf": "include conf.d/*.conf;", "conf.d/a.conf": "include conf.d/*.conf;"},
    ],
)
def test_files_that_include_themselves_are_refused(texts: dict[str, str], tmp_path: Path) -> None:
    assert "includes itself" in refusal(tmp_path, texts)


def test_files_may_not_include_each_other_without_end(tmp_path: Path) -> None:
    texts = {f"{number}.conf": f"include {number + 1}.conf;" for number in range(40)}
    assert "too many files include each other" in refusal(
        tmp_path, {"nginx.conf": "include 0.conf;", **texts}
    )


def test_a_file_outside_of_the_project_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a 1;")
    project = tmp_path / "project"
    assert "the project has no file" in refusal(project, {"nginx.conf": f"include {tmp_path}/secret;"})
    assert "the project has no file" in refusal(project, {"nginx.conf": "include ../secret;"})
