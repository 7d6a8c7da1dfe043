// Package cookie is lua-resty-cookie (resty.cookie) for compiled handlers.
package cookie

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

var errNoCookie = lua.Some("no cookie found in the current request")

// Cookie is the object that cookie:new() returns.
type Cookie struct {
	request *ngx.Request
	header  lua.OptString // the request's Cookie header when the object was made
	parsed  *lua.Table
}

// New is cookie:new().
func New(r *ngx.Request) *Cookie {
	needClient(r)
	return &Cookie{request: r, header: lua.Opt(r.HTTPHeader("cookie"))}
}

// needClient raises nginx's error in what ngx.timer.at has started.
func needClient(r *ngx.Request) {
	if r.Stream().IsTask() {
		lua.ThrowValue("API disabled in the current context")
	}
}

// Get is c:get(name): the cookie's value, nil without one; without a Cookie header
// also an error.
func (c *Cookie) Get(name any) (value, err lua.OptString) {
	cookies, err := c.table()
	if cookies == nil {
		return lua.None, err
	}
	return lua.AsOptString(cookies.Get(name)), lua.None
}

// GetAll is c:get_all(): a table of all cookies, the same one for each call; nil
// and an error without a Cookie header.
func (c *Cookie) GetAll() (lua.Value, lua.OptString) {
	if cookies, err := c.table(); cookies == nil {
		return nil, err
	}
	return c.parsed, lua.None
}

// GetCookieSize is c:get_cookie_size(): the length of the Cookie header.
func (c *Cookie) GetCookieSize() float64 { return float64(len(c.header.Or(""))) }

// table is all cookies.
func (c *Cookie) table() (*lua.Table, lua.OptString) {
	text, ok := c.header.Get()
	if !ok {
		return nil, errNoCookie
	}
	if c.parsed == nil {
		c.parsed = parse(text)
	}
	return c.parsed, lua.None
}

// parse reads a Cookie header. A name reaches to the next "=", whatever is in
// between, a value to the next ";" or blank; of equal names the last one counts.
func parse(text string) *lua.Table {
	found := lua.NewTable(0)
	for {
		text = strings.TrimLeft(text, " \t")
		name, rest, ok := strings.Cut(text, "=")
		if !ok {
			return found
		}
		end := strings.IndexAny(rest, "; \t")
		if end < 0 {
			found.Set(name, rest)
			return found
		}
		found.Set(name, rest[:end])
		text = rest[end+1:]
	}
}

// Set is c:set(cookie): it adds a Set-Cookie header made of the fields key, value,
// expires, max_age (or max-age), domain, path, secure, httponly, samesite and
// extension, unless there is an equal one. The result is true, or nil and an error.
func (c *Cookie) Set(cookie any) (lua.Value, lua.OptString) {
	fields, ok := lua.Plain(cookie).(*lua.Table)
	if !ok {
		lua.Index.Throw(lua.Plain(cookie), lua.Local("cookie", 0))
	}
	line, ok := c.bake(fields)
	if !ok {
		return nil, lua.Some(`missing cookie field "key" or "value"`)
	}
	needClient(c.request.Current())
	switch set := c.request.ResponseHeader("Set-Cookie").(type) {
	case string:
		if set != line {
			c.request.SetResponseHeader("Set-Cookie", lua.ListOf(set, line))
		}
	case *lua.Table:
		for i := range set.Len() {
			if set.Get(float64(i+1)) == line {
				return true, lua.None
			}
		}
		set.Append(line)
		c.request.SetResponseHeader("Set-Cookie", set)
	default:
		c.request.SetResponseHeader("Set-Cookie", line)
	}
	return true, lua.None
}

// attributes are the fields that become attributes with a value, in order; flags
// those that stand alone.
var attributes = []struct {
	field, name string
	flag        bool
}{
	{"expires", "; Expires=", false},
	{"max_age", "; Max-Age=", false},
	{"domain", "; Domain=", false},
	{"path", "; Path=", false},
	{"secure", "; Secure", true},
	{"httponly", "; HttpOnly", true},
	{"samesite", "; SameSite=", false},
	{"extension", "; ", false},
}

// bake makes the header's value; it is false without a key or a value. Like the
// library it changes the table: max-age becomes max_age, a samesite that is none
// goes, with a warning.
func (c *Cookie) bake(cookie *lua.Table) (line string, ok bool) {
	key, value := cookie.Get("key"), cookie.Get("value")
	if !lua.Truthy(key) || !lua.Truthy(value) {
		return "", false
	}
	if age := cookie.Get("max-age"); lua.Truthy(age) {
		cookie.Set("max_age", age)
	}
	switch site := cookie.Get("samesite"); site {
	case nil, false, "Strict", "Lax", "None":
	default:
		c.request.Stream().Log(host.Warn, "[lua] cookie.lua: bake(): SameSite value must be 'Strict', 'Lax' or 'None'")
		cookie.Set("samesite", nil)
	}
	line = text(key, "key") + "=" + text(value, "value")
	for _, attribute := range attributes {
		value := cookie.Get(attribute.field)
		switch {
		case !lua.Truthy(value):
		case attribute.flag:
			line += attribute.name
		default:
			line += attribute.name + text(value, attribute.field)
		}
	}
	return line, true
}

// text is the text of a field.
func text(v lua.Value, field string) string {
	switch v.(type) {
	case string, float64:
	default:
		lua.Concatenate.Throw(v, lua.Field(field, 0))
	}
	return lua.ToString(v)
}
