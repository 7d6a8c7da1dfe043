package sdkhost

// downstreamRequest is the stream type of a request in proxy_close_stream.
const downstreamRequest = 0

//go:wasmimport env proxy_close_stream
func proxyCloseStream(streamType uint32) uint32

// resetStream ends the current request without an answer: HTTP/1 clients see
// their connection close, HTTP/2 clients a reset stream.
func resetStream() { proxyCloseStream(downstreamRequest) }
