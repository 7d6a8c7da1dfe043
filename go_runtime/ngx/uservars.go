package ngx

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// variable is one that `set` or a bindings file declares: nil once nil was
// assigned to it.
type variable struct {
	name  string
	value lua.OptString
}

// Set is `set $name value;`, which also declares the variable.
func (r *Request) Set(name, value string) {
	if v := r.declared(name); v != nil {
		v.value = lua.Some(value)
		return
	}
	holder := r.holder()
	holder.variables = append(holder.variables, variable{name, lua.Some(value)})
}

// holder is the request that the variables are kept with.
func (r *Request) holder() *Request {
	for r.shares != nil {
		r = r.shares
	}
	return r
}

// declared finds a variable by its name in lower case, nil if there is none.
func (r *Request) declared(name string) *variable {
	holder := r.holder()
	for i := range holder.variables {
		if holder.variables[i].name == name {
			return &holder.variables[i]
		}
	}
	return nil
}

// Var is ngx.var.NAME for a variable that the configuration declares; name is in
// lower case. It is empty before its directive has run.
func (r *Request) Var(name string) (string, bool) {
	if v := r.declared(name); v != nil {
		return v.value.Get()
	}
	return "", true
}

// Value is $NAME in a directive, for a variable that the configuration declares: empty
// without a value.
func (r *Request) Value(name string) string {
	value, _ := r.Var(name)
	return value
}

// VarIfSet is Var for a variable that no directive gives a value but one that may not
// run: it is absent before.
func (r *Request) VarIfSet(name string) (string, bool) {
	if v := r.declared(name); v != nil {
		return v.value.Get()
	}
	return "", false
}

// SetVar is ngx.var.NAME = value for a variable that `set` declares: nil takes
// its value away, everything else becomes text.
func (r *Request) SetVar(name string, value any) {
	v := r.declared(name)
	if v == nil {
		r.Set(name, "")
		v = r.declared(name)
	}
	v.value = optionalText(value)
}

// optionalText is what ngx.var makes of a value that is assigned.
func optionalText(value any) lua.OptString {
	if value = lua.Plain(value); value == nil {
		return lua.None
	}
	return lua.Some(lua.ToString(value))
}

// SetArgs is ngx.var.args = value: the query string of the request to the
// upstream, as it is.
func (r *Request) SetArgs(value any) {
	text, ok := optionalText(value).Get()
	r.locate().args, r.located.hasArgs = text, ok
	r.retarget()
}

// VariableOf is ngx.var[key] for a key that is known only now. Names that nginx
// does not know are nil. Numbers are the captures of the last regular expression
// of a directive.
func (r *Request) VariableOf(key any, at lua.Operand) (string, bool) {
	name, ok := lua.Plain(key).(string)
	if !ok {
		n, number := lua.Plain(key).(float64)
		if !number {
			lua.Throw("bad variable name", at)
		}
		if i := lua.Int(n); i > 0 && i < len(r.captures) {
			return r.captures[i], true
		}
		return "", false
	}
	name = lua.Lower(name)
	if v := r.declared(name); v != nil {
		return v.value.Get()
	}
	if read := builtins[name]; read != nil {
		return read(r)
	}
	for _, family := range families {
		if part, ok := strings.CutPrefix(name, family.prefix); ok {
			if part == "" {
				return "", false
			}
			return family.read(r, part)
		}
	}
	if strings.Contains(unknowable, " "+name+" ") || strings.HasPrefix(name, "ssl_") || strings.HasPrefix(name, "upstream_") {
		r.stream.Refuse("a plugin does not know $" + name)
	}
	return "", false
}

// SetVariableOf is ngx.var[key] = value for a key that is known only now.
func (r *Request) SetVariableOf(key, value any, at lua.Operand) {
	name, ok := lua.Plain(key).(string)
	if !ok {
		lua.Throw("bad variable name", at)
	}
	lower := lua.Lower(name)
	switch v := r.declared(lower); {
	case v != nil:
		v.value = optionalText(value)
	case lower == "args":
		r.SetArgs(value)
	case lower == "limit_rate":
		r.stream.Refuse("a plugin can't set $limit_rate")
	default:
		_, family := familyOf(lower)
		throwNotWritable(lower, (builtins[lower] != nil || family) && !dynamicOnly(lower), at)
	}
}

// dynamicOnly reports whether nginx knows a variable by its prefix alone: those
// can't be written because they are not found.
func dynamicOnly(name string) bool {
	switch name {
	case "http_host", "http_user_agent", "http_referer", "http_via", "http_x_forwarded_for", "http_cookie":
		return false
	}
	_, family := familyOf(name)
	return family
}

// familyOf is the family of variables that a name belongs to.
func familyOf(name string) (prefix string, ok bool) {
	for _, family := range families {
		if strings.HasPrefix(name, family.prefix) {
			return family.prefix, true
		}
	}
	return "", false
}

