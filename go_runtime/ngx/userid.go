package ngx

import (
	"encoding/base64"
	"encoding/binary"
	"math/rand/v2"
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/host"
)

// users counts the users that this VM has made an id for, as nginx's worker does.
var users uint32

// UserID is `userid on` (2) or `userid v1` (1): a response to a client without the
// cookie sets one with an id. Service is the number of userid_service, "" for none;
// expires the time of userid_expires; attributes what stands behind the value
// otherwise. Mark is that of userid_mark, p3p that of userid_p3p.
func (r *Request) UserID(version int, name, service, expires, attributes, mark, p3p string) {
	given, there := r.Cookie(name)
	_, ok := userOf(given)
	if there && !ok {
		what := "invalid"
		if len(given) < userChars {
			what = "too short"
		}
		r.stream.Log(host.Error, "client sent "+what+" userid cookie \""+name+"="+given+"\"")
	}
	value := given
	switch {
	case !ok:
		value = base64.StdEncoding.EncodeToString(r.newUser(version, service))
	case mark == "" || strings.HasPrefix(given[userChars:], mark+"="):
		return
	}
	if mark != "" {
		value = value[:userChars] + mark + "="
	}
	if expires != "" {
		attributes = "; expires=" + r.cookieExpiry(expires) + attributes
	}
	r.readResponse()
	line := name + "=" + value + attributes
	r.changeResponse("set-cookie", append(valuesOf(r.out.headers, "set-cookie"), line))
	if p3p != "" {
		r.changeResponse("p3p", append(valuesOf(r.out.headers, "p3p"), p3p))
	}
}

// userChars is the length of an id in base64, without its padding.
const userChars = 22

// userOf is the id in a cookie; one whose last number is 0 is none.
func userOf(value string) (id []byte, ok bool) {
	if len(value) < userChars {
		return nil, false
	}
	id, err := base64.RawStdEncoding.DecodeString(value[:userChars])
	return id, err == nil && binary.LittleEndian.Uint32(id[12:]) != 0
}

// newUser makes an id: a number of the server, the time, one of the VM, and that of
// the user.
func (r *Request) newUser(version int, service string) []byte {
	users++
	number, _ := strconv.ParseUint(service, 10, 32)
	seconds := uint32(r.UnixNano() / 1e9)
	id := make([]byte, 0, 16)
	if version == 1 {
		for _, n := range [...]uint32{uint32(number), seconds, rand.Uint32(), users<<8 + 1} {
			id = binary.LittleEndian.AppendUint32(id, n)
		}
		return id
	}
	if service != "" {
		id = binary.BigEndian.AppendUint32(id, uint32(number))
	} else {
		id = append(id, lastBytes(r.ServerAddr())...)
	}
	for _, n := range [...]uint32{seconds, rand.Uint32(), users<<8 + 2} {
		id = binary.BigEndian.AppendUint32(id, n)
	}
	return id
}

// lastBytes are the bytes of an IPv4 address; of another one the end of its text.
func lastBytes(address string) []byte {
	found := make([]byte, 4)
	copy(found, address[max(len(address)-4, 0):])
	for i, part := range strings.SplitN(address, ".", 4) {
		if n, err := strconv.ParseUint(part, 10, 8); err == nil {
			found[i] = byte(n)
		}
	}
	return found
}

// cookieExpiry is the date of userid_expires.
func (r *Request) cookieExpiry(expires string) string {
	if expires == "max" {
		return "Thu, 31-Dec-37 23:55:55 GMT"
	}
	after, _ := duration(expires)
	return CookieTime(float64(r.UnixNano()/1e9 + after))
}
