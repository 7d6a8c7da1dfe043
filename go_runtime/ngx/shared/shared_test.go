package shared_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/ngx/shared"
)

// open makes a dict of that many bytes in a gateway.
func open(gateway *hosttest.Gateway, size int) *shared.Dict {
	gateway.Time = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).UnixNano()
	r := ngx.NewRequest(engine.NewRoot(gateway, &engine.Program{}).NewStream(2))
	return shared.Open(r, "dict", size)
}

func TestLostRacesAreRunAgain(t *testing.T) {
	gateway := &hosttest.Gateway{}
	dict := open(gateway, 12<<10) // so small that all keys are in one or two slots
	other := open(gateway, 12<<10)
	writes := 0
	gateway.Shared.Lose = func() {
		writes++
		if writes%3 == 1 { // not in the writes of the other one itself
			gateway.Shared.Lose, writes = nil, 0
			other.Incr("sum", 1, shared.Init(0))
		}
	}
	lose := gateway.Shared.Lose
	const n = 50
	for range n {
		gateway.Shared.Lose = lose
		if _, err, _ := dict.Incr("sum", 1, shared.Init(0)); !err.IsNil() {
			t.Fatal(err)
		}
	}
	if sum, _ := dict.Get("sum"); sum != 2.0*n {
		t.Errorf("the sum is %v after %d losses, not %d", sum, n, 2*n)
	}
}

func TestAddIsWonByOne(t *testing.T) {
	gateway := &hosttest.Gateway{}
	dict, other := open(gateway, 1<<20), open(gateway, 1<<20)
	gateway.Shared.Lose = func() {
		gateway.Shared.Lose = nil
		if ok, _, _ := other.Add("lock", 2); ok != true {
			t.Error("the first one did not get it")
		}
	}
	if ok, err, _ := dict.Add("lock", 1); ok != false || err.Or("") != "exists" {
		t.Errorf("the second one got %v, %v", ok, err)
	}
}

func TestTheGatewayKeepsNoMoreThanTheSize(t *testing.T) {
	const size = 256 << 10
	gateway := &hosttest.Gateway{}
	dict := open(gateway, size)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 20_000 {
		gateway.Time += int64(time.Millisecond)
		key := "key " + strconv.Itoa(i)
		value := strings.Repeat("v", random.IntN(300))
		if ok, err, _ := dict.Set(key, value, shared.TTL(float64(random.IntN(20)))); ok != true {
			t.Fatal(key, err)
		}
		if found, _ := dict.Get(key); found != value {
			t.Fatal(key, found)
		}
	}
	if used := gateway.Shared.Size(); used > size || used < size/4 {
		t.Errorf("%d bytes in a dict of %d", used, size)
	}
	dict.FlushAll()
	if free, all := dict.FreeSpace(), open(&hosttest.Gateway{}, size).FreeSpace(); free != all {
		t.Errorf("%v bytes are free in an empty dict, not %v: something was counted wrong", free, all)
	}
}

// Keys for one slot, as somebody can find them who has read the code.
func TestOneSlotDoesNotGrow(t *testing.T) {
	gateway := &hosttest.Gateway{}
	dict := open(gateway, 1<<20)
	dict.Set("start", 1)
	values := gateway.Shared.Size()
	var same []string
	for i := 0; len(same) < 3000; i++ {
		key := strconv.Itoa(i)
		if shared.SlotOf(dict, key) == shared.SlotOf(dict, "start") {
			same = append(same, key)
		}
	}
	forced := 0
	for _, key := range same {
		if _, _, forcible := dict.Set(key, "value"); forcible == true {
			forced++
		}
	}
	if n := dict.Keys(0).Len(); n > 1024 || forced < 1900 || gateway.Shared.Size()-values > 64<<10 {
		t.Errorf("%d keys, %d made way, %d bytes", n, forced, gateway.Shared.Size()-values)
	}
}

func TestFullWhereNginxIs(t *testing.T) {
	// What nginx 1.22 with ngx_lua 0.10.23 took of keys of 7 bytes with values of one.
	for size, entries := range map[int]int{12: 31, 16: 63, 20: 95, 32: 191, 100: 735, 1024: 8095} {
		dict := open(&hosttest.Gateway{}, size<<10)
		n := 0
		for ; n < 10_000; n++ {
			if ok, _, _ := dict.SafeSet("k"+strconv.Itoa(100000+n), "v"); ok != true {
				break
			}
		}
		if n != entries {
			t.Errorf("%dk: %d entries, nginx has %d", size, n, entries)
		}
	}
}
