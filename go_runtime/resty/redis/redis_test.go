package redis_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
	"snippet2wasm.internal/plugin/runtime/internal/reference"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/resty/redis"
	"snippet2wasm.internal/plugin/runtime/transport"
	"snippet2wasm.internal/plugin/runtime/transport/hostredis"
	"snippet2wasm.internal/plugin/runtime/transport/webdis"
)

// gateway adds Higress's Redis functions to the test gateway: every command goes
// over a connection of its own to the server with the cluster's name.
type gateway struct{ *hosttest.Gateway }

// initialised has the timeouts of the clusters' connections, which last as long
// as the transport that made them: for all tests.
var initialised = map[string]time.Duration{}

// InitRedis keeps the timeout. A cluster is called "IP:port" here.
func (g *gateway) InitRedis(cluster, _, _ string, timeout time.Duration) error {
	if cluster == "unknown" {
		return errors.New("bad argument")
	}
	initialised[cluster] = timeout
	return nil
}

// CallRedis sends the command and answers later.
func (g *gateway) CallRedis(cluster string, query []byte, done func(host.RedisReply)) error {
	began := time.Now()
	data, err := exchange(cluster, query, initialised[cluster])
	g.Time += time.Since(began).Nanoseconds()
	g.Later(func() { done(host.RedisReply{Failed: err != nil, Data: data}) })
	return nil
}

// exchange sends bytes and reads one whole RESP value.
func exchange(address string, query []byte, timeout time.Duration) ([]byte, error) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(timeout))
	if _, err := connection.Write(query); err != nil {
		return nil, err
	}
	var reply bytes.Buffer
	err = readValue(bufio.NewReader(io.TeeReader(connection, &reply)), &reply)
	return reply.Bytes(), err
}

// readValue reads one value; buffered is what was read so far, cut at its end.
func readValue(r *bufio.Reader, buffered *bytes.Buffer) error {
	err := skipValue(r)
	buffered.Truncate(buffered.Len() - r.Buffered())
	return err
}

func skipValue(r *bufio.Reader) error {
	line, err := r.ReadString('\n')
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(strings.TrimSpace(line[1:]))
	switch line[0] {
	case '$':
		if n >= 0 {
			_, err = r.Discard(n + 2)
		}
	case '*':
		for ; n > 0 && err == nil; n-- {
			err = skipValue(r)
		}
	}
	return err
}

// callWebdis makes a call-out for real; a cluster is an address.
func callWebdis(cluster string, headers [][2]string, body []byte, timeout time.Duration) host.HTTPReply {
	request, err := http.NewRequest(http.MethodPost, "http://"+cluster+"/", bytes.NewReader(body))
	if err != nil {
		return host.HTTPReply{}
	}
	for _, header := range headers {
		if !strings.HasPrefix(header[0], ":") {
			request.Header.Set(header[0], header[1])
		}
	}
	response, err := (&http.Client{Timeout: timeout}).Do(request)
	var netErr net.Error
	switch {
	case errors.As(err, &netErr) && netErr.Timeout():
		return host.HTTPReply{Status: 504}
	case err != nil:
		return host.HTTPReply{Status: 503}
	}
	defer response.Body.Close()
	data, _ := io.ReadAll(response.Body)
	return host.HTTPReply{Status: response.StatusCode, Body: data}
}

// run executes a handler to its end with a transport and its servers.
func run(t *testing.T, via transport.Redis, servers map[string]*transport.Server, handler func(*ngx.Request)) *hosttest.Gateway {
	t.Helper()
	g := &gateway{&hosttest.Gateway{HTTP: callWebdis}}
	ended := false
	program := &engine.Program{
		Redis:     via,
		Configure: func([]byte) (any, []string, error) { return nil, nil, nil },
		Begin: func(s *engine.Stream, _ any) []engine.Phase {
			ngx.NewRequest(s)
			s.Place = &engine.Place{Redis: servers}
			return []engine.Phase{{Kind: engine.Rewrite, Chunk: "test", Suspends: true, Run: func(s *engine.Stream) {
				handler(s.Reader.(*ngx.Request))
				ended = true
			}}}
		},
	}
	root := engine.NewRoot(g, program)
	if !root.Configure(nil) {
		t.Fatal(g.LogText())
	}
	root.NewStream(2).OnRequestHeaders()
	g.Deliver()
	if !ended {
		t.Fatalf("the handler did not end: %s", g.LogText())
	}
	return g.Gateway
}

