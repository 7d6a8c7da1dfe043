package sdkhost

import "unsafe"

// The SDK's functions for metrics format their errors with fmt, which adds a
// tenth to the size of a module.

// counterType is the type of a counter in proxy_define_metric.
const counterType = 0

//go:wasmimport env proxy_define_metric
func proxyDefineMetric(metricType uint32, name unsafe.Pointer, size uint32, id unsafe.Pointer) uint32

//go:wasmimport env proxy_increment_metric
func proxyIncrementMetric(id uint32, offset int64) uint32

// defineCounter makes a counter, or finds it.
func defineCounter(name string) (id uint32, ok bool) {
	status := proxyDefineMetric(counterType, unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)), unsafe.Pointer(&id))
	return id, status == 0
}

// incrementCounter adds one to a counter. No request fails because of it.
func incrementCounter(id uint32) { proxyIncrementMetric(id, 1) }
