# make demo   the device heartbeat in a real gateway against a real Redis
# make test   everything: lint, types, Go and Python tests
# make lint   formatters, linters and type checkers only
# make bench  the timings in docs/performance.md
# make recordings  record anew what real nginx does with the examples
# make golden accept what the compiler emits now as the expected output of tests/compile
PYTHON := .venv/bin/python
GO := $(CURDIR)/tools/go
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: demo test lint bench golden recordings setup go-test python-test
demo:
	@tools/setup.sh demo
	@$(PYTHON) examples/device-heartbeat/demo.py

test: lint go-test python-test

setup:
	@tools/setup.sh test

lint: setup
	.venv/bin/ruff format --check compiler tests bench examples
	.venv/bin/ruff check compiler tests bench examples
	.venv/bin/mypy
	@unformatted=$$($$($(GO) env GOROOT)/bin/gofmt -l $$(git ls-files '*.go' ':!*/vendor/*')); \
		test -z "$$unformatted" || { echo "not gofmt-clean: $$unformatted" >&2; exit 1; }
	for module in go_runtime tests/higress/host; do \
		(cd $$module && $(GO) vet ./... && GOFLAGS=-mod=mod $(GO) run $(STATICCHECK) ./...) || exit 1; \
	done

go-test: setup
	cd go_runtime && $(GO) test ./...

python-test: setup
	.venv/bin/pytest

golden: setup
	.venv/bin/pytest tests/compile --update

bench: setup
	$(PYTHON) bench/run.py

recordings: setup
	rm -rf examples/device-heartbeat/recorded
	$(PYTHON) -m snippet2wasm.verify.record examples/device-heartbeat/nginx.conf examples/device-heartbeat/requests.yaml \
		-o examples/device-heartbeat/recorded --global secret_key=aesKey \
		--config '{"aesKey": "0123456789abcdef0123456789abcdef"}'