// call is a method call on the client, for Lua and for Go.
type call struct {
	method string
	args   []any
}

func op(method string, args ...any) call { return call{method, args} }

// hash is a table argument with string keys.
type hash []string

// null is ngx.null as an argument.
type null struct{}

// lua writes the call as Lua code that prints its results.
func (c call) lua(real map[string]string) string {
	args := make([]string, len(c.args))
	for i, arg := range c.args {
		args[i] = luaArgument(arg, real)
	}
	return "show(red:" + c.method + "(" + strings.Join(args, ", ") + "))\n"
}

func luaArgument(arg any, real map[string]string) string {
	switch arg := arg.(type) {
	case nil:
		return "nil"
	case null:
		return "ngx.null"
	case string:
		if port, ok := real[arg]; ok {
			return "'127.0.0.1', " + port
		}
		return luaString(arg)
	case hash:
		var b strings.Builder
		for i := 0; i < len(arg); i += 2 {
			b.WriteString("[" + luaString(arg[i]) + "] = " + luaString(arg[i+1]) + ", ")
		}
		return "{" + b.String() + "}"
	case float64:
		return strconv.FormatFloat(arg, 'g', 17, 64)
	default:
		return fmt.Sprint(arg)
	}
}

func luaString(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		fmt.Fprintf(&b, `\%03d`, s[i])
	}
	return "'" + b.String() + "'"
}

// do makes the call in Go.
func (c call) do(red *redis.Client) (any, lua.OptString) {
	args := make([]any, len(c.args))
	for i, arg := range c.args {
		switch arg := arg.(type) {
		case null:
			args[i] = ngx.Null
		case hash:
			table := lua.NewTable(0)
			for j := 0; j < len(arg); j += 2 {
				table.Set(arg[j], arg[j+1])
			}
			args[i] = table
		default:
			args[i] = arg
		}
	}
	switch c.method {
	case "connect":
		return red.Dial(args[0].(string), 6379)
	case "set_timeout":
		red.SetTimeout(args[0])
		return nil, lua.None
	case "close":
		return red.Close()
	case "set_keepalive":
		return red.SetKeepalive(args...)
	case "get_reused_times":
		return red.GetReusedTimes()
	case "init_pipeline":
		red.InitPipeline()
		return nil, lua.None
	case "cancel_pipeline":
		red.CancelPipeline()
		return nil, lua.None
	case "commit_pipeline":
		return red.CommitPipeline()
	case "hmset":
		return red.HMSet(args...)
	case "array_to_hash":
		return red.ArrayToHash(args[0]), lua.None
	case "select":
		return red.Select(args...)
	case "auth":
		return red.Auth(args...)
	default:
		return red.Do(c.method, args...)
	}
}

// show writes a value as the Lua side does.
func show(v any) string {
	switch v := lua.Plain(v).(type) {
	case string:
		return strconv.QuoteToASCII(fmt.Sprintf("%x", v))
	case *lua.Table:
		var parts []string
		for key, value, _ := v.Next(nil); key != nil; key, value, _ = v.Next(key) {
			parts = append(parts, show(key)+"="+show(value))
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, ",") + "}"
	default:
		return lua.ToString(v)
	}
}

const showInLua = `
local function text(v)
  if type(v) == "string" then
    return '"' .. v:gsub('.', function(c) return ('%02x'):format(c:byte()) end) .. '"'
  elseif type(v) == "table" then
    local parts = {}
    for key, value in pairs(v) do parts[#parts + 1] = text(key) .. "=" .. text(value) end
    table.sort(parts)
    return "{" .. table.concat(parts, ",") .. "}"
  end
  return tostring(v)
end
local function show(a, b) ngx.say(text(a), " ", text(b)) end
local red = require("resty.redis"):new()
`

