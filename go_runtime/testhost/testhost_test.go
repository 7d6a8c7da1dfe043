package testhost

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/sdkhost"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/plugin"
	"snippet2wasm.internal/plugin/runtime/resty/redis"
	"snippet2wasm.internal/plugin/runtime/transport/webdis"
)

type config struct{ key string }

func init() {
	plugin.Register(plugin.Definition[config]{
		Name:   "test",
		Parse:  func(c *plugin.Configuration) *config { return &config{c.String("key")} },
		Access: plugin.Handler[config]{Run: access, Chunk: "access_by_lua(nginx.conf:1)", Suspends: true},
		Redis:  webdis.Transport,
	})
}

// access is a handler with every kind of outcome.
func access(r *ngx.Request, _ *config) {
	d, ok := r.Arg("d")
	switch {
	case !ok:
		r.Exit(400)
		return
	case d == "say":
		r.SetStatus(401)
		r.SetResponseHeader("Content-Type", "application/json")
		r.Print("{\"e\":\"\xe9\"}")
		return
	case d == "change":
		r.SetResponseHeader("X-Both", "1")
		r.SetRequestHeader("X-Consumer", "me")
		return
	case d == "sleep":
		r.Sleep(90.5, lua.Arg(1, "sleep", 1))
	case d == "drop":
		r.Exit(444)
		return
	}
	red := redis.New(r)
	if d == "dial" {
		red.Dial("redis.internal", 6379)
	} else {
		red.Connect("redis.internal", 6379)
	}
	reply, err := red.SetEx("k:"+d, 300, lua.Time(r))
	if reply.Falsy() {
		r.Log(3, ngx.ERR, "failed: ", err)
		r.Exit(503)
	}
}

// base is a recording of a request that passes.
const base = `{"name": "base", "source_sha256": "x", "recorded_with": {"nginx": "1"}, "config": {"key": "k"}, "clock": 1763760000,
	"request": {"method": "GET", "target": "/?d=\u00ff", "headers": [["Host", "h"]]},
	"redis": [{"command": ["setex", "k:\u00ff", "300", "1763760000"], "reply": "+OK\r\n"}], "redis_failure": null,
	"response": {"status": 200, "upstream": true}, "log": []}`

// changed is base with some of its keys replaced.
func changed(t *testing.T, changes string) *recording {
	t.Helper()
	var recorded map[string]json.RawMessage
	if err := json.Unmarshal([]byte(base), &recorded); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(changes), &recorded); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(recorded)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "recording.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := load(file)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const (
	refusedLine = `"log": [{"level": "error", "message": "failed: closed"}]`
	noRequest   = `"redis": [], "response": {"status": 400, "upstream": false}, "request": {"method": "GET", "target": "/", "headers": []}`
)

func TestReplayAgrees(t *testing.T) {
	for name, changes := range map[string]string{
		"base": `{}`,
		"exit": `{` + noRequest + `}`,
		"answer": `{"redis": [], "request": {"method": "GET", "target": "/?d=say", "headers": []}, "response": {"status": 401, "upstream": false,
			"headers": [["content-type", "application/json"]], "body": "{\"e\":\"\u00e9\"}"}}`,
		"head": `{"redis": [], "request": {"method": "HEAD", "target": "/?d=say", "headers": []}, "response": {"status": 401, "upstream": false,
			"headers": [["content-type", "application/json"]], "body": ""}}`,
		"change": `{"redis": [], "request": {"method": "GET", "target": "/?d=change", "headers": [["x-consumer", "you"], ["X-A", "1"]]},
			"response": {"status": 200, "upstream": true, "headers": [["x-both", "1"]], "received": [["x-a", "1"], ["x-consumer", "me"]]}}`,
		"sleep": `{"redis": [{"command": ["setex", "k:sleep", "300", "1763760000"], "reply": "+OK\r\n"}],
			"request": {"method": "GET", "target": "/?d=sleep", "headers": [["Host", "h"]]}}`,
		"drop":    `{"redis": [], "response": {"status": 0, "upstream": false}, "request": {"method": "GET", "target": "/?d=drop", "headers": []}}`,
		"refused": `{"redis": [], "redis_failure": "refused", "response": {"status": 503, "upstream": false}, ` + refusedLine + `}`,
		"timeout": `{"redis": [{"command": ["setex", "k:\u00ff", "300", "1763760000"], "reply": null}], "redis_failure": "timeout",
			"response": {"status": 503, "upstream": false}, "log": [{"level": "error", "message": "failed: timeout"}]}`,
		"error": `{"redis": [{"command": ["setex", "k:\u00ff", "300", "1763760000"], "reply": "-ERR full\r\n"}],
			"response": {"status": 503, "upstream": false}, "log": [{"level": "error", "message": "failed: ERR full"}]}`,
		"dial": `{"redis": [{"command": ["setex", "k:dial", "300", "1763760000"], "reply": "+OK\r\n"}],
			"request": {"method": "GET", "target": "/?d=dial", "headers": [["Host", "h"]]}}`,
	} {
		if differences, log := play(sdkhost.Registered(), changed(t, changes)); len(differences) > 0 {
			t.Errorf("%s: %q %q", name, differences, log)
		}
	}
}

