package reference

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Nginx is a running nginx.
type Nginx struct {
	t       testing.TB
	address string
	log     string
}

// configuration of nginx: the folder of the test, where it logs, its address,
// and the server's locations.
const configuration = `
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
daemon off;
master_process off;
pid %[1]s/nginx.pid;
error_log %[2]s info;
events { worker_connections 512; }
http {
  access_log off;
  server_tokens off;
  client_body_temp_path %[1]s/body;
  proxy_temp_path %[1]s/proxy;
  fastcgi_temp_path %[1]s/fastcgi;
  uwsgi_temp_path %[1]s/uwsgi;
  scgi_temp_path %[1]s/scgi;
  client_max_body_size 64m;
  client_body_buffer_size 64m;
  lua_package_path "/usr/share/lua/5.1/?.lua;/usr/share/lua/5.1/?/init.lua;;";
  init_by_lua_block {
    for _, name in ipairs{"redis", "aes", "string"} do
      package.preload["resty." .. name] = function() return require("nginx." .. name) end
    end
  }
  server {
    listen %[3]s;
    location = /run {
      content_by_lua_block {
        ngx.req.read_body()
        local chunk, problem = loadstring(ngx.req.get_body_data(), "=run")
        if not chunk then return ngx.print("SYNTAX " .. problem) end
        local ok, problem = pcall(chunk)
        if not ok then ngx.print("ERROR " .. tostring(problem)) end
      }
    }
    %[4]s
  }
}
`

// StartNginx runs nginx with the given locations in its server. Behind them, a
// "}" may begin further servers, which listen on $address.
func StartNginx(t testing.TB, locations string) *Nginx {
	t.Helper()
	folder, port := t.TempDir(), freePort(t)
	n := &Nginx{t: t, address: address(port), log: filepath.Join(folder, "error.log")}
	file := filepath.Join(folder, "nginx.conf")
	locations = strings.ReplaceAll(locations, "$address", n.address)
	writeFile(t, file, fmt.Sprintf(configuration, folder, n.log, n.address, locations))
	start(t, port, "nginx", "-p", folder, "-e", n.log, "-c", file)
	return n
}

// Run runs Lua code in a content phase and returns what it prints.
func (n *Nginx) Run(lua string) string {
	n.t.Helper()
	response, err := http.Post("http://"+n.address+"/run", "text/plain", strings.NewReader(lua))
	if err != nil {
		n.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	text := string(body)
	if strings.HasPrefix(text, "SYNTAX ") || strings.Contains(text, "ERROR ") {
		n.t.Fatalf("Lua code failed in nginx: %s", text)
	}
	return text
}

// Get sends a request with the given target and header lines as they are. The
// status is 0 when nginx closes the connection without an answer.
func (n *Nginx) Get(target string, headers ...string) (status int, header http.Header, body string) {
	n.t.Helper()
	return n.GetWithHost(target, "reference", headers...)
}

// GetWithHost is Get with another Host header.
func (n *Nginx) GetWithHost(target, host string, headers ...string) (status int, header http.Header, body string) {
	n.t.Helper()
	connection, err := net.DialTimeout("tcp", n.address, startTimeout)
	if err != nil {
		n.t.Fatal(err)
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(startTimeout))
	lines := append([]string{"GET " + target + " HTTP/1.1", "Host: " + host, "Connection: close"}, headers...)
	if _, err := io.WriteString(connection, strings.Join(lines, "\r\n")+"\r\n\r\n"); err != nil {
		n.t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		return 0, nil, ""
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(content)
}

// TakeLog returns the error log since the last call.
func (n *Nginx) TakeLog() string {
	n.t.Helper()
	data, err := os.ReadFile(n.log)
	if err != nil {
		n.t.Fatal(err)
	}
	if err := os.Truncate(n.log, 0); err != nil {
		n.t.Fatal(err)
	}
	return string(data)
}
