// Package reference runs the real programs that tests compare with: nginx with
// its Lua module, LuaJIT, Redis, and Webdis. They listen on loopback and end with
// the test. A program that is missing fails the test: install nginx-light,
// libnginx-mod-http-lua, lua-resty-core, lua-cjson, lua-nginx-redis,
// lua-nginx-string, luajit2, redis-server and webdis.
package reference

import (
	"bytes"
	"net"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"
)

const (
	startTimeout = 20 * time.Second
	stopTimeout  = 5 * time.Second
)

// freePort returns a loopback port that nobody listens on.
func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// address is a loopback address.
func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// start runs a server until the test ends and waits until it listens on port.
func start(t testing.TB, port int, name string, args ...string) *exec.Cmd {
	t.Helper()
	var output bytes.Buffer
	command := exec.Command(name, args...)
	command.Stdout, command.Stderr = &output, &output
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		t.Fatalf("%s does not start: %v", name, err)
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	t.Cleanup(func() { stop(command, ended) })
	deadline := time.Now().Add(startTimeout)
	for time.Now().Before(deadline) {
		select {
		case <-ended:
			t.Fatalf("%s ended at once: %s", name, output.String())
		default:
		}
		connection, err := net.DialTimeout("tcp", address(port), time.Second)
		if err == nil {
			connection.Close()
			return command
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s does not listen on port %d", name, port)
	return nil
}

// stop ends a server, gently at first.
func stop(command *exec.Cmd, ended <-chan struct{}) {
	_ = command.Process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(stopTimeout):
		_ = command.Process.Kill()
		<-ended
	}
}
