"""A snippet in a local Envoy, to try it out: `snippet2wasm serve`.

`session` is the whole run; `gateway` is Envoy with a plugin that can be exchanged while it runs, `logs` reads
what Envoy writes and `rendering` shows it, `plugin` makes the module and `settings` its configuration,
`watch` sees changes, `echo` is the built-in upstream.
"""
