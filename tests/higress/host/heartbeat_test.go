package higress

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"strconv"
	"strings"
	"testing"
)

const (
	heartbeat     = "HEARTBEAT_WASM"
	path          = "/api/device/heartbeat"
	key           = "0123456789abcdef0123456789abcdef"
	otherKey      = "fedcba9876543210fedcba9876543210"
	configuration = `{"aesKey": "` + key + `"}`
	cluster       = "outbound|6379||redis.internal"
)

// heartbeatOf is the target of a device's request: base64 of an IV and the id,
// encrypted.
func heartbeatOf(t *testing.T, device, key string) string {
	t.Helper()
	block, err := aes.NewCipher([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	iv := bytes.Repeat([]byte{1}, aes.BlockSize)
	padding := aes.BlockSize - len(device)%aes.BlockSize
	text := append([]byte(device), bytes.Repeat([]byte{byte(padding)}, padding)...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(text, text)
	return path + "?d=" + base64.StdEncoding.EncodeToString(append(iv, text...))
}

// wantOnline checks that Redis knows the device, for 300 seconds.
func wantOnline(t *testing.T, redis *connection, device string) {
	t.Helper()
	if ttl := redis.number("TTL", "device:online:"+device); ttl < 290 || ttl > 300 {
		t.Fatalf("device %s has %d seconds to live, want 300", device, ttl)
	}
	text := strings.Split(redis.do("GET", "device:online:"+device), "\r\n")[1]
	// The test host's clock stands at the beginning of 2022 and moves on by a
	// millisecond whenever it is read.
	if now, err := strconv.Atoi(text); err != nil || now < 1640995200 || now > 1640995200+60 {
		t.Fatalf("device %s was seen at %q, want the test host's time", device, text)
	}
}

func TestValid(t *testing.T) {
	redis := newRedis(t)
	g := configured(t, heartbeat, configuration)
	request := g.get(heartbeatOf(t, "dev-42", key))
	request.want("held")
	call := g.onlyCall()
	if call.cluster != cluster {
		t.Fatalf("the cluster is %q, want %q", call.cluster, cluster)
	}
	if reply := redis.forward(call); string(reply) != "+OK\r\n" {
		t.Fatalf("Redis answered %q", reply)
	} else {
		g.answer(call, reply)
	}
	request.want("passed")
	wantOnline(t, redis, "dev-42")
	if n := redis.number("DBSIZE"); n != 1 || len(g.calls()) != 0 {
		t.Fatalf("%d keys, and %d calls more", n, len(g.calls()))
	}
	wantLog(t, g.host.GetErrorLogs())
	wantLog(t, g.host.GetWarnLogs())
	request.leave()
}

func TestSecondRequestUsesTheConnection(t *testing.T) {
	redis := newRedis(t)
	g := configured(t, heartbeat, configuration)
	for _, device := range []string{"one", "two", "three"} {
		request := g.get(heartbeatOf(t, device, key))
		call := g.onlyCall()
		g.answer(call, redis.forward(call))
		request.want("passed")
		request.leave()
		wantOnline(t, redis, device)
	}
	// A second initialisation would close the connection of all others.
	if n := len(g.inits()); n != 1 {
		t.Fatalf("the connection was initialised %d times, want once", n)
	}
}

func TestMissing(t *testing.T) {
	redis := newRedis(t)
	g := configured(t, heartbeat, configuration)
	g.get(path).wantStatus(400)
	wantNothingDone(t, g, redis)
	wantLog(t, g.host.GetErrorLogs())
}

func TestEmpty(t *testing.T) {
	redis := newRedis(t)
	g := configured(t, heartbeat, configuration)
	g.get(path + "?d=").wantStatus(403)
	wantNothingDone(t, g, redis)
	wantLog(t, g.host.GetErrorLogs(), "[lua] access_by_lua(nginx.conf:20):12: Failed to decrypt device ID")
}

func TestWrongKey(t *testing.T) {
	redis := newRedis(t)
	g := configured(t, heartbeat, configuration)
	g.get(heartbeatOf(t, "dev-42", otherKey)).wantStatus(403)
	wantNothingDone(t, g, redis)
	wantLog(t, g.host.GetErrorLogs(), "[lua] access_by_lua(nginx.conf:20):12: Failed to decrypt device ID")
}

func TestOtherPath(t *testing.T) {
	redis := newRedis(t)
	g := configured(t, heartbeat, configuration)
	g.get("/other").want("passed")
	wantNothingDone(t, g, redis)
}

// wantNothingDone checks that no Redis call was made.
func wantNothingDone(t *testing.T, g *gateway, redis *connection) {
	t.Helper()
	if calls, keys := g.calls(), redis.number("DBSIZE"); len(calls) != 0 || keys != 0 {
		t.Fatalf("Redis was called: %q, %d keys", calls, keys)
	}
}

func TestRedisDown(t *testing.T) {
	redis := newRedis(t)
	g := configured(t, heartbeat, configuration)
	request := g.get(heartbeatOf(t, "dev-42", key))
	g.fail(g.onlyCall())
	request.want("passed") // as in nginx: the snippet does not look at the result
	wantNothingDone(t, g, redis)
	wantLog(t, g.host.GetWarnLogs(), "redis redis.internal:6379: setex: the gateway lost the connection")
}

func TestRedisRefuses(t *testing.T) {
	redis := newRedis(t)
	redis.do("CONFIG", "SET", "min-replicas-to-write", "1")
	defer redis.do("CONFIG", "SET", "min-replicas-to-write", "0")
	g := configured(t, heartbeat, configuration)
	request := g.get(heartbeatOf(t, "dev-42", key))
	call := g.onlyCall()
	reply := redis.forward(call)
	if !bytes.HasPrefix(reply, []byte("-NOREPLICAS ")) {
		t.Fatalf("Redis answered %q", reply)
	}
	g.answer(call, reply)
	request.want("passed")
	wantNothingDone(t, g, redis)
	wantLog(t, g.host.GetWarnLogs())
}

// TestClientGone lets the client leave while Redis works: what the snippet asked
// for happens all the same, and nobody is answered.
func TestClientGone(t *testing.T) {
	redis := newRedis(t)
	g := configured(t, heartbeat, configuration)
	gone := g.get(heartbeatOf(t, "gone", key))
	call := g.onlyCall()
	gone.leave()
	g.answer(call, redis.forward(call))
	gone.want("held") // not resumed, not answered
	wantOnline(t, redis, "gone")

	next := g.get(heartbeatOf(t, "next", key))
	call = g.onlyCall()
	g.answer(call, redis.forward(call))
	next.want("passed")
	wantOnline(t, redis, "next")
	wantLog(t, g.host.GetCriticalLogs())
}
