# make demo   the device heartbeat in a real gateway against a real Redis
# make test   everything: lint, types, Go and Python tests
# make soak   500,000 requests through all examples while Redis dies and clients leave
# make lint   formatters, linters and type checkers only
# make bench  what docs/performance.md says
# make bench-cluster  a backup of 500 Ingresses: to one plugin, and what that costs in every request
# make recordings  record anew what real nginx does with the examples
# make golden accept what the compiler emits and explains now as the expected output of tests/compile and tests/explain
PYTHON := .venv/bin/python
GO := $(CURDIR)/tools/go
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: demo test lint bench bench-cluster soak golden recordings setup go-test python-test
demo:
	@tools/setup.sh demo
	@$(PYTHON) examples/device-heartbeat/demo.py

test: lint go-test python-test

setup:
	@tools/setup.sh test

lint: setup
	.venv/bin/ruff format --check compiler tests bench examples tools
	.venv/bin/ruff check compiler tests bench examples tools
	.venv/bin/mypy
	@unformatted=$$($$($(GO) env GOROOT)/bin/gofmt -l $$(git ls-files '*.go' ':!*/vendor/*')); \
		test -z "$$unformatted" || { echo "not gofmt-clean: $$unformatted" >&2; exit 1; }
	for module in go_runtime tests/higress/host tests/survival/load; do \
		(cd $$module && $(GO) vet ./... && GOFLAGS=-mod=mod $(GO) run $(STATICCHECK) ./...) || exit 1; \
	done

go-test: setup
	cd go_runtime && $(GO) test ./...

python-test: setup
	.venv/bin/pytest

golden: setup
	.venv/bin/pytest tests/compile tests/explain/test_cases.py --update
	$(PYTHON) tools/emitted_go.py

soak: setup
	$(PYTHON) tests/survival/soak.py

bench:
	@tools/setup.sh bench
	$(PYTHON) bench/run.py

bench-cluster:
	@tools/setup.sh bench
	$(PYTHON) bench/cluster.py

# A comma inside of an argument of `call`.
, := ,

# $(call record,EXAMPLE,OPTIONS)
record = rm -rf examples/$(1)/recorded && $(PYTHON) -m snippet2wasm.verify.record \
	examples/$(1)/nginx.conf examples/$(1)/requests.yaml -o examples/$(1)/recorded $(2)

recordings: setup
	$(call record,device-heartbeat,--global secret_key=aesKey --config '{"aesKey": "0123456789abcdef0123456789abcdef"}')
	$(call record,api-key)
	$(call record,rate-limit)
	$(call record,signed-requests,--global shared_secret=sharedSecret --global max_age=maxAge \
		--config '{"sharedSecret": "0123456789abcdef0123456789abcdef"$(,) "maxAge": 100000000000}')
	$(call record,user-agent-redirect)
