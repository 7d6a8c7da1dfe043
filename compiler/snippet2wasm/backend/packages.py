"""The Go packages that emitted code names."""

from __future__ import annotations

RUNTIME = "snippet2wasm.internal/plugin/runtime"
IMPORTS = {
    "lua": f"{RUNTIME}/lua",
    "bit": f"{RUNTIME}/lua/bit",
    "date": f"{RUNTIME}/lua/date",
    "exact": f"{RUNTIME}/lua/exact",
    "luafile": f"{RUNTIME}/lua/luafile",
    "ngx": f"{RUNTIME}/ngx",
    "lrucache": f"{RUNTIME}/resty/lrucache",
    "locking": f"{RUNTIME}/resty/locking",
    "ratelimit": f"{RUNTIME}/resty/ratelimit",
    "shared": f"{RUNTIME}/ngx/shared",
    "digest": f"{RUNTIME}/ngx/digest",
    "geo": f"{RUNTIME}/ngx/geo",
    "limits": f"{RUNTIME}/ngx/limits",
    "setmisc": f"{RUNTIME}/ngx/setmisc",
    "splitclients": f"{RUNTIME}/ngx/splitclients",
    "re": f"{RUNTIME}/ngx/re",
    "rewrite": f"{RUNTIME}/ngx/rewrite",
    "htpasswd": f"{RUNTIME}/htpasswd",
    "plugin": f"{RUNTIME}/plugin",
    "redis": f"{RUNTIME}/resty/redis",
    "aes": f"{RUNTIME}/resty/aes",
    "str": f"{RUNTIME}/resty/str",
    "hash": f"{RUNTIME}/resty/hash",
    "hmac": f"{RUNTIME}/resty/hmac",
    "random": f"{RUNTIME}/resty/random",
    "cookie": f"{RUNTIME}/resty/cookie",
    "http": f"{RUNTIME}/resty/http",
    "jwt": f"{RUNTIME}/resty/jwt",
    "transport": f"{RUNTIME}/transport",
    "cjson": f"{RUNTIME}/cjson",
    "webdis": f"{RUNTIME}/transport/webdis",
    "hostredis": f"{RUNTIME}/transport/hostredis",
    "math": "math",
    "slices": "slices",
    "strings": "strings",
    "hooks": "snippet2wasm.internal/plugin/hooks",
}
"""Import paths by package name."""
