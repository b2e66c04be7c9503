# Needs Rust (see rust-version in Cargo.toml), a C compiler and Python 3.11 or newer. RUSTFLAGS stays unset in every
# target: another value would build all dependencies a second time.

CARGO ?= cargo
ALLMENDE = $(CARGO) run --release --bin allmende --
# What is installed; it takes a quarter of an hour to build.
MEASURED = $(CARGO) run --profile dist --bin allmende --

.DEFAULT_GOAL := help
.PHONY: help run test check fmt bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## start one process with demo data in ./data, and print its addresses
	$(ALLMENDE) up --demo --data data

test: check ## all checks, then all tests
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
	    set -x; $(CARGO) nextest run --workspace; \
	else \
	    echo "note: cargo-nextest is not installed, using cargo test: the same tests without time limits"; \
	    set -x; $(CARGO) test --workspace --tests --no-fail-fast; \
	fi
	$(CARGO) test --workspace --doc --quiet

check: ## format, clippy, architecture and protos
	$(CARGO) xtask fetch-tools
	$(CARGO) xtask check

fmt: ## format Rust and protos
	$(CARGO) xtask fetch-tools
	$(CARGO) fmt --all
	.tools/venv/bin/buf format -w proto

bench: ## measure the log, telemetry and participation; results as JSON
	$(MEASURED) bench log --json
	$(MEASURED) bench telemetry --json
	$(MEASURED) bench participation --json

clean: ## remove what was built and fetched; ./data stays
	$(CARGO) clean
	rm -rf .tools integration-tests/browser/node_modules
