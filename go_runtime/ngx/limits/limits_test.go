package limits

import (
	"strings"
	"testing"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

// world is a gateway whose clock the test moves.
type world struct {
	*hosttest.Gateway
	root *engine.Root
}

func newWorld() world {
	gateway := &hosttest.Gateway{Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).UnixNano()}
	return world{gateway, engine.NewRoot(gateway, &engine.Program{})}
}

// ask is a request at limits: what becomes of it.
func (w world) ask(s Settings, limits ...Req) string {
	r := ngx.NewRequest(w.root.NewStream(2))
	Requests(r, s, limits...)
	return r.LimitReq
}

var settings = Settings{Status: 503, Level: ngx.ERR}

func TestOneRequestInASecond(t *testing.T) {
	w := newWorld()
	limit := Rate(Zone{"a", 1 << 20, 1000}, "k")
	for _, step := range []struct {
		ms   int64
		want string
	}{{0, "PASSED"}, {1, "REJECTED"}, {998, "REJECTED"}, {1, "PASSED"}, {0, "REJECTED"}, {5000, "PASSED"}} {
		w.Time += step.ms * 1e6
		if got := w.ask(settings, limit); got != step.want {
			t.Errorf("%d ms later: %q, want %q", step.ms, got, step.want)
		}
	}
	if log := w.LogText(); !strings.Contains(log, "limiting requests, excess: 0.999 by zone \"a\"\n") ||
		!strings.Contains(log, "excess: 0.001 by zone") {
		t.Error(log)
	}
}

func TestBurst(t *testing.T) {
	w := newWorld()
	limit := Rate(Zone{"a", 1 << 20, 1000}, "k").Burst(2).NoDelay()
	for i, want := range []string{"PASSED", "PASSED", "PASSED", "REJECTED"} {
		if got := w.ask(settings, limit); got != want {
			t.Errorf("request %d: %q", i, got)
		}
	}
	if got := w.ask(settings, Rate(Zone{"a", 1 << 20, 1000}, "")); got != "" {
		t.Errorf("a request without a key: %q", got)
	}
}

// A request that one zone rejects does not count in the zones before it, but one
// that the last one lets pass counts in all.
func TestSeveralZones(t *testing.T) {
	w := newWorld()
	a := Rate(Zone{"a", 1 << 20, 1000}, "k").Burst(5).NoDelay()
	b := Rate(Zone{"b", 1 << 20, 1000}, "k")
	for i, want := range []string{"PASSED", "REJECTED", "REJECTED", "REJECTED"} {
		if got := w.ask(settings, a, b); got != want {
			t.Errorf("request %d: %q", i, got)
		}
	}
	for i, want := range []string{"PASSED", "PASSED", "PASSED", "PASSED", "PASSED", "REJECTED"} {
		if got := w.ask(settings, a); got != want {
			t.Errorf("request %d of the zone itself: %q", i, got)
		}
	}
}

func TestConnectionsAreCountedToTheirEnd(t *testing.T) {
	w := newWorld()
	zone := Zone{Name: "c", Size: 1 << 20}
	ask := func(dry bool) (*engine.Stream, string) {
		s := w.root.NewStream(2)
		r := ngx.NewRequest(s)
		Connections(r, Settings{503, ngx.ERR, dry}, Count(zone, "k", 1))
		return s, r.LimitConn
	}
	first, got := ask(false)
	if got != "PASSED" {
		t.Errorf("the first: %q", got)
	}
	if _, got = ask(false); got != "REJECTED" {
		t.Errorf("the second: %q", got)
	}
	if _, got = ask(true); got != "REJECTED_DRY_RUN" {
		t.Errorf("the dry one: %q", got)
	}
	if !first.Continues() {
		t.Error("the gateway would not tell of the end")
	}
	first.OnDone()
	if _, got = ask(false); got != "PASSED" {
		t.Errorf("behind the end of the first: %q", got)
	}
}
