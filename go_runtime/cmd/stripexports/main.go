// Command stripexports removes unused proxy-wasm callbacks from a linked module.
//
// Usage:
//
//	stripexports -keep proxy_on_configure,proxy_on_request_headers plugin.wasm
//
// The SDK exports every proxy_on_* callback, and a gateway enters the VM for each callback that it
// finds, needed or not. Exports whose name starts with proxy_on_ and that -keep does not list are
// removed; everything else in the module stays as it was, byte for byte. The file is replaced in
// one step, so that a reader sees the old module or the new one. A name in -keep that the module
// does not export is an error: the plugin would silently never be called.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	keep := flag.String("keep", "", "comma-separated names of the proxy_on_* exports to keep")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: stripexports -keep name,name,... plugin.wasm")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 || *keep == "" {
		flag.Usage()
		os.Exit(2)
	}
	if err := stripFile(flag.Arg(0), strings.Split(*keep, ",")); err != nil {
		fmt.Fprintf(os.Stderr, "stripexports: %s: %v\n", flag.Arg(0), err)
		os.Exit(1)
	}
}

// stripFile strips the module in path and replaces the file when that changes it.
func stripFile(path string, keep []string) error {
	module, err := os.ReadFile(path)
	if err != nil {
		return withoutPath(err)
	}
	stripped, err := stripExports(module, keep)
	if err != nil {
		return err
	}
	if bytes.Equal(stripped, module) {
		return nil
	}
	return withoutPath(replaceFile(path, stripped))
}

// replaceFile puts content in the place of the file in path, with that file's permissions.
func replaceFile(path string, content []byte) (err error) {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	// The same folder: a rename must not cross file systems.
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(temp.Name())
		}
	}()
	_, err = temp.Write(content)
	if closeErr := temp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if err = os.Chmod(temp.Name(), info.Mode().Perm()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

// withoutPath drops the path from a file error: main names the file once.
func withoutPath(err error) error {
	var pathError *os.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
