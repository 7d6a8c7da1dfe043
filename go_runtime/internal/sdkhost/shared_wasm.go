package sdkhost

import (
	"errors"
	"strconv"
	"unsafe"
)

//go:wasmimport env proxy_get_shared_data
//go:noescape
func proxyGetSharedData(key unsafe.Pointer, keySize uint32, data, size, version unsafe.Pointer) uint32

//go:wasmimport env proxy_set_shared_data
//go:noescape
func proxySetSharedData(key unsafe.Pointer, keySize uint32, data unsafe.Pointer, size, version uint32) uint32

// casMismatch is the status of a write that came too late.
const casMismatch = 8

// sharedVersion is where the gateway puts the version of a shared value.
var sharedVersion uint32

// SharedData reads a value of the gateway's store, without a copy.
func (g *gateway) SharedData(key string) (value string, version uint32, ok bool) {
	returned.size = 0
	status := proxyGetSharedData(unsafe.Pointer(unsafe.StringData(key)), uint32(len(key)),
		unsafe.Pointer(&returned.data), unsafe.Pointer(&returned.size), unsafe.Pointer(&sharedVersion))
	if status != 0 {
		return "", 0, false
	}
	if returned.size > 0 {
		value = unsafe.String(returned.data, returned.size)
	}
	returned.data = nil
	return value, sharedVersion, true
}

// SetSharedData writes a value of the gateway's store.
func (g *gateway) SetSharedData(key, value string, version uint32) (ok bool, err error) {
	status := proxySetSharedData(unsafe.Pointer(unsafe.StringData(key)), uint32(len(key)),
		unsafe.Pointer(unsafe.StringData(value)), uint32(len(value)), version)
	switch status {
	case 0:
		return true, nil
	case casMismatch:
		return false, nil
	default:
		return false, errors.New("the gateway does not store shared data: status " + strconv.Itoa(int(status)))
	}
}
