package plugin

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/jsontext"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/transport"
)

// redisKey is the part of the configuration about Redis servers, httpKey the one
// about HTTP services.
const (
	redisKey = "redis"
	httpKey  = "http"
)

// Configuration is the plugin configuration while it is read. Every getter
// collects what is wrong, so that one refusal names all of it; keys that nobody
// asked for are wrong, too.
type Configuration struct {
	object   *jsontext.Object
	asked    map[string]bool
	problems []string
}

// newConfiguration parses the JSON that the gateway passes; none is as {}.
func newConfiguration(text string) (*Configuration, error) {
	if strings.TrimSpace(text) == "" {
		text = "{}"
	}
	value, err := jsontext.Parse(text)
	if err != nil {
		return nil, err
	}
	object, ok := value.(*jsontext.Object)
	if !ok {
		return nil, errors.New("expected an object, got " + jsontext.Kind(value))
	}
	return configurationOf(object), nil
}

// configurationOf lets an object be read as a configuration.
func configurationOf(object *jsontext.Object) *Configuration {
	return &Configuration{object: object, asked: map[string]bool{}}
}

// String returns the string under key, which has to be there.
func (c *Configuration) String(key string) string {
	value, _ := required[string](c, key, "a string")
	return value
}

// OptString returns the string under key; nil when it is absent or null.
func (c *Configuration) OptString(key string) lua.OptString {
	return lua.Opt(optional[string](c, key, "a string"))
}

// Number returns the number under key, which has to be there.
func (c *Configuration) Number(key string) float64 {
	value, _ := required[float64](c, key, "a number")
	return value
}

// Bool returns the boolean under key, which has to be there.
func (c *Configuration) Bool(key string) bool {
	value, _ := required[bool](c, key, "a boolean")
	return value
}

// required returns the value under key if it is there and of type T.
func required[T any](c *Configuration, key, expected string) (T, bool) {
	value, ok := optional[T](c, key, expected)
	if !ok && c.object.Members[key] == nil {
		c.problem(key, "is missing, expected "+expected)
	}
	return value, ok
}

// optional returns the value under key unless it is absent or null.
func optional[T any](c *Configuration, key, expected string) (T, bool) {
	c.asked[key] = true
	member := c.object.Members[key]
	value, ok := member.(T)
	if !ok && member != nil {
		c.problem(key, "expected "+expected+", got "+jsontext.Kind(member))
	}
	return value, ok
}

// problem notes what is wrong with a key. It never shows a value: that may be a
// secret.
func (c *Configuration) problem(key, what string) {
	c.problems = append(c.problems, strconv.Quote(key)+": "+what)
}

// err returns all problems, keys that nobody asked for included.
func (c *Configuration) err() error {
	for _, key := range c.object.Keys {
		if !c.asked[key] {
			c.problem(key, "is not a key of this plugin")
		}
	}
	if len(c.problems) == 0 {
		return nil
	}
	return errors.New(strings.Join(c.problems, "; "))
}

// take takes in the problems of an inner configuration, which stands at path.
func (c *Configuration) take(path string, inner *Configuration) {
	if err := inner.err(); err != nil {
		c.problem(path, err.Error())
	}
}

// list returns the array under key; not ok when it is absent or null.
func (c *Configuration) list(key string) (items []any, ok bool) {
	return optional[[]any](c, key, "an array")
}

// names returns the strings in the array under key, without empty ones.
func (c *Configuration) names(key string) []string {
	items, _ := c.list(key)
	var names []string
	for i, item := range items {
		name, ok := item.(string)
		switch {
		case !ok:
			c.problem(key+"["+strconv.Itoa(i)+"]", "expected a string, got "+jsontext.Kind(item))
		case name != "":
			names = append(names, name)
		}
	}
	return names
}

// redisServers reads the block "redis": {"host:port": {…}, …}.
func (c *Configuration) redisServers(redis transport.Redis) map[string]*transport.Server {
	servers := map[string]*transport.Server{}
	c.addresses(redisKey, "HOST:PORT, as in the snippet's connect", func(address, name string, port int, block *Configuration) {
		servers[address] = block.redisServer(redis.DefaultCluster(name, port))
	})
	return servers
}

// httpServices reads the block "http": {"host:port": {…}, …}.
func (c *Configuration) httpServices(clusters transport.Clusters) map[string]*transport.Service {
	services := map[string]*transport.Service{}
	c.addresses(httpKey, "HOST:PORT, of the URIs that the snippet calls", func(address, name string, port int, block *Configuration) {
		services[address] = &transport.Service{
			Cluster: block.OptString("cluster").Or(clusters(name, port)),
			Timeout: block.milliseconds("timeout"),
		}
	})
	return services
}

// addresses reads a block {"host:port": {…}, …}; form says what its keys are.
func (c *Configuration) addresses(key, form string, read func(address, name string, port int, block *Configuration)) {
	block, ok := optional[*jsontext.Object](c, key, "an object")
	if !ok {
		return
	}
	for _, address := range block.Keys {
		path := key + "." + address
		object, ok := block.Members[address].(*jsontext.Object)
		if !ok {
			c.problem(path, "expected an object, got "+jsontext.Kind(block.Members[address]))
			continue
		}
		name, port, ok := splitAddress(address)
		if !ok {
			c.problem(path, "the key has to be "+form)
			continue
		}
		inner := configurationOf(object)
		read(address, name, port, inner)
		c.take(path, inner)
	}
}

// splitAddress splits "host:port".
func splitAddress(address string) (name string, port int, ok bool) {
	colon := strings.LastIndexByte(address, ':')
	if colon < 1 {
		return "", 0, false
	}
	port, err := strconv.Atoi(address[colon+1:])
	return address[:colon], port, err == nil && 0 < port && port < 65536
}

// redisServer reads the settings of one server.
func (c *Configuration) redisServer(defaultCluster string) *transport.Server {
	return &transport.Server{
		Cluster:  c.OptString("cluster").Or(defaultCluster),
		Username: c.OptString("username").Or(""),
		Password: c.OptString("password").Or(""),
		Database: c.integer("database", 1<<20),
		Timeout:  c.milliseconds("timeout"),
	}
}

// milliseconds is integer for a time.
func (c *Configuration) milliseconds(key string) time.Duration {
	return time.Duration(c.integer(key, math.MaxInt32)) * time.Millisecond
}

// integer returns the optional integer under key, from 0 to limit; 0 if absent.
func (c *Configuration) integer(key string, limit float64) int {
	value, ok := optional[float64](c, key, "a number")
	if !ok {
		return 0
	}
	if value != math.Trunc(value) || value < 0 || value > limit {
		c.problem(key, "expected an integer from 0 to "+strconv.Itoa(int(limit)))
		return 0
	}
	return int(value)
}
