package rewrite

import (
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

func TestConfigured(t *testing.T) {
	r := ngx.NewRequest(engine.NewRoot(&hosttest.Gateway{}, &engine.Program{}).NewStream(1))
	for _, each := range []struct {
		pattern *Pattern
		text    string
		want    bool
	}{
		{Configured("^k3y-([0-9]+)$"), "k3y-7", true},
		{Configured("^k3y-([0-9]+)$"), "K3Y-7", false},
		{ConfiguredCaseless("^k3y-([0-9]+)$"), "K3Y-7", true},
	} {
		if got := each.pattern.Matches(r, each.text); got != each.want {
			t.Errorf("%q: %v", each.text, got)
		}
	}
	first, again, caseless := Configured("a"), Configured("a"), ConfiguredCaseless("a")
	if first != again || first == caseless {
		t.Error("a pattern is compiled once, with and without regard to case")
	}
}

func TestConfiguredIsNoPattern(t *testing.T) {
	gateway := &hosttest.Gateway{}
	r := ngx.NewRequest(engine.NewRoot(gateway, &engine.Program{}).NewStream(1))
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the request goes on")
			}
		}()
		Configured("k3y(").Matches(r, "k3y")
	}()
	if log := gateway.LogText(); !strings.Contains(log, "is no regular expression") || strings.Contains(log, "k3y") {
		t.Error(log)
	}
}
