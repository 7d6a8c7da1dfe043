package errorpage_test

import (
	"strconv"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/errorpage"
	"snippet2wasm.internal/plugin/runtime/internal/reference"
)

const exits = `
location / {
  access_by_lua_block { ngx.exit(tonumber(ngx.var.arg_n)) }
  content_by_lua_block { ngx.print("next phase") }
}`

// TestLikeNginx compares the response for every status that nginx answers with.
func TestLikeNginx(t *testing.T) {
	nginx := reference.StartNginx(t, exits)
	for code := 200; code < 1000; code++ {
		if code == 408 || code == 444 || code == 499 {
			continue // no response at all
		}
		wantStatus, header, wantBody := nginx.Get("/?n=" + strconv.Itoa(code))
		status, body := errorpage.Lookup(code, "")
		if status != wantStatus || body != wantBody {
			t.Errorf("%d: %d %q, nginx: %d %q", code, status, body, wantStatus, wantBody)
		}
		if hasType := header.Get("Content-Type") == "text/html"; code >= 300 && hasType != (body != "") {
			t.Errorf("%d: nginx sends Content-Type %q with %q", code, header.Get("Content-Type"), body)
		}
		if errorpage.HasPage(code) != (body != "") {
			t.Errorf("%d: HasPage", code)
		}
	}
}

func TestPadding(t *testing.T) {
	nginx := reference.StartNginx(t, exits)
	for _, agent := range []string{
		"", "curl/8", "Mozilla/5.0 Chrome/1", "Chrome/", "Chrome", "Mozilla/4.0 (compatible; MSIE 7.0)", "MSIE 7.0; x", "MSIE 7.", "MSIE 7.0",
		"MSIE ", "Opera Chrome/1", "MSIE 6.0; Opera 7", "Gecko/1 Chrome/2", "Chrome/2 Gecko/1", "Safari/1 Chrome/2", "like Gecko) Chrome/2",
	} {
		for _, code := range []int{302, 403, 494, 500} {
			_, _, want := nginx.Get("/?n="+strconv.Itoa(code), "User-Agent: "+agent)
			if _, body := errorpage.Lookup(code, agent); body != want {
				t.Errorf("%d for %q: %d bytes, nginx: %d", code, agent, len(body), len(want))
			}
		}
	}
}
