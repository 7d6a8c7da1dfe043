"""A handler as long as wanted, made of what handlers are made of: for measurements of the compiler."""

from __future__ import annotations

# A part of a handler that uses a bit of everything; %d makes its names distinct.
_PART = """\
do
  local function allowed_%(n)d(name, limit)
    local value = ngx.req.get_headers()[name]
    if not value or type(value) ~= "string" then
      return nil, "missing " .. name
    end
    local kind, count = value:match("^(%%a+)-(%%d+)$")
    if kind and tonumber(count) > limit then
      ngx.log(ngx.WARN, "over the limit: ", kind, " ", count)
      return false
    end
    local words = {}
    for word in value:gmatch("%%w+") do
      words[#words + 1] = word:lower()
    end
    return true, table.concat(words, ",")
  end

  local ok_%(n)d, words_%(n)d = allowed_%(n)d("X-Part-%(n)d", %(n)d)
  if ok_%(n)d then
    ngx.ctx["part-%(n)d"] = { words = words_%(n)d, at = ngx.time() }
    ngx.req.set_header("X-Words", words_%(n)d)
  elseif ok_%(n)d == false then
    ngx.header["Retry-After"] = %(n)d
    return ngx.exit(429)
  end
  if (ngx.var.arg_part or "none") == "%(n)d" then
    ngx.var.args = "part=" .. ngx.escape_uri(ngx.var.arg_part)
  end
end
"""
_PART_LINES = _PART.count("\n")


def handler(lines: int) -> str:
    """Lua text of an access handler with at least that many lines, and less than one part more."""
    return "".join(_PART % {"n": number} for number in range(-(-lines // _PART_LINES)))
