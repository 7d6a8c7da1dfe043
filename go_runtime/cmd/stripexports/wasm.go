package main

import (
	"bytes"
	"errors"
	"fmt"
	"sort"
	"strings"
)

// callbackPrefix begins the name of every callback of the proxy-wasm ABI.
const callbackPrefix = "proxy_on_"

// ownPrefix begins the names of callbacks that stand in for the SDK's.
const ownPrefix = "own_"

// exportSection is the id of a module's export section (WebAssembly core specification 5.5.10).
const exportSection = 7

// header is the magic number and the version of a core module.
const header = "\x00asm\x01\x00\x00\x00"

// errTruncated reports a module that ends before something that its lengths promise.
var errTruncated = errors.New("damaged WebAssembly module: it ends too early")

// stripExports returns module without the exports that start with callbackPrefix and are not in
// keep. Where the module exports own_X beside X, own_X gets the name X. All other bytes are those of module. It is an error when module is not a well-formed
// WebAssembly module, or does not export a name in keep.
func stripExports(module []byte, keep []string) ([]byte, error) {
	if !strings.HasPrefix(string(module[:min(len(module), len(header))]), header) {
		return nil, errors.New("not a WebAssembly module: the magic number and version 1 are missing")
	}
	missing := make(map[string]bool, len(keep))
	for _, name := range keep {
		missing[name] = true
	}
	out := append(make([]byte, 0, len(module)), header...)
	r := reader{data: module[len(header):]}
	for len(r.data) > 0 {
		start := r.data
		id := r.byte()
		payload := r.bytes(r.uint32())
		if r.err != nil {
			return nil, r.err
		}
		exports := payload
		if id == exportSection {
			var err error
			if exports, err = filterExports(payload, keep, missing); err != nil {
				return nil, err
			}
		}
		if bytes.Equal(exports, payload) {
			out = append(out, start[:len(start)-len(r.data)]...)
			continue
		}
		out = append(out, exportSection)
		out = appendUint32(out, uint32(len(exports)))
		out = append(out, exports...)
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("the module does not export %s", strings.Join(sortedKeys(missing), ", "))
	}
	return out, nil
}

// filterExports returns the payload of the export section with the exports that are kept, under
// their final names, and removes from missing the names that it saw.
func filterExports(payload []byte, keep []string, missing map[string]bool) ([]byte, error) {
	wanted := make(map[string]bool, len(keep))
	for _, name := range keep {
		wanted[name] = true
	}
	exports, err := readExports(payload)
	if err != nil {
		return nil, err
	}
	own := make(map[string]bool)
	for _, e := range exports {
		if name, is := strings.CutPrefix(e.name, ownPrefix); is && strings.HasPrefix(name, callbackPrefix) {
			own[name] = true
		}
	}
	kept := make([]export, 0, len(exports))
	for _, e := range exports {
		name := strings.TrimPrefix(e.name, ownPrefix)
		delete(missing, name)
		switch {
		case !strings.HasPrefix(name, callbackPrefix):
			kept = append(kept, e)
		case wanted[name] && (e.name != name || !own[name]):
			kept = append(kept, export{name, e.rest})
		}
	}
	return appendExports(nil, kept), nil
}

// export is an entry of the export section: its name, and the bytes of its kind and index.
type export struct {
	name string
	rest []byte
}

// readExports reads the payload of the export section.
func readExports(payload []byte) ([]export, error) {
	r := reader{data: payload}
	var exports []export
	for range r.uint32() {
		name := string(r.bytes(r.uint32()))
		start := r.data
		r.byte()   // kind: function, table, memory, global, tag
		r.uint32() // index
		if r.err != nil {
			return nil, r.err
		}
		exports = append(exports, export{name, start[:len(start)-len(r.data)]})
	}
	if r.err != nil {
		return nil, r.err
	}
	if len(r.data) > 0 {
		return nil, errors.New("damaged WebAssembly module: bytes after the last export")
	}
	return exports, nil
}

// appendExports appends the payload of an export section.
func appendExports(b []byte, exports []export) []byte {
	b = appendUint32(b, uint32(len(exports)))
	for _, e := range exports {
		b = appendUint32(b, uint32(len(e.name)))
		b = append(b, e.name...)
		b = append(b, e.rest...)
	}
	return b
}

// reader reads a module's encoding from the front of data. After the first error it returns
// zeroes, and err says what was wrong.
type reader struct {
	data []byte
	err  error
}

// byte reads one byte.
func (r *reader) byte() byte {
	if b := r.bytes(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

// bytes reads n bytes.
func (r *reader) bytes(n uint32) []byte {
	if r.err == nil && uint64(n) > uint64(len(r.data)) {
		r.err = errTruncated
	}
	if r.err != nil {
		return nil
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}

// uint32 reads a 32-bit unsigned LEB128 number: 7 bits a byte, lowest first, at most 5 bytes.
func (r *reader) uint32() uint32 {
	var value uint64
	for shift := 0; shift < 35; shift += 7 {
		b := r.byte()
		value |= uint64(b&0x7f) << shift
		if r.err != nil {
			return 0
		}
		if b < 0x80 {
			if value > 1<<32-1 {
				break
			}
			return uint32(value)
		}
	}
	r.err = errors.New("damaged WebAssembly module: a number is longer than 32 bits")
	return 0
}

// appendUint32 appends value as LEB128 in its shortest form.
func appendUint32(b []byte, value uint32) []byte {
	for value >= 0x80 {
		b = append(b, byte(value)|0x80)
		value >>= 7
	}
	return append(b, byte(value))
}

// sortedKeys returns the keys of set in order.
func sortedKeys(set map[string]bool) []string {
	keys := make([]string, 0, len(set))
	for key := range set {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
