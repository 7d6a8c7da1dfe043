package ngx

import "snippet2wasm.internal/plugin/runtime/lua"

// ConstantNamed returns the constant of ngx that a value names, as ngx[name] gives
// it; false if ngx has nothing of that name. What is in ngx and is no constant, a
// function or a table, is in plugins by name only: it raises an error.
func ConstantNamed(key lua.Value, at lua.Argument) (float64, bool) {
	name, ok := lua.Plain(key).(string)
	if !ok {
		return 0, false
	}
	if value, ok := constantNamed(name); ok {
		return float64(value), true
	}
	if isInNgx(name) {
		at.Fail("ngx." + name + " can't be read by a computed name in a plugin")
	}
	return 0, false
}

func constantNamed(name string) (int, bool) {
	switch name {
	case "OK":
		return OK, true
	case "ERROR":
		return ERROR, true
	case "AGAIN":
		return AGAIN, true
	case "DONE":
		return DONE, true
	case "DECLINED":
		return DECLINED, true
	case "STDERR":
		return STDERR, true
	case "EMERG":
		return EMERG, true
	case "ALERT":
		return ALERT, true
	case "CRIT":
		return CRIT, true
	case "ERR":
		return ERR, true
	case "WARN":
		return WARN, true
	case "NOTICE":
		return NOTICE, true
	case "INFO":
		return INFO, true
	case "DEBUG":
		return DEBUG, true
	case "HTTP_CONTINUE":
		return HTTP_CONTINUE, true
	case "HTTP_SWITCHING_PROTOCOLS":
		return HTTP_SWITCHING_PROTOCOLS, true
	case "HTTP_UPGRADE_REQUIRED":
		return HTTP_UPGRADE_REQUIRED, true
	case "HTTP_CLOSE":
		return HTTP_CLOSE, true
	case "HTTP_METHOD_NOT_IMPLEMENTED":
		return HTTP_METHOD_NOT_IMPLEMENTED, true
	case "HTTP_VERSION_NOT_SUPPORTED":
		return HTTP_VERSION_NOT_SUPPORTED, true
	case "HTTP_INSUFFICIENT_STORAGE":
		return HTTP_INSUFFICIENT_STORAGE, true
	case "HTTP_GET":
		return HTTP_GET, true
	case "HTTP_HEAD":
		return HTTP_HEAD, true
	case "HTTP_POST":
		return HTTP_POST, true
	case "HTTP_PUT":
		return HTTP_PUT, true
	case "HTTP_DELETE":
		return HTTP_DELETE, true
	case "HTTP_MKCOL":
		return HTTP_MKCOL, true
	case "HTTP_COPY":
		return HTTP_COPY, true
	case "HTTP_MOVE":
		return HTTP_MOVE, true
	case "HTTP_OPTIONS":
		return HTTP_OPTIONS, true
	case "HTTP_PROPFIND":
		return HTTP_PROPFIND, true
	case "HTTP_PROPPATCH":
		return HTTP_PROPPATCH, true
	case "HTTP_LOCK":
		return HTTP_LOCK, true
	case "HTTP_UNLOCK":
		return HTTP_UNLOCK, true
	case "HTTP_PATCH":
		return HTTP_PATCH, true
	case "HTTP_TRACE":
		return HTTP_TRACE, true
	case "HTTP_OK":
		return HTTP_OK, true
	case "HTTP_CREATED":
		return HTTP_CREATED, true
	case "HTTP_ACCEPTED":
		return HTTP_ACCEPTED, true
	case "HTTP_NO_CONTENT":
		return HTTP_NO_CONTENT, true
	case "HTTP_PARTIAL_CONTENT":
		return HTTP_PARTIAL_CONTENT, true
	case "HTTP_SPECIAL_RESPONSE":
		return HTTP_SPECIAL_RESPONSE, true
	case "HTTP_MOVED_PERMANENTLY":
		return HTTP_MOVED_PERMANENTLY, true
	case "HTTP_MOVED_TEMPORARILY":
		return HTTP_MOVED_TEMPORARILY, true
	case "HTTP_SEE_OTHER":
		return HTTP_SEE_OTHER, true
	case "HTTP_NOT_MODIFIED":
		return HTTP_NOT_MODIFIED, true
	case "HTTP_TEMPORARY_REDIRECT":
		return HTTP_TEMPORARY_REDIRECT, true
	case "HTTP_PERMANENT_REDIRECT":
		return HTTP_PERMANENT_REDIRECT, true
	case "HTTP_BAD_REQUEST":
		return HTTP_BAD_REQUEST, true
	case "HTTP_UNAUTHORIZED":
		return HTTP_UNAUTHORIZED, true
	case "HTTP_PAYMENT_REQUIRED":
		return HTTP_PAYMENT_REQUIRED, true
	case "HTTP_FORBIDDEN":
		return HTTP_FORBIDDEN, true
	case "HTTP_NOT_FOUND":
		return HTTP_NOT_FOUND, true
	case "HTTP_NOT_ALLOWED":
		return HTTP_NOT_ALLOWED, true
	case "HTTP_NOT_ACCEPTABLE":
		return HTTP_NOT_ACCEPTABLE, true
	case "HTTP_REQUEST_TIMEOUT":
		return HTTP_REQUEST_TIMEOUT, true
	case "HTTP_CONFLICT":
		return HTTP_CONFLICT, true
	case "HTTP_GONE":
		return HTTP_GONE, true
	case "HTTP_TOO_MANY_REQUESTS":
		return HTTP_TOO_MANY_REQUESTS, true
	case "HTTP_ILLEGAL":
		return HTTP_ILLEGAL, true
	case "HTTP_INTERNAL_SERVER_ERROR":
		return HTTP_INTERNAL_SERVER_ERROR, true
	case "HTTP_NOT_IMPLEMENTED":
		return HTTP_NOT_IMPLEMENTED, true
	case "HTTP_BAD_GATEWAY":
		return HTTP_BAD_GATEWAY, true
	case "HTTP_SERVICE_UNAVAILABLE":
		return HTTP_SERVICE_UNAVAILABLE, true
	case "HTTP_GATEWAY_TIMEOUT":
		return HTTP_GATEWAY_TIMEOUT, true
	}
	return 0, false
}

// isInNgx tells whether ngx has something of a name that is no constant.
func isInNgx(name string) bool {
	switch name {
	case "_phase_ctx", "arg", "config", "cookie_time", "crc32_long", "crc32_short", "ctx",
		"decode_args", "decode_base64", "encode_args", "encode_base64", "eof",
		"escape_uri", "exec", "exit", "flush", "get_phase", "get_raw_phase", "header",
		"headers_sent", "hmac_sha1", "http_time", "is_subrequest", "localtime",
		"location", "log", "md5", "md5_bin", "now", "null", "on_abort",
		"parse_http_time", "print", "quote_sql_str", "re", "redirect", "req", "resp",
		"run_worker_thread", "say", "send_headers", "sha1_bin", "shared", "sleep",
		"socket", "status", "thread", "time", "timer", "today", "unescape_uri",
		"update_time", "utctime", "var", "worker":
		return true
	}
	return false
}