// ThrowNotChangeable raises nginx's error about an assignment to a variable of
// nginx's own.
func ThrowNotChangeable(name string, at lua.Operand) { throwNotWritable(name, true, at) }

// throwNotWritable raises nginx's error about an assignment to a variable.
func throwNotWritable(name string, exists bool, at lua.Operand) {
	if exists {
		lua.Throw("variable \""+name+"\" not changeable", at)
	}
	lua.Throw("variable \""+name+"\" not found for writing; maybe it is a built-in variable that is not changeable"+
		" or you forgot to use \"set $"+name+" '';\" in the config file to define it first", at)
}

// families are the variables that are known by the beginnings of their names.
var families = []struct {
	prefix string
	read   func(*Request, string) (string, bool)
}{
	{"arg_", (*Request).Arg},
	{"http_", (*Request).HTTPHeader},
	{"cookie_", (*Request).Cookie},
	{"sent_http_", (*Request).SentHeader},
	{"upstream_http_", (*Request).UpstreamHeader},
	{"upstream_cookie_", (*Request).UpstreamCookie},
}

// builtins are the variables that have names of their own.
var builtins = map[string]func(*Request) (string, bool){
	"args":                       (*Request).QueryString,
	"query_string":               (*Request).QueryString,
	"content_type":               (*Request).ContentType,
	"upstream_status":            (*Request).UpstreamStatus,
	"upstream_addr":              (*Request).UpstreamAddr,
	"upstream_response_time":     (*Request).UpstreamResponseTime,
	"status":                     always((*Request).ResponseStatus),
	"body_bytes_sent":            always((*Request).BodyBytesSent),
	"content_length":             (*Request).ContentLength,
	"ssl_protocol":               (*Request).SSLProtocol,
	"ssl_server_name":            (*Request).SSLServerName,
	"ssl_client_verify":          (*Request).SSLClientVerify,
	"ssl_client_s_dn":            (*Request).SSLClientSubject,
	"request_body_file":          (*Request).Absent,
	"upstream_cache_status":      (*Request).Absent,
	"proxy_protocol_addr":        (*Request).Absent,
	"proxy_protocol_port":        (*Request).Absent,
	"proxy_protocol_server_addr": (*Request).Absent,
	"proxy_protocol_server_port": (*Request).Absent,
	"nginx_version":              always((*Request).NginxVersion),
	"pipe":                       always((*Request).Pipe),
	"hostname":                   always((*Request).Hostname),
	"connection":                 always((*Request).Connection),
	"realip_remote_addr":         always((*Request).RealIPRemoteAddr),
	"realip_remote_port":         always((*Request).RemotePort),
	"request_length":             always((*Request).RequestLength),
	"request_completion":         always((*Request).RequestCompletion),
	"bytes_sent":                 always((*Request).BytesSent),
	"http2":                      always((*Request).HTTP2),
	"limit_req_status":           (*Request).LimitReqStatus,
	"limit_conn_status":          (*Request).LimitConnStatus,
	"request_body":               (*Request).RequestBody,
	"remote_user":                (*Request).RemoteUser,
	"request_method":             always((*Request).RequestMethod),
	"request_uri":                always((*Request).RequestURI),
	"uri":                        always((*Request).URI),
	"document_uri":               always((*Request).URI),
	"host":                       always((*Request).Host),
	"scheme":                     always((*Request).Scheme),
	"is_args":                    always((*Request).IsArgs),
	"remote_addr":                always((*Request).RemoteAddr),
	"binary_remote_addr":         always((*Request).BinaryRemoteAddr),
	"remote_port":                always((*Request).RemotePort),
	"server_addr":                always((*Request).ServerAddr),
	"server_port":                always((*Request).ServerPort),
	"server_protocol":            always((*Request).ServerProtocol),
	"request":                    always((*Request).RequestLine),
	"https":                      always((*Request).HTTPS),
	"request_id":                 always((*Request).RequestID),
	"request_time":               always((*Request).RequestTime),
	"msec":                       always((*Request).Msec),
	"time_iso8601":               always((*Request).TimeISO8601),
	"time_local":                 always((*Request).TimeLocal),
	"date_gmt":                   always((*Request).DateGMT),
	"date_local":                 always((*Request).DateLocal),
}

// always makes a variable of one that is never absent.
func always(read func(*Request) string) func(*Request) (string, bool) {
	return func(r *Request) (string, bool) { return read(r), true }
}

// unknowable are nginx's variables, between blanks, that a plugin can't tell:
// nil would be wrong for them.
const unknowable = " balancer_ewma_score best_http_host connection_upgrade full_x_forwarded_for literal_dollar" +
	" pass_access_scheme pass_port pass_server_port proxy_alternative_upstream_name req_id the_real_ip" +
	" connection_requests connection_time document_root gzip_ratio limit_rate pid proxy_host" +
	" proxy_port realpath_root request_filename" +
	" server_name tcpinfo_rcv_space tcpinfo_rtt tcpinfo_rttvar tcpinfo_snd_cwnd uid_got uid_reset uid_set "
