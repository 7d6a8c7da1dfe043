// Command wrapper is examples/user-agent-redirect as one would write it by hand
// for Higress, on the wrapper of its wasm-go.
package main

import (
	"strings"

	"github.com/higress-group/proxy-wasm-go-sdk/proxywasm"
	"github.com/higress-group/proxy-wasm-go-sdk/proxywasm/types"
	"github.com/higress-group/wasm-go/pkg/wrapper"
)

type config struct{}

func main() {}

func init() {
	wrapper.SetCtx("user-agent-redirect", wrapper.ProcessRequestHeaders(onRequestHeaders))
}

// ProxyABIVersion lets Envoy load the module, which Higress's SDK does not: its
// own version of the ABI is unknown there.
//
//go:wasmexport proxy_abi_version_0_2_1
func ProxyABIVersion() {}

func onRequestHeaders(ctx wrapper.HttpContext, _ config) types.Action {
	header, _ := proxywasm.GetHttpRequestHeader("user-agent")
	agent := strings.ToLower(header)
	switch {
	case refused(agent):
		proxywasm.LogWarnf("refused: %s", agent)
		return reply(403)
	case strings.Contains(agent, "googlebot"), strings.Contains(agent, "bingbot"):
		return types.ActionContinue
	case mobile(agent) && !wantsDesktop():
		return reply(302, [2]string{"location", "https://m.example.com" + ctx.Path()}, [2]string{"vary", "User-Agent"})
	}
	return types.ActionContinue
}

// refused reports whether an agent, in lower case, is a scanner or scraper.
func refused(agent string) bool {
	return agent == "" || strings.Contains(agent, "sqlmap") || strings.Contains(agent, "nikto") ||
		strings.HasPrefix(agent, "python-requests/")
}

// mobile reports whether an agent, in lower case, is a telephone.
func mobile(agent string) bool {
	_, android, found := strings.Cut(agent, "android")
	return strings.Contains(agent, "iphone") || found && strings.LastIndex(android, "mobile") > 0 ||
		strings.Contains(agent, "windows phone")
}

// wantsDesktop reports whether the client chose the site for desktops.
func wantsDesktop() bool {
	cookies, err := proxywasm.GetHttpRequestHeader("cookie")
	return err == nil && strings.Contains("; "+cookies+";", "; site=desktop;")
}

// reply answers the request.
func reply(status uint32, headers ...[2]string) types.Action {
	if err := proxywasm.SendHttpResponse(status, headers, nil, -1); err != nil {
		proxywasm.LogErrorf("answering: %v", err)
	}
	return types.ActionPause
}