// scripts are sequences of calls. "up" is the real Redis, "down" a port that
// refuses, "hole" a server that never answers.
var scripts = map[string][]call{
	"unconnected": {
		op("get", "x"), op("close"), op("set_keepalive", 1000, 10), op("get_reused_times"), op("commit_pipeline"),
		op("init_pipeline"), op("get", "x"), op("commit_pipeline"), op("commit_pipeline"), op("cancel_pipeline"),
	},
	"refused": {op("connect", "down"), op("get", "x"), op("get", "x"), op("close"), op("connect", "up"), op("set", "k", "v"), op("close")},
	"closing": {
		op("connect", "up"), op("get_reused_times"), op("close"), op("close"), op("get", "x"), op("connect", "up"),
		op("set_keepalive", 10000, 10), op("get", "x"), op("close"), op("set_keepalive", 1000, 10), op("get_reused_times"),
	},
	"values": {
		op("connect", "up"), op("set", "k", 1.5), op("get", "k"), op("get", "none"), op("set", "k", true), op("get", "k"),
		op("set", "k", null{}), op("get", "k"), op("set", "k", 1e15), op("get", "k"), op("set", "k", 300), op("get", "k"),
		op("set", "", ""), op("get", ""), op("set", "bin\x00\xff/.%?&#+ \r\n", "\x00\x01\xfe\r\n./%"), op("get", "bin\x00\xff/.%?&#+ \r\n"),
		op("set", "dot", "v.json"), op("get", "dot"), op("set", "dot", ".raw"), op("get", "dot"), op("strlen", "dot"),
		op("set", "7", "x"), op("get", "7"), op("SETEX", "u", 10, "1"), op("getset", "k", "new"), op("echo", strings.Repeat("e", 1<<20)),
		op("append", "k", "\x00"), op("get", "k"), op("type", "k"), op("exists", "k", "none"), op("del", "none"),
	},
	"nil arguments": {
		op("connect", "up"), op("set", "a", "1"), op("get", nil), op("get", "a", nil), op("get", "a", nil, "b"), op("mget", "a", "b", nil, "c"),
		op("mget", "a", nil, nil, "c"), op("mget", nil, "a"), op("mget", "a", "b", "c", nil, "e"), op("mget", "a", "b", "c", "d", nil, nil, "e"),
	},
	"errors": {
		op("connect", "up"), op("set", "k", "text"), op("incr", "k"), op("nosuch", "a"), op("get"), op("lpush", "k", "x"),
		op("eval", "return redis.error_reply('ERR boo')", 0), op("hmset", "h"), op("auth", "x"),
	},
	"numbers": {
		op("connect", "up"), op("set", "n", "9007199254740993"), op("incr", "n"), op("incrby", "n", 10), op("decr", "n"),
		op("set", "n", "3000000000"), op("incr", "n"), op("incrby", "n", "4294967296"), op("set", "n", "-5000000000"), op("decrby", "n", 1),
		op("hincrby", "h", "f", "123456789012345"), op("incrbyfloat", "f", "1.5"), op("pexpire", "n", "10000000000"), op("llen", "none"),
	},
	"arrays": {
		op("connect", "up"), op("rpush", "l", "a", "", "\xff\x00"), op("lrange", "l", 0, -1), op("lrange", "none", 0, -1), op("lpop", "none", 3),
		op("lpos", "l", "a", "count", 0), op("set", "a", "1"), op("mget", "a", "none", "a"), op("mget", "none"), op("hmget", "none", "x", "y"), op("mget"),
		op("zadd", "z", 1.5, "m", 2, "n"), op("zrange", "z", 0, -1, "withscores"), op("zscore", "z", "m"), op("zmscore", "z", "m", "nope"),
		op("sadd", "s", "one"), op("smismember", "s", "one", "two"), op("scan", 0, "match", "l"), op("sscan", "s", 0), op("geoadd", "g", 13.5, 38.5, "p"),
		op("geopos", "g", "p", "none"), op("geohash", "g", "p", "none"), op("xadd", "x", "1-1", "f", "v"), op("xrange", "x", "-", "+"), op("xlen", "x"),
		op("xread", "streams", "x", "0"), op("xread", "streams", "x", "9"), op("bitfield", "b", "incrby", "u8", 0, 7, "get", "u8", 0), op("incr", "s"),
		op("hset", "h", "a", "1"), op("hgetall", "h"), op("hkeys", "none"), op("object", "encoding", "a"), op("config", "get", "maxmemory"), op("sort", "l", "alpha"),
		op("srandmember", "s", 2), op("zpopmin", "z"), op("keys", "nothing*"), op("lcs", "a", "a", "idx"), op("xinfo", "groups", "x"), op("pttl", "a"),
		op("dbsize"), op("xrange", "a", "-", "+"), op("zmpop", 1, "none", "min"), op("getrange", "a", 0, 0),
	},
	"eval": {
		op("connect", "up"), op("eval", "return {1,{2,'x',false,redis.error_reply('ERR boo')},redis.status_reply('OK'),{},'7'}", 0),
		op("eval", "return false", 0), op("eval", "return true", 0), op("eval", "return nil", 0), op("eval", "return 3.99", 0), op("eval", "return -3.99", 0),
		op("eval", "return {1,2,nil,4}", 0), op("eval", "return {a=1}", 0), op("eval", "return {KEYS[1],ARGV[1],#KEYS,#ARGV}", 1, "k", "\xff\x00"), op("eval", "", 0),
		op("eval", "-- comment\nreturn 1 -- end", 0), op("eval", "return 1; -- x", 0), op("eval", "local x = redis.call('set', KEYS[1], ARGV[1]) return x", 1, "k", "v"),
		op("eval", "return redis.call('mget', 'k', 'none')", 0), op("eval", "return {ok='FINE'}", 0), op("eval", "return {err='ERR custom'}", 0), op("eval", "return 9007199254740993", 0),
		op("eval", "return 2^40", 0), op("eval", "return {2^40, -2^40}", 0), op("eval_ro", "return {1,'a'}", 0), op("eval", "return redis.call('set', 'k')", 0), op("eval", "return 1"),
	},
	"pipeline": {
		op("connect", "up"), op("init_pipeline"), op("set", "p", 1), op("incr", "p"), op("lpush", "p", "x"), op("mget", "p", "none"), op("commit_pipeline"),
		op("init_pipeline"), op("commit_pipeline"), op("init_pipeline", 4), op("get", "p"), op("cancel_pipeline"), op("get", "p"),
		op("init_pipeline"), op("get", "p"), op("init_pipeline"), op("get", "none"), op("commit_pipeline"), op("commit_pipeline"),
	},
	"hashes": {
		op("connect", "up"), op("hmset", "h", hash{"a", "1"}), op("hmset", "h", "b", 2, "c", "d"), op("hmset", "h", hash{}), op("hgetall", "h"), op("hmset", "h"),
		op("array_to_hash", hash{}),
	},
	"select": {
		op("connect", "up"), op("select", 3), op("set", "in3", "x"), op("get", "in3"), op("select", 0), op("get", "in3"), op("select", "abc"), op("select"),
		op("select", 3), op("mget", "in3", "none"), op("incr", "in3"), op("close"), op("connect", "up"), op("select", 0), op("get", "in3"),
	},
	"timeout": {
		op("set_timeout", 80), op("connect", "up"), op("set", "k", "v"), op("eval", slowScript, 0), op("get", "k"), op("close"),
	},
}

