package ngx

import (
	"os"
	"strings"
	"testing"
)

func TestExtensionOf(t *testing.T) {
	// What nginx 1.22 takes for the extension, by the type that it gives.
	for path, expected := range map[string]string{
		"/x.json": "json", "/x.JSON": "JSON", "/x.tar.gz": "gz", "/x.": "", "/x": "", "/a.json/b": "", "/.json": "",
		"/a/.json": "", "/": "", "/a/b.css": "css",
	} {
		if got := extensionOf(path); got != expected {
			t.Errorf("%s: %q, not %q", path, got, expected)
		}
	}
}

func TestTypeOf(t *testing.T) {
	lines := []string{"text/a: x y", "text/html; charset=a: z x"}
	for extension, expected := range map[string]string{"y": "text/a", "X": "text/html; charset=a", "": "", "q": ""} {
		if got, _ := typeOf(extension, lines); got != expected {
			t.Errorf("%s: %q, not %q", extension, got, expected)
		}
	}
}

// The types are those of the nginx that the tests compare with, where it is there.
func TestStandardTypes(t *testing.T) {
	file, err := os.ReadFile("/etc/nginx/mime.types")
	if err != nil {
		t.Log("nginx's own list is not installed here: ", err)
	}
	for _, line := range strings.Split(string(file), "\n") {
		words := strings.Fields(strings.TrimSuffix(line, ";"))
		if len(words) < 2 || !strings.HasSuffix(line, ";") {
			continue
		}
		for _, extension := range words[1:] {
			if got, _ := typeOf(extension, standardTypes); got != words[0] {
				t.Errorf("%s: %q, not %q", extension, got, words[0])
			}
		}
	}
}
