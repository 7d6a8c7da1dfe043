// The probe is a plugin for the tests of the harness: it logs at every level, in
// and outside of requests, answers /deny itself and dies of /die.
package main

import (
	"strings"

	"github.com/higress-group/proxy-wasm-go-sdk/proxywasm"
	"github.com/higress-group/proxy-wasm-go-sdk/proxywasm/types"
)

func main() {}

func init() { proxywasm.SetVMContext(&vm{}) }

//go:wasmexport proxy_abi_version_0_2_1
func abiVersion() {}

type vm struct{ types.DefaultVMContext }

func (*vm) NewPluginContext(uint32) types.PluginContext { return &plugin{} }

type plugin struct {
	types.DefaultPluginContext
	configuration string
}

// OnPluginStart keeps the configuration; "refuse" is refused.
func (p *plugin) OnPluginStart(int) types.OnPluginStartStatus {
	configuration, err := proxywasm.GetPluginConfiguration()
	if err == nil {
		p.configuration = string(configuration)
	}
	return types.OnPluginStartStatus(!strings.Contains(p.configuration, "refuse"))
}

// OnTick logs, once for each /tick, outside of any request.
func (p *plugin) OnTick() {
	proxywasm.LogInfo("tick: tock")
	if err := proxywasm.SetTickPeriodMilliSeconds(0); err != nil {
		panic(err)
	}
}

// NewHttpContext makes the context of one request.
func (p *plugin) NewHttpContext(uint32) types.HttpContext { return &request{plugin: p} }

type request struct {
	types.DefaultHttpContext
	plugin *plugin
}

// OnHttpRequestHeaders does what the path says.
func (r *request) OnHttpRequestHeaders(int, bool) types.Action {
	path, err := proxywasm.GetHttpRequestHeader(":path")
	if err != nil {
		panic(err)
	}
	switch path {
	case "/log":
		proxywasm.LogTrace("at trace")
		proxywasm.LogDebug("at debug")
		proxywasm.LogInfo("at info")
		proxywasm.LogWarn("at warn")
		proxywasm.LogError("at error\nsecond line: \xff")
		proxywasm.LogCritical(r.plugin.configuration)
	case "/tick":
		if err := proxywasm.SetTickPeriodMilliSeconds(1); err != nil {
			panic(err)
		}
	case "/deny":
		if err := proxywasm.SendHttpResponse(403, [][2]string{{"x-probe", "1"}}, []byte("no"), -1); err != nil {
			panic(err)
		}
		return types.ActionPause
	case "/die":
		panic("asked to")
	}
	return types.ActionContinue
}