// slowScript keeps Redis busy for 200 ms.
const slowScript = `local function now() local t = redis.call('time') return t[1] * 1000000 + t[2] end
local began = now() while now() - began < 200000 do end return 1`

// onlyWebdis names the scripts that Higress's shared connection cannot do.
var onlyWebdis = map[string]bool{"select": true}

func TestLikeNginx(t *testing.T) {
	nginx, port := reference.StartNginx(t, ""), reference.Redis(t)
	webdisPort, deadWebdis := reference.Webdis(t, port), reference.Webdis(t, 1)
	local := func(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
	transports := map[string]struct {
		via     transport.Redis
		servers map[string]*transport.Server
	}{
		"webdis": {webdis.Transport, map[string]*transport.Server{
			"up:6379": {Cluster: local(webdisPort)}, "down:6379": {Cluster: local(deadWebdis)},
		}},
		"hostredis": {hostredis.Transport, map[string]*transport.Server{
			"up:6379": {Cluster: local(port)}, "down:6379": {Cluster: "127.0.0.1:1"},
		}},
	}
	real := map[string]string{"up": strconv.Itoa(port), "down": "1"}
	for name, script := range scripts {
		flush(t, port)
		code := showInLua
		for _, c := range script {
			code += c.lua(real)
		}
		want := strings.Split(strings.TrimSuffix(nginx.Run(code), "\n"), "\n")
		for transportName, through := range transports {
			if onlyWebdis[name] && transportName != "webdis" {
				continue
			}
			servers := through.servers
			if name == "timeout" && transportName == "hostredis" {
				// The first command on a connection decides about its timeout.
				servers = map[string]*transport.Server{"up:6379": {Cluster: "localhost:" + strconv.Itoa(port)}}
			}
			t.Run(name+" through "+transportName, func(t *testing.T) {
				flush(t, port)
				play(t, through.via, servers, script, want)
			})
		}
	}
}

// TestTimeoutValues compares which timeouts raise nginx's error.
func TestTimeoutValues(t *testing.T) {
	nginx := reference.StartNginx(t, "")
	values := []any{0, 0.5, -0.5, -1, 1.9, 2147483647.9, 2147483648.0, 1e10, 1e19, math.NaN(), math.Inf(1), math.Inf(-1), "100", "-1", "x", true, nil}
	code := "local red = require('resty.redis'):new()\nlocal nan, inf = 0/0, 1/0\nlocal function try(ms) local _, e = pcall(red.set_timeout, red, ms) ngx.say(tostring(e)) end\n"
	for _, value := range values {
		text := luaArgument(value, nil)
		code += "try(" + strings.NewReplacer("NaN", "nan", "+Inf", "inf", "-Inf", "-inf").Replace(text) + ")\n"
	}
	for i, want := range strings.Split(strings.TrimSuffix(nginx.Run(code), "\n"), "\n") {
		if got := errorOf(func() { redis.New(nil).SetTimeout(values[i]) }); got != want {
			t.Errorf("set_timeout(%v): %s, nginx: %s", values[i], got, want)
		}
		for at := range 3 {
			all := []any{1, 1, 1}
			all[at] = values[i]
			if got := errorOf(func() { redis.New(nil).SetTimeouts(all[:]...) }); got != want {
				t.Errorf("set_timeouts(%v): %s, nginx: %s", all, got, want)
			}
		}
	}
}

// errorOf is the text of the Lua error that f raises, "nil" for none.
func errorOf(f func()) (text string) {
	defer func() {
		if err, raised := recover().(*lua.Error); raised {
			text = err.Error()
		}
	}()
	f()
	return "nil"
}

// play makes the calls in Go and compares their results.
func play(t *testing.T, via transport.Redis, servers map[string]*transport.Server, script []call, want []string) {
	t.Helper()
	var got []string
	run(t, via, servers, func(r *ngx.Request) {
		red := redis.New(r)
		for _, c := range script {
			reply, err := c.do(red)
			got = append(got, show(reply)+" "+show(err))
		}
	})
	for i, c := range script {
		if withoutDigest(got[i]) != withoutDigest(want[i]) {
			t.Errorf("%.200s\n  gives %.300s\n  nginx %.300s", fmt.Sprint(c.method, c.args), got[i], want[i])
		}
	}
}

// withoutDigest drops the digest of a script from Redis's own errors: the
// script that Webdis sends is another one.
func withoutDigest(line string) string {
	const mark = "207363726970743a20" // " script: "
	at := strings.Index(line, mark)
	if at < 0 {
		return line
	}
	const digest = 2 * 40
	return line[:at+len(mark)] + line[at+len(mark)+digest:]
}

// flush empties every database of a Redis.
func flush(t *testing.T, port int) {
	t.Helper()
	if _, err := exchange(net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), []byte("*1\r\n$8\r\nflushall\r\n"), 5*time.Second); err != nil {
		t.Fatal(err)
	}
}
