package ngx

import (
	"math"
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// The levels of ngx.log.
const (
	STDERR = 0
	EMERG  = 1
	ALERT  = 2
	CRIT   = 3
	ERR    = 4
	WARN   = 5
	NOTICE = 6
	INFO   = 7
	DEBUG  = 8
)

// levels are the gateway's levels for those of ngx.log.
var levels = [...]host.Level{
	STDERR: host.Critical, EMERG: host.Critical, ALERT: host.Critical, CRIT: host.Critical,
	ERR: host.Error, WARN: host.Warn, NOTICE: host.Info, INFO: host.Info, DEBUG: host.Debug,
}

// maxLogText is where a message is cut. nginx cuts the whole line at 2048
// bytes; what is in front of the message there (time, process, connection)
// takes 40 to 50.
const maxLogText = 2000

// Log is ngx.log(level, parts...) in the handler itself; line is the line inside
// of its chunk.
func (r *Request) Log(line, level int, parts ...any) {
	checkLevel(level, lua.Operand{Line: line})
	r.write("log", r.here(line), lua.Operand{Line: line}, level, parts)
}

// LogIn is Log in a function: where is the whole position,
// "init_by_lua(nginx.conf:3):5: aes_decrypt(): ".
func (r *Request) LogIn(where string, level int, parts ...any) {
	at := operandOf(where)
	checkLevel(level, at)
	r.write("log", where, at, level, parts)
}

// LogPrint is Lua's print(parts...) in the handler itself: nginx writes a line of
// the level notice.
func (r *Request) LogPrint(line int, parts ...any) {
	r.write("print", r.here(line), lua.Operand{Line: line}, NOTICE, parts)
}

// LogPrintIn is LogPrint in a function, as LogIn.
func (r *Request) LogPrintIn(where string, parts ...any) {
	r.write("print", where, operandOf(where), NOTICE, parts)
}

// here is the position of a line of the handler.
func (r *Request) here(line int) string { return r.stream.Chunk() + ":" + strconv.Itoa(line) + ": " }

// checkLevel raises the error about a level that there is not.
func checkLevel(level int, at lua.Operand) {
	if level < STDERR || level > DEBUG {
		lua.Throw("bad argument #1 to 'log' (bad log level: "+strconv.Itoa(level)+")", at)
	}
}

// write composes the line and sends it to the gateway's log; function is the one
// that was called.
func (r *Request) write(function, where string, at lua.Operand, level int, parts []any) {
	var b strings.Builder
	b.WriteString("[lua] ")
	b.WriteString(where)
	for i, part := range parts {
		b.WriteString(logText(function, part, i+1, at))
	}
	text := b.String()
	if len(text) > maxLogText {
		text = text[:maxLogText]
	}
	r.stream.Log(levels[level], text)
}

// logText is what a function writes for one argument, the n-th that is written.
func logText(function string, part any, n int, at lua.Operand) string {
	switch v := lua.Plain(part).(type) {
	case nil, bool, string:
		return lua.ToString(v)
	case float64:
		return logNumber(v)
	case *lua.LightUserdata:
		if v == lua.Null {
			return "null"
		}
		return badLogArgument(function, n, "string, number, boolean, or nil expected, got userdata", at)
	case *lua.Table:
		if text, ok := lua.Described(v); ok {
			return text
		}
		return badLogArgument(function, n, "expected table to have __tostring metamethod", at)
	default:
		return badLogArgument(function, n, "string, number, boolean, or nil expected, got "+lua.TypeName(v), at)
	}
}

// badLogArgument raises the error about the n-th argument.
func badLogArgument(function string, n int, what string, at lua.Operand) string {
	lua.Throw("bad argument #"+strconv.Itoa(n)+" to '"+function+"' ("+what+")", at)
	return ""
}

// logNumber is tostring(n), but ngx.log does not know -0, shows the sign that the
// processor gave to a NaN, and lets C round.
func logNumber(n float64) string {
	switch {
	case n == 0:
		return "0"
	case math.IsNaN(n) && math.Signbit(n):
		return "-nan"
	case math.IsNaN(n), math.IsInf(n, 0), n == math.Trunc(n) && math.Abs(n) < 1e14:
		return lua.FormatNumber(n)
	default:
		return lua.FormatInC(n)
	}
}

// operandOf takes chunk and line out of a position "chunk:line: function(): ".
func operandOf(where string) lua.Operand {
	position, _, _ := strings.Cut(where, ": ")
	colon := strings.LastIndexByte(position, ':')
	if colon < 0 {
		return lua.Operand{}
	}
	line, _ := strconv.Atoi(position[colon+1:])
	return lua.Operand{Chunk: position[:colon], Line: line}
}
