"""A cluster's backup, made up: what `kubectl get ingress -A -o yaml` prints, the same for the same numbers.

Of the Ingresses some have snippets, of which half are texts that another Ingress has, too: such is what people
have, who copy a snippet from one Ingress to the next.
"""

from __future__ import annotations

import random
from typing import Any

import yaml

Json = dict[str, Any]

SHAPES = (
    # redirects
    "if ($arg_old_{n}) {{\n  return 301 https://$host/new/{n};\n}}\n",
    "if ($http_x_forwarded_proto = http) {{\n  return 308 https://$host$request_uri;\n}}\nset $shape {n};\n",
    "rewrite ^/shop-{n}/(.*)$ /products/$1 permanent;\n",
    # user agents, addresses, methods
    "if ($http_user_agent ~* (sqlmap|nikto|scanner-{n})) {{\n  return 403;\n}}\n",
    "allow 10.{n}.0.0/16;\nallow 127.0.0.1;\ndeny all;\n",
    "if ($request_method !~ ^(GET|HEAD|POST|PUT{n})$) {{\n  return 405;\n}}\n",
    # maintenance, by a cookie or a header
    "set $maintenance 0;\nif ($http_x_maintenance = {n}) {{\n  set $maintenance 1;\n}}\n"
    "if ($cookie_tester) {{\n  set $maintenance 0;\n}}\nif ($maintenance = 1) {{\n  return 503;\n}}\n",
    # paths
    "rewrite ^/v1/{n}/(.*)$ /v2/{n}/$1 break;\n",
    "if ($uri ~* \\.(env|git|bak{n})$) {{\n  return 404;\n}}\n",
    # headers and bodies
    'more_set_headers "X-Frame-Options: DENY";\nmore_set_headers "X-Shop: {n}";\nmore_clear_headers X-Powered-By;\n',
    "add_header X-Frame-Options SAMEORIGIN always;\nadd_header X-Shop {n};\nexpires 1h;\n",
    "proxy_set_header X-Shop {n};\nproxy_set_header X-Trace $request_id;\nproxy_hide_header X-Powered-By;\n",
    "if ($http_origin ~* ^https://(www\\.)?shop-{n}\\.example$) {{\n  add_header Access-Control-Allow-Origin $http_origin;\n"
    "}}\nif ($request_method = OPTIONS) {{\n  add_header Access-Control-Max-Age {n};\n  return 204;\n}}\n",
    'sub_filter "http://old-{n}.example" "https://$host";\nsub_filter_once off;\n',
    # Lua
    'access_by_lua_block {{\n  local key = ngx.req.get_headers()["x-api-key"]\n  if key ~= "key-of-{n}" then\n'
    '    ngx.status = 401\n    ngx.say("unauthorized {n}")\n    return ngx.exit(401)\n  end\n}}\n',
    "access_by_lua_block {{\n  local day = tonumber(ngx.var.arg_day) or {n}\n  if day % 7 == 0 then\n"
    '    ngx.log(ngx.WARN, "closed on day ", day)\n    return ngx.redirect("/closed", 302)\n  end\n}}\n',
    'set $trace "";\nset_by_lua_block $trace {{\n  return ngx.md5(ngx.var.request_uri .. "{n}")\n}}\n'
    "if ($arg_trace) {{\n  return 200 $trace;\n}}\n",
    "access_by_lua_block {{\n  local seen, who = {{}}, ngx.var.cookie_session_{n}\n  if not who then return end\n"
    '  for part in string.gmatch(who, "%w+") do\n    if seen[part] then return ngx.exit(400) end\n'
    "    seen[part] = true\n  end\n}}\n",
    'access_by_lua_block {{\n  local args = ngx.req.get_uri_args()\n  if args.debug == "{n}" then\n'
    '    ngx.req.set_header("X-Debug", "{n}")\n  elseif args.debug then\n    return ngx.exit(403)\n  end\n}}\n',
)
"""Snippets of the kinds that people have; `{n}` makes a text of its own of each."""


def backup(ingresses: int = 500, with_snippets: int = 200, seed: int = 1) -> str:
    """The YAML of a List of Ingresses."""
    source = random.Random(seed)
    texts = [SHAPES[i % len(SHAPES)].format(n=i + 1) for i in range(max(with_snippets // 2, 1))]
    items = [_ingress(i) for i in range(ingresses)]
    for i, item in enumerate(source.sample(items, with_snippets)):
        item["metadata"]["annotations"]["nginx.ingress.kubernetes.io/configuration-snippet"] = texts[
            i % len(texts)
        ]
    dumped = yaml.dump({"apiVersion": "v1", "kind": "List", "items": items}, Dumper=_Dumper, sort_keys=False)
    return str(dumped)


def _ingress(i: int) -> Json:
    """One of ten in a namespace, each with a host of its own and two paths."""
    backend = {"service": {"name": f"app-{i}", "port": {"number": 8080}}}
    paths = [{"path": path, "pathType": "Prefix", "backend": backend} for path in ("/", "/api")]
    host = f"app-{i}.example.com"
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "name": f"app-{i}",
            "namespace": f"team-{i // 10}",
            "creationTimestamp": f"2023-{i % 12 + 1:02}-{i % 28 + 1:02}T08:00:00Z",
            "annotations": {"nginx.ingress.kubernetes.io/proxy-body-size": "8m"},
        },
        "spec": {
            "ingressClassName": "nginx",
            "rules": [{"host": host, "http": {"paths": paths}}],
            "tls": [{"hosts": [host], "secretName": f"tls-{i}"}],
        },
    }


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as kubectl does, and no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
