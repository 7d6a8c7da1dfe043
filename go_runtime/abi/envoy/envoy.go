// Package envoy makes a plugin loadable by gateways that are not Higress:
// Envoy, Istio, Envoy Gateway. The SDK exports only Higress's own version of
// the ABI, which they refuse. Import it for its effect alone.
package envoy

// ProxyABIVersion is never called. Its exported name, which stands before the
// SDK's in the module, is what the gateway reads; see the package comment.
//
//go:wasmexport proxy_abi_version_0_2_1
func ProxyABIVersion() {}
