"""Asks nginx for the names that its Lua has: globals, the library's tables, and ngx.

    python tools/lua_names.py [--check]

What is written to catalogue/names.json are all paths (`string.format`, `ngx.req.get_method`) that are not nil
in a handler. What is not there is nil, in that version of nginx. Needs Debian's nginx with its Lua module.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_OUTPUT = Path(__file__).parents[1] / "compiler" / "snippet2wasm" / "catalogue" / "names.json"

# Tables whose fields are a request's, or that are other names of what is there already, are not gone into.
_HANDLER = """
local skipped = { _G = true, ["package.loaded"] = true, ["package.preload"] = true, ["ngx.shared"] = true,
  ["ngx.ctx"] = true, ["ngx.var"] = true, ["ngx.header"] = true, ["ngx.arg"] = true, arg = true }
local found = {}
local function walk(prefix, t)
  for key, value in pairs(t) do
    if type(key) == "string" then
      local path = prefix .. key
      found[#found + 1] = path
      if type(value) == "table" and not skipped[path] then walk(path .. ".", value) end
    end
  end
end
walk("", _G)
for _, name in ipairs({ "ngx.var", "ngx.arg", "ngx.ctx", "ngx.header", "ngx.status", "ngx.headers_sent",
                        "ngx.is_subrequest" }) do
  found[#found + 1] = name
end
table.sort(found)
local file = io.open("OUTPUT", "w")
file:write(table.concat(found, "\\n"))
file:close()
"""

_CONF = """
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
daemon off; master_process off; pid FOLDER/pid; error_log FOLDER/error.log;
events {}
http { init_worker_by_lua_file FOLDER/names.lua; access_log off; }
"""


def read() -> list[str]:
    """The names, in order."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "names.txt")
        Path(folder, "names.lua").write_text(_HANDLER.replace("OUTPUT", str(output)))
        conf = Path(folder, "nginx.conf")
        conf.write_text(_CONF.replace("FOLDER", folder))
        with subprocess.Popen(["/usr/sbin/nginx", "-p", folder, "-c", str(conf)]) as nginx:
            for _ in range(100):
                if output.is_file() and output.stat().st_size:
                    break
                time.sleep(0.05)
            nginx.terminate()
        return sorted(set(output.read_text().splitlines()))


def main() -> int:
    """Writes the file, or with --check says whether it is what nginx says."""
    text = json.dumps(read(), indent=0) + "\n"
    if "--check" in sys.argv[1:]:
        return int(_OUTPUT.read_text() != text)
    _OUTPUT.write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
