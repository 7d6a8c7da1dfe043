package higress

import (
	"slices"
	"strings"
	"testing"
)

// replies is a snippet that shows what Redis said; see data/replies.lua.
const replies = "REPLIES_WASM"

// TestInterleaved has two requests wait at the same time, on one connection.
// Each is told its own answer.
func TestInterleaved(t *testing.T) {
	redis := newRedis(t)
	redis.do("MSET", "value:a", "one", "value:b", "two")
	g := configured(t, replies, "")
	a, b := g.get("/?key=a"), g.get("/?key=b")
	first := g.calls()
	if len(first) != 2 {
		t.Fatalf("%d calls wait, want 2", len(first))
	}
	for _, call := range first { // as on the gateway's one connection: all sent, then answered in order
		redis.send(call.query)
	}

	g.answer(first[0], redis.receive())
	wantLog(t, g.host.GetErrorLogs(), readLine("a is one"))
	second := g.calls()[1]
	redis.send(second.query) // behind b's, which is still to be answered
	a.want("held")
	b.want("held")

	g.answer(first[1], redis.receive())
	wantLog(t, g.host.GetErrorLogs(), readLine("a is one"), readLine("b is two"))
	g.answer(second, redis.receive())
	a.want("passed")
	b.want("held")
	last := g.onlyCall()
	g.answer(last, redis.forward(last))
	b.want("passed")
	for _, key := range []string{"reads:a", "reads:b"} {
		if got := redis.do("GET", key); got != "$1\r\n1\r\n" {
			t.Errorf("%s is %q, want 1", key, got)
		}
	}
}

// TestReversed answers the later request first, as two servers may.
func TestReversed(t *testing.T) {
	redis := newRedis(t)
	redis.do("MSET", "value:a", "one", "value:b", "two")
	g := configured(t, replies, "")
	requests := []*stream{g.get("/?key=a"), g.get("/?key=b")}
	for range 2 { // the reads, then the counts
		waiting := g.calls()
		slices.Reverse(waiting)
		for _, call := range waiting {
			g.answer(call, redis.forward(call))
		}
	}
	wantLog(t, g.host.GetErrorLogs(), readLine("b is two"), readLine("a is one"))
	for _, request := range requests {
		request.want("passed")
	}
}

// readLine is what the snippet logs in its line 13.
func readLine(text string) string { return "[lua] access_by_lua(replies.lua:1):13: " + text }

// failureLine is what the snippet logs in its line 7.
func failureLine(text string) string { return "[lua] access_by_lua(replies.lua:1):7: " + text }

func TestNull(t *testing.T) {
	redis := newRedis(t)
	g := configured(t, replies, "")
	request := g.get("/?key=absent")
	call := g.onlyCall()
	g.answer(call, redis.forward(call))
	request.wantStatus(404)
}

func TestBinaryValue(t *testing.T) {
	redis := newRedis(t)
	value := "\x00\r\n$-1\r\n\xff"
	redis.do("SET", "value:k", value)
	g := configured(t, replies, "")
	request := g.get("/?key=k")
	call := g.onlyCall()
	g.answer(call, redis.forward(call))
	wantLog(t, g.host.GetErrorLogs(), readLine("k is "+value))
	request.want("held")
	call = g.onlyCall()
	g.answer(call, redis.forward(call))
	request.want("passed")
}

func TestLongValue(t *testing.T) {
	redis := newRedis(t)
	redis.do("SET", "value:k", strings.Repeat("x", 1<<20))
	g := configured(t, replies, "")
	request := g.get("/?key=k")
	call := g.onlyCall()
	g.answer(call, redis.forward(call))
	if lines := g.host.GetErrorLogs(); len(lines) != 1 || !strings.HasPrefix(lines[0], readLine("k is xxx")) {
		t.Fatalf("the log has %d lines", len(lines))
	}
	call = g.onlyCall()
	g.answer(call, redis.forward(call))
	request.want("passed")
}

// TestErrorReply gives the snippet a real error of Redis.
func TestErrorReply(t *testing.T) {
	redis := newRedis(t)
	redis.do("LPUSH", "value:k", "an element")
	g := configured(t, replies, "")
	request := g.get("/?key=k")
	call := g.onlyCall()
	g.answer(call, redis.forward(call))
	request.wantStatus(502)
	const text = "WRONGTYPE Operation against a key holding the wrong kind of value"
	wantLog(t, g.host.GetErrorLogs(), failureLine("k failed: "+text))
}

func TestFailedCall(t *testing.T) {
	g := configured(t, replies, "")
	request := g.get("/?key=k")
	g.fail(g.onlyCall())
	request.wantStatus(502)
	wantLog(t, g.host.GetErrorLogs(), failureLine("k failed: closed"))
}

// TestTimeout: the gateway has one status for every failure, so a failure that
// took as long as the timeout is one. The test host's clock moves on by a
// millisecond whenever it is read.
func TestTimeout(t *testing.T) {
	g := configured(t, replies, `{"redis": {"redis.internal:6379": {"timeout": 1}}}`)
	request := g.get("/?key=k")
	g.fail(g.onlyCall())
	request.wantStatus(502)
	wantLog(t, g.host.GetErrorLogs(), failureLine("k failed: timeout"))
}

// TestClientGoneBetweenCalls lets the client leave while the first of two
// commands is under way; the second is sent all the same.
func TestClientGoneBetweenCalls(t *testing.T) {
	redis := newRedis(t)
	redis.do("SET", "value:k", "one")
	g := configured(t, replies, "")
	gone := g.get("/?key=k")
	call := g.onlyCall()
	gone.leave()
	g.answer(call, redis.forward(call))
	wantLog(t, g.host.GetErrorLogs(), readLine("k is one"))
	call = g.onlyCall()
	g.answer(call, redis.forward(call))
	gone.want("held")
	if got := redis.do("GET", "reads:k"); got != "$1\r\n1\r\n" {
		t.Errorf("reads:k is %q, want 1", got)
	}
	wantLog(t, g.host.GetCriticalLogs())
}

// TestNobodyIsAnswered: a decision for a client that is gone reaches nobody.
func TestNobodyIsAnswered(t *testing.T) {
	redis := newRedis(t)
	g := configured(t, replies, "")
	gone, other := g.get("/?key=absent"), g.get("/?key=absent")
	waiting := g.calls()
	gone.leave()
	g.answer(waiting[0], redis.forward(waiting[0]))
	gone.want("held")
	other.want("held")
	g.answer(waiting[1], redis.forward(waiting[1]))
	other.wantStatus(404)
	wantLog(t, g.host.GetCriticalLogs())
}

// TestClientGoneAndCallFails: the failure of a call without a client harms
// nobody.
func TestClientGoneAndCallFails(t *testing.T) {
	g := configured(t, replies, "")
	gone := g.get("/?key=k")
	call := g.onlyCall()
	gone.leave()
	g.fail(call)
	gone.want("held")
	wantLog(t, g.host.GetErrorLogs(), failureLine("k failed: closed"))
	wantLog(t, g.host.GetCriticalLogs())
}
