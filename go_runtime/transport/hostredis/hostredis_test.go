package hostredis_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
	"snippet2wasm.internal/plugin/runtime/transport"
	"snippet2wasm.internal/plugin/runtime/transport/hostredis"
)

// gateway plays Higress's host functions.
type gateway struct {
	hosttest.Gateway
	inits    []string
	queries  []string
	initErr  error
	callErr  error
	reply    host.RedisReply
	takes    time.Duration
	timeouts []time.Duration
}

func (g *gateway) InitRedis(cluster, username, password string, timeout time.Duration) error {
	g.inits = append(g.inits, cluster+" "+username+" "+password)
	g.timeouts = append(g.timeouts, timeout)
	return g.initErr
}

func (g *gateway) CallRedis(cluster string, query []byte, done func(host.RedisReply)) error {
	if g.callErr != nil {
		return g.callErr
	}
	g.queries = append(g.queries, cluster+" "+string(query))
	g.Later(func() {
		g.Time += g.takes.Nanoseconds()
		done(g.reply)
	})
	return nil
}

// call sends GET k.
func (g *gateway) call(server transport.Server) (got transport.Answer) {
	hostredis.Transport.Call(g, &server, []string{"get", "k"}, time.Second, func(a transport.Answer) { got = a })
	g.Deliver()
	return got
}

func TestOneInitForManyCalls(t *testing.T) {
	g := &gateway{reply: host.RedisReply{Data: []byte("$1\r\nv\r\n")}, initErr: errors.New("unknown cluster")}
	server := transport.Server{Cluster: "outbound|6379||many.dns", Username: "u", Password: "p", Database: 2}
	if got := g.call(server); got.Failure != transport.Refused || got.Reason == "" {
		t.Errorf("%+v", got)
	}
	g.initErr = nil // the cluster has come up
	for range 3 {
		if got := g.call(server); got.Failure != transport.None || string(got.Reply) != "$1\r\nv\r\n" {
			t.Errorf("%+v", got)
		}
	}
	if len(g.inits) != 2 || g.inits[1] != "outbound|6379||many.dns?db=2 u p" || g.timeouts[1] != time.Second {
		t.Errorf("%q", g.inits)
	}
	if len(g.queries) != 3 || g.queries[0] != "outbound|6379||many.dns *2\r\n$3\r\nget\r\n$1\r\nk\r\n" {
		t.Errorf("%q", g.queries)
	}
}

// An init replaces the settings of a cluster: whoever comes back to it has to
// init again, or its commands would go to another's database.
func TestSettingsThatTakeTurns(t *testing.T) {
	g := &gateway{reply: host.RedisReply{Data: []byte("+OK\r\n")}}
	for _, database := range []int{1, 1, 2, 1} {
		g.call(transport.Server{Cluster: "turns", Database: database})
	}
	want := []string{"turns?db=1  ", "turns?db=2  ", "turns?db=1  "}
	if !slices.Equal(g.inits, want) {
		t.Errorf("%q, want %q", g.inits, want)
	}
}

// TestInitAfterRefusal loses a cluster and gets it back: it needs another init.
func TestInitAfterRefusal(t *testing.T) {
	g := &gateway{reply: host.RedisReply{Data: []byte("+OK\r\n")}}
	server := transport.Server{Cluster: "outbound|6379||lost.dns", Password: "p"}
	for _, err := range []error{nil, errors.New("unknown cluster"), nil} {
		g.callErr = err
		if got := g.call(server); (got.Failure == transport.None) != (err == nil) {
			t.Errorf("%+v", got)
		}
	}
	if len(g.inits) != 2 {
		t.Errorf("%q", g.inits)
	}
}

func TestFailures(t *testing.T) {
	for name, check := range map[string]struct {
		g    *gateway
		want transport.Failure
	}{
		"lost":    {&gateway{reply: host.RedisReply{Failed: true}, takes: 10 * time.Millisecond}, transport.Closed},
		"timeout": {&gateway{reply: host.RedisReply{Failed: true}, takes: time.Second}, transport.Timeout},
		"no host": {&gateway{callErr: errors.New("internal failure")}, transport.Refused},
	} {
		if got := check.g.call(transport.Server{Cluster: name}); got.Failure != check.want || got.Reason == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	var got transport.Answer
	hostredis.Transport.Call(&hosttest.Gateway{}, &transport.Server{}, []string{"get"}, time.Second, func(a transport.Answer) { got = a })
	if got.Failure != transport.Refused {
		t.Errorf("on another gateway: %+v", got)
	}
}

func TestNames(t *testing.T) {
	if got := hostredis.Transport.DefaultCluster("redis.internal", 6379); got != "outbound|6379||redis.internal" {
		t.Error(got)
	}
	server := &transport.Server{Database: 1}
	if _, ok := hostredis.Transport.Select(server, 1); !ok {
		t.Error("the configured database is refused")
	}
	if _, ok := hostredis.Transport.Select(server, 0); ok {
		t.Error("another database is accepted")
	}
}
