// Command plugin does what a plugin must survive: the argument "do" of a request
// says what. A request without it passes. It is built like an emitted project,
// with the runtime beside it.
package main

import (
	"strings"

	_ "snippet2wasm.internal/plugin/runtime/abi/envoy" // stock Envoy looks for its own ABI version
	"snippet2wasm.internal/plugin/runtime/faults"
	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/plugin"
)

// Config is the plugin's configuration.
type Config struct {
	Start string
}

func parseConfig(c *plugin.Configuration) *Config {
	cfg := &Config{Start: c.OptString("start").String()}
	if cfg.Start == "panic" {
		panic("asked to, while configuring")
	}
	return cfg
}

func main() {}

func init() {
	plugin.Register(plugin.Definition[Config]{
		Name:         "survival",
		Parse:        parseConfig,
		Rewrite:      plugin.Handler[Config]{Run: rewrite, Chunk: "rewrite_by_lua(survival.conf:1)"},
		Access:       plugin.Handler[Config]{Run: access, Chunk: "access_by_lua(survival.conf:2)", Suspends: true},
		HeaderFilter: plugin.Handler[Config]{Run: headerFilter, Chunk: "header_filter_by_lua(survival.conf:3)"},
		BodyFilter:   plugin.Handler[Config]{Run: bodyFilter, Chunk: "body_filter_by_lua(survival.conf:4)"},
		Log:          plugin.Handler[Config]{Run: log, Chunk: "log_by_lua(survival.conf:5)"},
		Redis:        faults.Transport,
	})
}

// rewrite does what requests to /direct ask for: it cannot wait.
func rewrite(r *ngx.Request, _ *Config) { act(r, "/direct") }

// access does what requests to /waiting ask for: it runs on a coroutine.
func access(r *ngx.Request, _ *Config) { act(r, "/waiting") }

// headerFilter does what requests to /headers ask for.
func headerFilter(r *ngx.Request, _ *Config) { act(r, "/headers") }

// bodyFilter does what requests to /body ask for.
func bodyFilter(r *ngx.Request, _ *Config) { act(r, "/body") }

// log does what requests to /log ask for.
func log(r *ngx.Request, _ *Config) { act(r, "/log") }

// act does what a request asks for, first what shall be "before" it.
func act(r *ngx.Request, path string) {
	if !strings.HasPrefix(r.RequestURI(), path) {
		return
	}
	for _, name := range []string{"before", "do"} {
		wanted, ok := r.Arg(name)
		if !ok {
			continue
		}
		run, known := acts[wanted]
		if !known {
			panic("unknown act " + wanted)
		}
		run(r)
	}
}
