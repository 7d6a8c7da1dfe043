package plugin

import (
	"strings"
	"testing"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/transport/webdis"
)

type config struct {
	key    string
	extra  string
	number float64
	flag   bool
}

func parse(c *Configuration) *config {
	return &config{key: c.String("key"), extra: c.OptString("extra").Or("none"), number: c.Number("number"), flag: c.Bool("flag")}
}

func definition() Definition[config] {
	return Definition[config]{Name: "test", Parse: parse, Redis: webdis.Transport}
}

// read reads a configuration of a plugin with one unit.
func read[C any](d Definition[C], text string) (*single, error) {
	unit := d.Unit()
	return unit.read(text)
}

// program is the plugin that a definition makes.
func program[C any](d Definition[C]) *engine.Program {
	return d.Unit().Program()
}

const valid = `"key": "k", "number": 1.5, "flag": true`

func TestConfiguration(t *testing.T) {
	read, err := read(definition(), `{`+valid+`, "redis": {
		"redis.internal:6379": {"cluster": "c", "username": "u", "password": "p", "database": 2, "timeout": 1500},
		"other:1": {}}}`)
	if err != nil {
		t.Fatal(err)
	}
	settings := read.global
	if got := *settings.config.(*config); got != (config{"k", "none", 1.5, true}) {
		t.Errorf("%+v", got)
	}
	server := *settings.Redis["redis.internal:6379"]
	if server.Cluster != "c" || server.Username != "u" || server.Password != "p" || server.Database != 2 || server.Timeout != 1500*time.Millisecond {
		t.Errorf("%+v", server)
	}
	if other := settings.Redis["other:1"]; other.Cluster != "webdis|1|other" || other.Timeout != 0 {
		t.Errorf("%+v", other)
	}
}

func TestConfigurationRefuses(t *testing.T) {
	for text, want := range map[string]string{
		``:                                `"key": is missing, expected a string; "number": is missing, expected a number; "flag": is missing, expected a boolean`,
		`{`:                               `invalid JSON at byte 1: expected a name in quotes`,
		`[]`:                              `expected an object, got an array`,
		`"x"`:                             `expected an object, got a string`,
		`{` + valid + `, "x": 1, "y": 2}`: `"x": is not a key of this plugin; "y": is not a key of this plugin`,
		`{"key": 5, "number": "secret", "flag": null}`: `"key": expected a string, got a number; "number": expected a number, got a string; ` +
			`"flag": is missing, expected a boolean`,
		`{` + valid + `, "extra": []}`:                         `"extra": expected a string, got an array`,
		`{` + valid + `, "redis": 1}`:                          `"redis": expected an object, got a number`,
		`{` + valid + `, "redis": {"host": {}}}`:               `"redis.host": the key has to be HOST:PORT, as in the snippet's connect`,
		`{` + valid + `, "redis": {"host:99999": {}}}`:         `"redis.host:99999": the key has to be HOST:PORT, as in the snippet's connect`,
		`{` + valid + `, "redis": {"h:1": "x"}}`:               `"redis.h:1": expected an object, got a string`,
		`{` + valid + `, "redis": {"h:1": {"cluser": "x"}}}`:   `"redis.h:1": "cluser": is not a key of this plugin`,
		`{` + valid + `, "redis": {"h:1": {"timeout": -1}}}`:   `"redis.h:1": "timeout": expected an integer from 0 to 2147483647`,
		`{` + valid + `, "redis": {"h:1": {"database": 1.5}}}`: `"redis.h:1": "database": expected an integer from 0 to 1048576`,
	} {
		if _, err := read(definition(), text); err == nil || err.Error() != want {
			t.Errorf("%s\n  gives %v\n  want  %s", text, err, want)
		}
	}
}

func TestRedisKeyWithoutRedis(t *testing.T) {
	d := Definition[struct{}]{Name: "test"}
	if _, err := read(d, `{"redis": {}}`); err == nil || err.Error() != `"redis": is not a key of this plugin` {
		t.Error(err)
	}
	if read, err := read(d, ""); err != nil || read.global.config == nil {
		t.Error("a plugin without configuration takes none:", err)
	}
}

// serve runs a request through a definition.
func serve[C any](t *testing.T, d Definition[C], configuration, target string) (*hosttest.Gateway, host.Action) {
	t.Helper()
	gateway := &hosttest.Gateway{Headers: [][2]string{{":path", target}}}
	root := engine.NewRoot(gateway, program(d))
	if !root.Configure([]byte(configuration)) {
		t.Fatal(gateway.LogText())
	}
	action := root.NewStream(2).OnRequestHeaders()
	gateway.Deliver()
	return gateway, action
}

func TestPhasesRunInOrder(t *testing.T) {
	var order []string
	handler := func(name string, exit int) Handler[config] {
		return Handler[config]{Chunk: lua.Chunk(name), Run: func(r *ngx.Request, c *config) {
			order = append(order, name+" "+c.key)
			r.Log(1, ngx.ERR, "x")
			r.Exit(exit)
		}}
	}
	d := definition()
	d.Rewrite, d.Access = handler("rewrite", ngx.OK), handler("access", ngx.HTTP_FORBIDDEN)
	gateway, action := serve(t, d, `{`+valid+`}`, "/")
	if strings.Join(order, ", ") != "rewrite k, access k" || action != host.Wait || gateway.Responses[0].Status != 403 {
		t.Error(order, action)
	}
	if got := gateway.LogText(); got != "[lua] rewrite:1: x\n[lua] access:1: x\n" {
		t.Error(got)
	}
	order = nil
	d.Rewrite = handler("rewrite", 401)
	serve(t, d, `{`+valid+`}`, "/")
	if strings.Join(order, ", ") != "rewrite k" {
		t.Error("the phase behind an exit ran", order)
	}
}

func TestLocation(t *testing.T) {
	ran := 0
	d := Definition[struct{}]{Name: "test", Location: ngx.PrefixLocation("/api"),
		Access: Handler[struct{}]{Run: func(*ngx.Request, *struct{}) { ran++ }}}
	for target, want := range map[string]int{"/api/x": 1, "/%61pi": 1, "/other": 0} {
		ran = 0
		if _, action := serve(t, d, "", target); ran != want || action != host.Continue {
			t.Errorf("%s: ran %d times, action %v", target, ran, action)
		}
	}
	ran = 0
	if gateway, action := serve(t, d, "", "/../api"); ran != 0 || action != host.Wait || gateway.Responses[0].Status != 400 {
		t.Error("an invalid target is answered with 400")
	}
}

func TestConfigurationsDoNotMix(t *testing.T) {
	var seen []string
	d := definition()
	d.Access = Handler[config]{Run: func(_ *ngx.Request, c *config) { seen = append(seen, c.key) }}
	program := program(d)
	gateway := &hosttest.Gateway{Headers: [][2]string{{":path", "/"}}}
	one, two := engine.NewRoot(gateway, program), engine.NewRoot(gateway, program)
	one.Configure([]byte(`{"key": "one", "number": 1, "flag": true}`))
	two.Configure([]byte(`{"key": "two", "number": 1, "flag": true}`))
	for id, root := range []*engine.Root{one, two, one} {
		root.NewStream(uint32(id)).OnRequestHeaders()
	}
	if strings.Join(seen, " ") != "one two one" {
		t.Error(seen)
	}
}
