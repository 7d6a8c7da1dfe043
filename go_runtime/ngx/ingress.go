package ngx

// Variables of ingress-nginx's configuration.

// ConnectionUpgrade is $connection_upgrade: "upgrade" for a request that asks for
// another protocol, else "".
func (r *Request) ConnectionUpgrade() string {
	if to, _ := r.header("upgrade"); to != "" {
		return "upgrade"
	}
	return ""
}

// ReqID is $req_id: the header X-Request-ID, else a random number.
func (r *Request) ReqID() string {
	if id, _ := r.header("x-request-id"); id != "" {
		return id
	}
	return r.RequestID()
}
