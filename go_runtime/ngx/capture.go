package ngx

import (
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// CaptureLocation is ngx.location.capture(uri, options): it waits for the answer of another
// location of the server, and gives it as a table.
func (r *Request) CaptureLocation(uri, options any, at lua.Argument) *lua.Table {
	lua.CheckYield()
	return r.captureAll([]*capturing{r.capturing(0, uri, options, at)}, at)[0]
}

// CaptureLocations is ngx.location.capture_multi(list): CaptureLocation for each item, {uri,
// options}, all at once.
func (r *Request) CaptureLocations(list *lua.Table, at lua.Argument) lua.Values {
	lua.CheckYield()
	if list.Len() == 0 {
		at.Fail("at least one subrequest should be specified")
	}
	wanted := make([]*capturing, list.Len())
	for i := range wanted {
		item, ok := list.Get(float64(i + 1)).(*lua.Table)
		if !ok {
			at.Fail("the query argument " + strconv.Itoa(i) + " is not a table, but a " + lua.TypeName(list.Get(float64(i+1))))
		}
		if item.Len() > 2 {
			at.Fail("query argument " + strconv.Itoa(i) + " expecting one or two arguments")
		}
		wanted[i] = r.capturing(i, item.Get(1.0), item.Get(2.0), at)
	}
	var found lua.Values
	for _, each := range r.captureAll(wanted, at) {
		found = append(found, each)
	}
	return found
}

// captureAll makes subrequests and waits for all answers.
func (r *Request) captureAll(wanted []*capturing, at lua.Argument) []*lua.Table {
	children := make([]*Request, len(wanted))
	streams := make([]*engine.Stream, len(wanted))
	for i, each := range wanted {
		child, ok := r.subrequest(each)
		if !ok {
			at.Fail("failed to issue subrequest: -1")
		}
		children[i], streams[i] = child, child.stream
	}
	r.stream.RunAll(streams)
	found := make([]*lua.Table, len(children))
	for i, child := range children {
		if child.stream.Dropped() {
			r.stream.Drop()
			r.stream.Unwind()
		}
		found[i] = child.captured()
	}
	return found
}

// capturing reads what a subrequest is to be; n is its place in the list.
func (r *Request) capturing(n int, uri, options any, at lua.Argument) *capturing {
	place := strconv.Itoa(n)
	switch uri = lua.Plain(uri); uri.(type) {
	case string, float64:
	case nil:
		at.Fail("query argument " + place + " expecting one or two arguments")
	default:
		at.Throw("string expected, got " + lua.TypeName(uri))
	}
	c := &capturing{method: "GET"}
	switch table := lua.Plain(options).(type) {
	case nil:
		r.setCaptureBody(c, nil, false, at)
	case *lua.Table:
		r.readOptions(c, table, at)
	default:
		at.Fail("expecting table as the 2nd argument for subrequest " + place + ", but got " + lua.TypeName(options))
	}
	path, args, safe := splitURI(lua.ToString(uri))
	if !safe {
		r.stream.Log(host.Error, "unsafe URI \""+lua.ToString(uri)+"\" was detected")
		at.Fail("unsafe uri in argument #1: " + lua.ToString(uri))
	}
	c.path, c.hasArgs = path, strings.Contains(lua.ToString(uri), "?")
	if args != "" && c.args != "" {
		args += "&"
	}
	c.args = args + c.args
	return c
}

// readOptions takes in the options of a subrequest, in nginx's order.
func (r *Request) readOptions(c *capturing, options *lua.Table, at lua.Argument) {
	c.args = queryOption(options.Get("args"), at)
	c.vars = varsOption(options.Get("vars"), at)
	c.share = flagOption(options, "share_all_vars", at)
	c.copy = flagOption(options, "copy_all_vars", at)
	forward := lua.Truthy(options.Get("always_forward_body"))
	method := options.Get("method")
	if _, ok := method.(float64); method != nil && !ok {
		at.Fail("Bad http request method")
	}
	ctx := options.Get("ctx")
	if _, ok := ctx.(*lua.Table); ctx != nil && !ok {
		at.Fail("Bad ctx option value type " + lua.TypeName(ctx) + ", expected a Lua table")
	}
	c.ctx, _ = ctx.(*lua.Table)
	if method != nil {
		c.method = r.methodOption(method.(float64), at)
	}
	r.setCaptureBody(c, options.Get("body"), forward, at)
	r.checkVars(c.vars, at)
}

// queryOption is the option args.
func queryOption(args lua.Value, at lua.Argument) string {
	switch args := args.(type) {
	case nil:
		return ""
	case string, float64:
		return lua.ToString(args)
	case *lua.Table:
		checkKeys(args, "args", at)
		return EncodeArgs(args, at.Place())
	}
	at.Fail("Bad args option value")
	return ""
}

// checkKeys raises an error where a key of an option's table is no string.
func checkKeys(t *lua.Table, option string, at lua.Argument) {
	for key, _, ok := t.Next(nil); ok && key != nil; key, _, ok = t.Next(key) {
		if _, isText := key.(string); !isText {
			at.Fail("attempt to use a non-string key in the \"" + option + "\" option table")
		}
	}
}

// varsOption is the option vars.
func varsOption(vars lua.Value, at lua.Argument) []variable {
	table, ok := vars.(*lua.Table)
	if !ok {
		if vars != nil {
			at.Fail("Bad vars option value")
		}
		return nil
	}
	checkKeys(table, "vars", at)
	var found []variable
	for key, value, ok := table.Next(nil); ok && key != nil; key, value, ok = table.Next(key) {
		switch value.(type) {
		case string, float64:
		default:
			at.Fail("attempt to use bad variable value type " + lua.TypeName(value))
		}
		found = append(found, variable{lua.Lower(key.(string)), lua.Some(lua.ToString(value))})
	}
	return found
}

// flagOption is an option that is true, false or not there.
func flagOption(options *lua.Table, name string, at lua.Argument) bool {
	switch value := options.Get(name).(type) {
	case nil:
		return false
	case bool:
		return value
	}
	at.Fail("Bad " + name + " option value")
	return false
}

// methodOption is the name of a method, by the constant for it.
func (r *Request) methodOption(n float64, at lua.Argument) string {
	number := lua.Int(n)
	for i, name := range methods {
		if number == 2<<i {
			return name
		}
	}
	r.stream.Log(host.Error, "unsupported HTTP method: "+strconv.Itoa(number))
	at.Fail("failed to adjust the subrequest: -1")
	return ""
}

// setCaptureBody gives a subrequest its body: the one of the options, or that of the
// request itself, if it was read.
func (r *Request) setCaptureBody(c *capturing, body lua.Value, forward bool, at lua.Argument) {
	switch body := body.(type) {
	case string, float64:
		c.body, c.hasBody = lua.ToString(body), true
	case nil:
		if forward || c.method == "POST" || c.method == "PUT" {
			c.body, c.hasBody = r.body.data, r.body.read && r.body.present
		}
	default:
		at.Fail("Bad http request body")
	}
}

// checkVars raises an error where a variable of the option vars is nginx's own.
func (r *Request) checkVars(vars []variable, at lua.Argument) {
	for _, each := range vars {
		if _, family := familyOf(each.name); builtins[each.name] != nil && each.name != "args" || family {
			r.stream.Log(host.Error, "variable \""+each.name+"\" not changeable")
			at.Fail("failed to adjust the subrequest: 500")
		}
	}
}
