package plugin

import (
	"fmt"
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

// The levels of the tests' configuration.
const (
	server = iota
	locationAPI
	locationPage
	locationSlow
	ifBeta
)

// levelled is a configuration with several levels, whose upstream's errors have pages.
func levelled(trace *[]string) Definition[struct{}] {
	handler := func(name string, run func(*ngx.Request)) Handler[struct{}] {
		return Handler[struct{}]{Run: func(r *ngx.Request, _ *struct{}) {
			*trace = append(*trace, name)
			if run != nil {
				run(r)
			}
		}}
	}
	pages := handler("error", func(r *ngx.Request) {
		if r.Failed(404, 502) {
			r.ErrorPage(200, "/page")
		} else if r.Failed(503) {
			r.ErrorLocation(ngx.KeepStatus, locationPage)
		} else if r.Failed(504) {
			r.ErrorPage(ngx.KeepStatus, "/slow")
		}
	})
	return Definition[struct{}]{Name: "test", Levels: []Level[struct{}]{
		server: {ServerRewrite: handler("server", nil), Error: pages},
		locationAPI: {
			Match: []ngx.Location{ngx.PrefixLocation("/api")},
			Set: handler("api", func(r *ngx.Request) {
				switch path := r.URI(); path {
				case "/api/loop":
					r.Rewrite("/api/loop")
				case "/api/missing":
					r.Return(404, "")
				case "/api/beta":
					r.Enter(ifBeta)
				}
			}),
			Access: handler("api access", nil),
			Error:  pages,
		},
		locationPage: {
			Match:    []ngx.Location{ngx.ExactLocation("/page")},
			Internal: true,
			Set:      handler("page", func(r *ngx.Request) { r.Return(201, "the page\n") }),
			Error:    pages,
		},
		locationSlow: {
			Match:  []ngx.Location{ngx.ExactLocation("/slow")},
			Access: Handler[struct{}]{Suspends: true, Run: func(*ngx.Request, *struct{}) { *trace = append(*trace, "slow") }},
		},
		ifBeta: {Access: handler("beta access", nil), Error: pages},
	}}
}

// TestLevels runs requests through the levels: where they get to, and with which answer.
func TestLevels(t *testing.T) {
	for target, want := range map[string]string{
		"/":            "server",
		"/api/x":       "server, api, api access",
		"/api/beta":    "server, api, beta access",
		"/api/missing": "server, api, error, server, page = 200 the page\n",
		"/page":        "server, error, server, page = 200 the page\n",
		"/api/loop":    "server" + strings.Repeat(", api", 11) + ", error = 500",
	} {
		var trace []string
		gateway, _ := serve(t, levelled(&trace), "", target)
		if got := strings.Join(trace, ", ") + answer(gateway); got != want {
			t.Errorf("%s: %s", target, got)
		}
	}
}

// TestOneLevel rewrites a path twice where there is one level only.
func TestOneLevel(t *testing.T) {
	d := Definition[struct{}]{Name: "test", Set: Handler[struct{}]{Run: func(r *ngx.Request, _ *struct{}) {
		switch r.URI() {
		case "/a":
			r.Rewrite("/b")
		case "/b":
			r.Rewrite("/c")
		}
	}}}
	gateway, _ := serve(t, d, "", "/a?x=1")
	if path, _ := gateway.RequestHeader(":path"); path != "/c?x=1" {
		t.Error(path)
	}
}

// answer is the status of the answer, and its body unless it is nginx's page.
func answer(gateway *hosttest.Gateway) string {
	if len(gateway.Responses) == 0 {
		return ""
	}
	response := gateway.Responses[len(gateway.Responses)-1]
	found := fmt.Sprint(" = ", response.Status)
	if body := string(response.Body); !strings.HasPrefix(body, "<html>") {
		found += " " + body
	}
	return found
}

// TestErrorsWithoutAnUpstream gives error_page what the gateway answers because it has
// no upstream; what a page can't be made of leaves nginx's own.
func TestErrorsWithoutAnUpstream(t *testing.T) {
	for details, want := range map[string]string{
		"via_upstream":    "",
		"direct_response": "",
		"upstream_reset_before_response_started{connection_failure}": "error, server, page = 200 the page\n",
		"no_healthy_upstream":       "error, page = 503 the page\n",
		"upstream_response_timeout": "error, server = 504",
	} {
		var trace []string
		gateway := &hosttest.Gateway{
			Headers:    [][2]string{{":method", "GET"}, {":path", "/api/x"}},
			Upstream:   [][2]string{{":status", "503"}},
			Properties: map[string]string{"response.code_details": details},
		}
		root := engine.NewRoot(gateway, program(levelled(&trace)))
		if !root.Configure(nil) {
			t.Fatal(gateway.LogText())
		}
		stream := root.NewStream(2)
		stream.OnRequestHeaders()
		trace = nil
		stream.OnResponseHeaders(false)
		if got := strings.Join(trace, ", ") + answer(gateway); got != want {
			t.Errorf("%s: %q\n%s", details, got, gateway.LogText())
		}
	}
}
