package reference

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// LuaJIT runs a script and returns what it prints.
func LuaJIT(t testing.TB, script string) string {
	t.Helper()
	command := exec.Command("luajit", "-")
	command.Stdin = strings.NewReader(script)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("luajit: %v\n%s", err, output)
	}
	return string(output)
}

// Redis starts an empty Redis server and returns its port.
func Redis(t testing.TB) int {
	t.Helper()
	port := freePort(t)
	start(t, port, "redis-server", "--port", strconv.Itoa(port), "--bind", "127.0.0.1",
		"--save", "", "--appendonly", "no", "--dir", t.TempDir())
	return port
}

// Webdis starts a Webdis in front of a Redis and returns its port.
func Webdis(t testing.TB, redisPort int) int {
	t.Helper()
	port := freePort(t)
	folder := t.TempDir()
	file := filepath.Join(folder, "webdis.json")
	writeFile(t, file, fmt.Sprintf(`{"redis_host": "127.0.0.1", "redis_port": %d, "http_host": "127.0.0.1",
		"http_port": %d, "threads": 2, "pool_size": 4, "daemonize": false, "websockets": false, "database": 0,
		"acl": [{"disabled": ["DEBUG"]}], "verbosity": 0, "logfile": %q}`,
		redisPort, port, filepath.Join(folder, "webdis.log")))
	start(t, port, "webdis", file)
	return port
}

// writeFile writes text or fails the test.
func writeFile(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// RedisCommands returns the names of the commands that Redis has.
func RedisCommands(t testing.TB) []string {
	t.Helper()
	port := strconv.Itoa(Redis(t))
	output, err := exec.Command("redis-cli", "-p", port, "command", "list").Output()
	if err != nil {
		t.Fatalf("redis-cli: %v", err)
	}
	var names []string
	for _, name := range strings.Fields(string(output)) {
		if !strings.Contains(name, "|") {
			names = append(names, name)
		}
	}
	return names
}
