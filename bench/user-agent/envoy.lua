-- examples/user-agent-redirect for Envoy's own Lua filter.

local function wants_desktop(headers)
  local cookies = headers:get("cookie")
  return cookies ~= nil and ("; " .. cookies .. ";"):find("; site=desktop;", 1, true) ~= nil
end

function envoy_on_request(handle)
  local headers = handle:headers()
  local agent = (headers:get("user-agent") or ""):lower()

  if agent == "" or agent:find("sqlmap", 1, true) or agent:find("nikto", 1, true) or agent:find("^python%-requests/") then
    handle:logWarn("refused: " .. agent)
    handle:respond({[":status"] = "403"}, "")
    return
  end

  if agent:find("googlebot", 1, true) or agent:find("bingbot", 1, true) then
    return
  end

  local mobile = agent:find("iphone", 1, true) or agent:find("android.+mobile") or agent:find("windows phone", 1, true)
  if mobile and not wants_desktop(headers) then
    local to = "https://m.example.com" .. headers:get(":path")
    handle:respond({[":status"] = "302", ["location"] = to, ["vary"] = "User-Agent"}, "")
  end
end
