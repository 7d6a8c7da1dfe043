package higress

import (
	"regexp"
	"strings"
	"testing"
)

func TestConfigurationRefused(t *testing.T) {
	plugin := load(t, heartbeat)
	for name, check := range map[string]struct{ configuration, log string }{
		"none":               {"", `"aesKey": is missing`},
		"not JSON":           {`{"aesKey": `, ""},
		"not an object":      {`["` + key + `"]`, "expected an object, got an array"},
		"wrong type":         {`{"aesKey": 5}`, `"aesKey": expected a string, got a number`},
		"null":               {`{"aesKey": null}`, `"aesKey": is missing`},
		"unknown key":        {`{"aesKey": "` + key + `", "aeskey": "x"}`, `"aeskey": is not a key of this plugin`},
		"redis without port": {redisBlock("redis.internal", `{}`), "has to be HOST:PORT"},
		"redis not a block":  {redisBlock("redis.internal:6379", `"r.dns"`), "expected an object, got a string"},
		"redis unknown key":  {redisBlock("redis.internal:6379", `{"pasword": "x"}`), `"pasword": is not a key`},
		"redis bad timeout":  {redisBlock("redis.internal:6379", `{"timeout": -1}`), `"timeout": expected an integer`},
		"redis bad database": {redisBlock("redis.internal:6379", `{"database": "3"}`), `"database": expected a number`},
	} {
		t.Run(name, func(t *testing.T) {
			g := plugin.newGateway(t, check.configuration)
			if g.configure() {
				t.Fatal("the configuration was accepted")
			}
			lines := g.host.GetCriticalLogs()
			if len(lines) != 1 || !strings.HasPrefix(lines[0], "device-heartbeat: configuration refused: ") ||
				!strings.Contains(lines[0], check.log) {
				t.Fatalf("the log is %q, want %q", lines, check.log)
			}
			if strings.Contains(lines[0], key) {
				t.Fatalf("the log shows the key: %q", lines)
			}
		})
	}
}

// redisBlock is a configuration with one server.
func redisBlock(address, settings string) string {
	return `{"aesKey": "` + key + `", "redis": {"` + address + `": ` + settings + `}}`
}

// initialisation is what the test host says about proxy_redis_init.
type initialisation struct{ cluster, username, timeout, password string }

var (
	initLine     = regexp.MustCompile(`\[redis init\] upstream: (.*), username: (.*), timeout: (.*)`)
	passwordLine = regexp.MustCompile(`\[redis init\] password: (.*)`)
)

// inits lists the calls of proxy_redis_init. The test host keeps nothing of
// them, but writes it to Go's log.
func (g *gateway) inits() []initialisation {
	var found []initialisation
	passwords := passwordLine.FindAllStringSubmatch(g.lines.String(), -1)
	for i, m := range initLine.FindAllStringSubmatch(g.lines.String(), -1) {
		found = append(found, initialisation{m[1], m[2], m[3], passwords[i][1]})
	}
	return found
}

// onlyInit is the one call of proxy_redis_init.
func (g *gateway) onlyInit() initialisation {
	g.t.Helper()
	found := g.inits()
	if len(found) != 1 {
		g.t.Fatalf("proxy_redis_init was called %d times, want once: %q", len(found), found)
	}
	return found[0]
}

func TestRedisDefaults(t *testing.T) {
	g := configured(t, heartbeat, configuration)
	if n := len(g.inits()); n != 0 {
		t.Fatalf("%d connections before the first command", n)
	}
	g.get(heartbeatOf(t, "dev-42", key))
	if got, want := g.onlyInit(), (initialisation{cluster, "", "60000", ""}); got != want {
		t.Fatalf("proxy_redis_init(%q), want %q", got, want)
	}
}

// TestRedisBlock logs in to the real Redis with what the plugin handed to
// proxy_redis_init, as the gateway does when it connects.
func TestRedisBlock(t *testing.T) {
	admin := newRedis(t)
	admin.do("ACL", "SETUSER", "plugin", "on", ">pass word", "~device:*", "+setex", "+select", "+acl|whoami")
	defer admin.do("ACL", "DELUSER", "plugin")
	const other = "outbound|6380||cache.dns"
	g := configured(t, heartbeat, redisBlock("redis.internal:6379", `{"cluster": "`+other+`",
		"username": "plugin", "password": "pass word", "database": 3, "timeout": 250}`))
	request := g.get(heartbeatOf(t, "dev-42", key))
	init := g.onlyInit()
	if want := (initialisation{other + "?db=3", "plugin", "250", "pass word"}); init != want {
		t.Fatalf("proxy_redis_init(%q), want %q", init, want)
	}
	name, database, _ := strings.Cut(init.cluster, "?db=")
	redis := dial(t)
	redis.do("AUTH", init.username, init.password)
	redis.do("SELECT", database)
	call := g.onlyCall()
	if call.cluster != name {
		t.Fatalf("the call goes to %q, want %q", call.cluster, name)
	}
	g.answer(call, redis.forward(call))
	request.want("passed")
	if n := admin.number("DBSIZE"); n != 0 {
		t.Fatalf("%d keys in database 0", n)
	}
	admin.do("SELECT", "3")
	wantOnline(t, admin, "dev-42")
}
