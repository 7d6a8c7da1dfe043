package sdkhost

import "unsafe"

// requestHeaderMap is the type of the request's headers in
// proxy_get_header_map_value.
const requestHeaderMap = 0

//go:wasmimport env proxy_get_header_map_value
//go:noescape
func proxyGetHeaderMapValue(mapType uint32, key unsafe.Pointer, keySize uint32, data, size unsafe.Pointer) uint32

// returned is where the gateway puts what it returns. The SDK's variables for
// that move to the heap with every read.
var returned struct {
	data *byte
	size uint32
}

// requestHeader reads the first request header of that name.
func requestHeader(name string) (value string, ok bool) {
	status := proxyGetHeaderMapValue(requestHeaderMap, unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)),
		unsafe.Pointer(&returned.data), unsafe.Pointer(&returned.size))
	if status != 0 {
		return "", false
	}
	value = unsafe.String(returned.data, returned.size)
	returned.data = nil
	return value, true
}