func TestReplayFindsDifferences(t *testing.T) {
	for changes, want := range map[string]string{
		`{"response": {"status": 403, "upstream": false}}`: "outcome: passed to the upstream, nginx: answered with status 403",
		`{"response": {"status": 0, "upstream": false}}`:   "outcome: passed to the upstream, nginx: ended without an answer",
		`{"clock": 5}`: `Redis command 1: ["setex" "k:\xff" "300" "5"], nginx: ["setex" "k:\xff" "300" "1763760000"]`,
		`{"redis": [], "request": {"method": "GET", "target": "/?d=say", "headers": []}, "response": {"status": 401, "upstream": false, "body": "x"}}`:                                        `body: "{\"e\":\"\xe9\"}", nginx: "x"`,
		`{"redis": [], "request": {"method": "GET", "target": "/?d=say", "headers": []}, "response": {"status": 401, "upstream": false, "headers": []}}`:                                      `header of the response content-type: ["application/json"], nginx: []`,
		`{"redis": [], "request": {"method": "GET", "target": "/?d=change", "headers": []}, "response": {"status": 200, "upstream": true, "headers": [["x-both", "2"]]}}`:                     `header of the response x-both: ["1"], nginx: ["2"]`,
		`{"redis": [], "request": {"method": "GET", "target": "/?d=change", "headers": []}, "response": {"status": 200, "upstream": true, "received": [["x-consumer", "you"]]}}`:              `header of the request at the upstream x-consumer: ["me"], nginx: ["you"]`,
		`{"redis": [], "request": {"method": "GET", "target": "/?d=change", "headers": []}, "response": {"status": 200, "upstream": true, "received": [["x-consumer", "me"], ["x-b", "1"]]}}`: `header of the request at the upstream x-b: [], nginx: ["1"]`,
		`{"redis": []}`: `Redis command 1: ["setex" "k:\xff" "300" "1763760000"], nginx: nothing`,
		`{"redis": [{"command": ["setex", "k:\u00ff", "300", "1763760000"], "reply": "+OK\r\n"}, {"command": ["get", "x"], "reply": ":1\r\n"}]}`: `Redis command 2: nothing, nginx: ["get" "x"]`,
		`{"log": [{"level": "error", "message": "x"}]}`: "the snippet logged 0 lines, in nginx 1",
		`{"config": {}}`: "the plugin refuses the configuration of the recording",
		`{"redis_failure": "refused", "redis": [], "response": {"status": 503, "upstream": false}, "log": [{"level": "warn", "message": "failed: closed"}]}`: `log line 1: level 4, "[lua] access_by_lua(nginx.conf:1):3: failed: closed"; nginx: warn, "failed: closed"`,
		`{"redis_failure": "refused", "redis": [], "response": {"status": 503, "upstream": false}, "log": [{"level": "error", "message": "closed"}]}`:        `log line 1`,
	} {
		differences, _ := play(sdkhost.Registered(), changed(t, changes))
		if !strings.Contains(strings.Join(differences, "\n"), want) {
			t.Errorf("%s\n  finds %q\n  want  %q", changes, differences, want)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	folder := t.TempDir()
	for text, want := range map[string]string{
		`{`:                                      "unexpected EOF",
		`{"nme": "x"}`:                           "unknown field",
		`{"name": "x"}`:                          "no request",
		`{"name": "x", "redis_failure": "slow"}`: "unknown redis_failure",
	} {
		file := filepath.Join(folder, "bad.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := load(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if _, err := load(filepath.Join(folder, "none.json")); err == nil {
		t.Error("a file that is not there was loaded")
	}
}

func TestReplay(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"one", "two"} {
		if err := os.WriteFile(filepath.Join(folder, name+".json"), []byte(base), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	Replay(t, filepath.Join(folder, "*.json"))
}
