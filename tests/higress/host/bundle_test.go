package higress

import (
	"strings"
	"testing"
)

// bundle is a bundle with the heartbeat and a unit that answers 403.
const bundle = "BUNDLE_WASM"

// places is a configuration of the bundle: the heartbeat twice, with keys and
// Redis servers of their own.
const places = `{"units": [
	{"name": "shop", "unit": "device-heartbeat", "match": [{"route": "shop/heartbeat"}],
	 "config": {"aesKey": "` + key + `", "redis": {"redis.internal:6379": {"cluster": "outbound|6379||shop.dns"}}}},
	{"name": "pay", "unit": "device-heartbeat", "match": [{"route": "pay/heartbeat"}],
	 "config": {"aesKey": "` + otherKey + `", "redis": {"redis.internal:6379": {"cluster": "outbound|6379||pay.dns"}}}},
	{"name": "deny", "match": [{"location": "/denied"}]}]}`

// onRoute lets the requests that follow be of a route, as Higress names it.
func (g *gateway) onRoute(name string) {
	g.t.Helper()
	if err := g.host.SetProperty([]string{"route_name"}, []byte(name)); err != nil {
		g.t.Fatal(err)
	}
}

func TestBundle(t *testing.T) {
	g := configured(t, bundle, places)
	g.get(heartbeatOf(t, "dev-1", key)).want("passed") // it has no route
	g.get("/denied/x").wantStatus(403)
	for route, of := range map[string]struct{ key, cluster string }{
		"shop/heartbeat": {key, "outbound|6379||shop.dns"}, "pay/heartbeat": {otherKey, "outbound|6379||pay.dns"},
	} {
		g.onRoute(route)
		request := g.get(heartbeatOf(t, "dev-42", of.key))
		request.want("held")
		call := g.onlyCall()
		if call.cluster != of.cluster {
			t.Fatalf("%s: the cluster is %q, want %q", route, call.cluster, of.cluster)
		}
		g.answer(call, []byte("+OK\r\n"))
		request.want("passed")
	}
	g.onRoute("pay/heartbeat")
	g.get(heartbeatOf(t, "dev-42", key)).wantStatus(403)
	if lines := g.host.GetErrorLogs(); len(lines) != 1 || !strings.HasPrefix(lines[0], "pay: [lua] access_by_lua(nginx.conf:") {
		t.Fatalf("%q", lines)
	}
	g.onRoute("other/heartbeat")
	g.get(heartbeatOf(t, "dev-42", key)).want("passed")
	for name, want := range map[string]uint64{"unit.shop.requests": 1, "unit.pay.requests": 2, "unit.deny.requests": 1} {
		if got, err := g.host.GetCounterMetric("snippet2wasm." + name); err != nil || got != want {
			t.Errorf("%s: %d %v, want %d", name, got, err, want)
		}
	}
}

func TestRules(t *testing.T) {
	g := configured(t, heartbeat, `{"_rules_": [{"_match_route_": ["shop/heartbeat"], "aesKey": "`+key+`"},
		{"_match_service_": ["pay.dns:80"], "aesKey": "`+otherKey+`"}]}`)
	g.get(heartbeatOf(t, "dev-1", key)).want("passed")
	g.onRoute("shop/heartbeat")
	g.get(heartbeatOf(t, "dev-1", otherKey)).wantStatus(403)
	g.onRoute("pay/heartbeat")
	if err := g.host.SetProperty([]string{"cluster_name"}, []byte("outbound|80||pay.dns")); err != nil {
		t.Fatal(err)
	}
	g.get(heartbeatOf(t, "dev-1", key)).wantStatus(403)
	g.get(heartbeatOf(t, "dev-1", otherKey)).want("held")
}
