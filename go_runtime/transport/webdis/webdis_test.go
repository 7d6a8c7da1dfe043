package webdis

import (
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
	"snippet2wasm.internal/plugin/runtime/transport"
)

// call sends a command to a Webdis that answers with reply.
func call(server transport.Server, reply host.HTTPReply, command ...string) (sent string, headers [][2]string, got transport.Answer) {
	gateway := &hosttest.Gateway{HTTP: func(_ string, h [][2]string, body []byte, _ time.Duration) host.HTTPReply {
		sent, headers = string(body), h
		return reply
	}}
	Transport.Call(gateway, &server, command, time.Second, func(a transport.Answer) { got = a })
	gateway.Deliver()
	return sent, headers, got
}

func TestBody(t *testing.T) {
	for _, check := range []struct {
		server  transport.Server
		command []string
		want    string
	}{
		{transport.Server{}, []string{"get", "k"}, "get/k.raw"},
		{transport.Server{Database: 3}, []string{"get", "k"}, "3/get/k.raw"},
		{transport.Server{}, []string{"set", "", ""}, "set//.raw"},
		{transport.Server{}, []string{"set", "a/b.c?d%\x00\xff", "v_1-2.raw"}, "set/a%2Fb%2Ec%3Fd%25%00%FF/v_1-2%2Eraw.raw"},
		{transport.Server{}, []string{"xinfo_ro"}, "xinfo_ro.raw"},
	} {
		if sent, _, _ := call(check.server, host.HTTPReply{}, check.command...); sent != check.want {
			t.Errorf("%q: %q, want %q", check.command, sent, check.want)
		}
	}
}

func TestCredentials(t *testing.T) {
	for _, server := range []transport.Server{{}, {Username: "u", Password: "p"}} {
		_, headers, _ := call(server, host.HTTPReply{}, "ping")
		found := ""
		for _, header := range headers {
			if header[0] == "authorization" {
				found = header[1]
			}
		}
		if want := map[string]string{"": "", "p": "Basic dTpw"}[server.Password]; found != want {
			t.Errorf("%+v: %q, want %q", server, found, want)
		}
	}
}

func TestAnswers(t *testing.T) {
	for _, check := range []struct {
		reply   host.HTTPReply
		command string
		failure transport.Failure
		want    string
	}{
		{host.HTTPReply{Status: 200, Body: []byte("+OK\r\n")}, "set", transport.None, "+OK\r\n"},
		{host.HTTPReply{Status: 200, Body: []byte("*1\r\n$1\r\na\r\n")}, "lrange", transport.None, "*1\r\n$1\r\na\r\n"},
		{host.HTTPReply{Status: 200, Body: []byte("*1\r\n$1\r\n1\r\n")}, "evalsha", transport.Closed, ""},
		{host.HTTPReply{Status: 200, Body: []byte("*1\r\n$1\r\n1\r\n")}, "unheard-of", transport.Closed, ""},
		{host.HTTPReply{Status: 200, Body: []byte("$9\r\n*1\r\n$-1\r\n\r\n")}, "mget", transport.None, "*1\r\n$-1\r\n"},
		{host.HTTPReply{Status: 200, Body: []byte("-ERR x\r\n")}, "mget", transport.None, "-ERR x\r\n"},
		{host.HTTPReply{Status: 200, Body: []byte("$99\r\nshort")}, "mget", transport.None, "$99\r\nshort"},
		{host.HTTPReply{Status: 503}, "get", transport.Refused, ""},
		{host.HTTPReply{Status: 504}, "get", transport.Timeout, ""},
		{host.HTTPReply{Status: 403}, "debug", transport.Closed, ""},
		{host.HTTPReply{Status: 500}, "get", transport.Closed, ""},
		{host.HTTPReply{}, "get", transport.Closed, ""},
	} {
		_, _, got := call(transport.Server{}, check.reply, check.command, "x")
		if got.Failure != check.failure || string(got.Reply) != check.want || (got.Reason == "") != (got.Failure == transport.None) {
			t.Errorf("%s, %d %q: %+v", check.command, check.reply.Status, check.reply.Body, got)
		}
	}
}

func TestUnknownCluster(t *testing.T) {
	var got transport.Answer
	Transport.Call(&hosttest.Gateway{}, &transport.Server{Cluster: "c"}, []string{"get", "k"}, time.Second, func(a transport.Answer) { got = a })
	if got.Failure != transport.Refused || !strings.Contains(got.Reason, "cluster c takes no call") {
		t.Errorf("%+v", got)
	}
}

// TestTimeoutWithinAnswer breaks an answer off when the time is over: that is a
// timeout, too, and earlier it is a broken connection.
func TestTimeoutWithinAnswer(t *testing.T) {
	for took, want := range map[time.Duration]transport.Failure{time.Second: transport.Timeout, time.Second - 1: transport.Closed} {
		var got transport.Answer
		gateway := &hosttest.Gateway{HTTP: func(string, [][2]string, []byte, time.Duration) host.HTTPReply { return host.HTTPReply{} }}
		Transport.Call(gateway, &transport.Server{}, []string{"get", "k"}, time.Second, func(a transport.Answer) { got = a })
		gateway.Time += took.Nanoseconds()
		gateway.Deliver()
		if got.Failure != want {
			t.Errorf("after %v: %+v", took, got)
		}
	}
}

// FuzzBody reads commands back out of what is sent for them.
func FuzzBody(f *testing.F) {
	f.Add("set", "", "a/b.raw", 0)
	f.Add("get", "%2F\x00\xff", "?&#+ ;", 7)
	f.Fuzz(func(t *testing.T, command, first, second string, database int) {
		want := []string{command, first, second}
		if database = max(0, database); database != 0 {
			want = append([]string{strconv.Itoa(database)}, want...)
		}
		sent, _ := strings.CutSuffix(string(body(&transport.Server{Database: database}, []string{command, first, second})), ".raw")
		if strings.ContainsAny(sent, ". ?#&\r\n") {
			t.Errorf("%q: %q", want, sent)
		}
		for i, part := range strings.Split(sent, "/") {
			if got, err := url.PathUnescape(part); err != nil || i >= len(want) || got != want[i] {
				t.Errorf("%q: %q, %v", want, sent, err)
			}
		}
	})
}

// FuzzUnwrap takes answers out of any bytes.
func FuzzUnwrap(f *testing.F) {
	f.Add([]byte("$9\r\n*1\r\n$-1\r\n\r\n"))
	f.Add([]byte("$31\r\n-ERR Wrong number of args calling\r\n"))
	f.Fuzz(func(_ *testing.T, raw []byte) { unwrap([]string{"mget", "k"}, raw) })
}

// TestHostileAnswers feeds random bytes that look like RESP.
func TestHostileAnswers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	const alphabet = "+-:$*019\r\nax"
	for range 100000 {
		raw := make([]byte, random.IntN(20))
		for i := range raw {
			raw[i] = alphabet[random.IntN(len(alphabet))]
		}
		for _, command := range []string{"mget", "get"} {
			call(transport.Server{}, host.HTTPReply{Status: 200, Body: raw}, command, "x")
		}
	}
}

func TestWrap(t *testing.T) {
	for command, want := range map[string]bool{"MGET k": true, "get k": false, "eval #!lua 0": false, "eval return 0": true, "eval x": false} {
		if _, isWrapped := wrap(strings.Fields(command)); isWrapped != want {
			t.Errorf("%s: wrapped %v", command, isWrapped)
		}
	}
}
