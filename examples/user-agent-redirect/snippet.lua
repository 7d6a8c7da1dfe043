local agent = (ngx.var.http_user_agent or ""):lower()

-- Scanners and scrapers
if agent == "" or agent:find("sqlmap", 1, true) or agent:find("nikto", 1, true) or agent:find("^python%-requests/") then
    ngx.log(ngx.WARN, "refused: ", agent)
    return ngx.exit(ngx.HTTP_FORBIDDEN)
end

-- Search engines are to see the site for desktops, whatever they claim to be.
if agent:find("googlebot", 1, true) or agent:find("bingbot", 1, true) then
    return
end

-- Tablets have room for the site for desktops, and so does who chose it.
if (agent:find("iphone", 1, true) or agent:find("android.+mobile") or agent:find("windows phone", 1, true))
    and ngx.var.cookie_site ~= "desktop" then
    ngx.header["Vary"] = "User-Agent"
    return ngx.redirect("https://m.example.com" .. ngx.var.request_uri, ngx.HTTP_MOVED_TEMPORARILY)
end
