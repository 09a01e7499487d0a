# What can be done with Hostfence, by task. `make` alone explains.

PORT ?= 8443
ADMIN_PORT ?= 8081
FUZZ_SECONDS ?= 60
ROTATIONS ?= 100
SOAK_SECONDS ?= 600
CHAOS_SECONDS ?= 60
export PORT ADMIN_PORT ONCE HOSTFENCE
# How many tests run at a time. Many wait for programs and block a thread; with all of them under way at once, those that
# await something would wait for all the others, and run into the limits of time that end a test that hangs.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 4

.DEFAULT_GOAL := help
.PHONY: help run build test test-release lint format bench fuzz release test-binary test-tls test-metrics test-policy test-rotation test-chaos test-collector test-risk-page test-soak test-budgets test-sanitizers dependencies ci clean

help: ## This list
	@echo 'Hostfence finds, scores and refuses Kubernetes objects that put a pod on the node'"'"'s network.'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo 'On a Debian 12 with a Swift toolchain on PATH every target works as it stands: what is missing is installed'
	@echo 'first, as root or through sudo. Settings: PORT=8443 ADMIN_PORT=8081 ONCE=1 FUZZ_SECONDS=60 ROTATIONS=100 SOAK_SECONDS=600 CHAOS_SECONDS=60.'

run: dependencies ## Serve here and show one verdict over TLS; Ctrl-C stops (ONCE=1, or no terminal: ends by itself)
	@scripts/run-demo.sh

build: dependencies ## Debug build of everything, tests included
	swift build --build-tests

test: build ## All tests in debug, and the checks of manifests/ and its scripts
	scripts/run-tests.sh --skip-build
	scripts/test-deployment.sh

# One step, because only `swift test` builds an optimised library so that tests may look inside it.
test-release: dependencies ## The same Swift tests, optimised: they find what debug hides
	scripts/run-tests.sh --configuration release

lint: dependencies ## Formatting and style; every deviation is an error
	swift format lint --strict --recursive --parallel Sources Tests Package.swift
	@for script in scripts/*.sh scripts/lib/*.sh .ci/run; do bash -n "$$script" || exit 1; done

format: dependencies ## Rewrite the sources as lint wants them
	swift format --in-place --recursive --parallel Sources Tests Package.swift

bench: dependencies ## Measure
	Benchmarks/run.sh

fuzz: dependencies ## Fuzz each parser for FUZZ_SECONDS
	Fuzzing/run.sh $(FUZZ_SECONDS)

release: dependencies ## The binary that is shipped: .build/dist/hostfence
	scripts/build-release.sh

test-binary: release ## Hold that binary to its promises: libraries, size, start
	scripts/test-binary.sh

test-tls: release ## Attack the TLS side with sslyze and conversations of our own (docs/tls.md); wants python3-venv and PyPI
	HOSTFENCE=.build/dist/hostfence scripts/test-tls.sh

test-metrics: release ## Have Prometheus' promtool read /metrics
	HOSTFENCE=.build/dist/hostfence scripts/test-metrics.sh

test-policy: release ## Run every example of docs/policy.md again, and hold the schema against the check; wants python3-venv and PyPI
	HOSTFENCE=.build/dist/hostfence scripts/test-policy.sh

test-rotation: release ## Swap the certificate of a server under load ROTATIONS times; no request may fail
	HOSTFENCE=.build/dist/hostfence scripts/test-rotation.sh $(ROTATIONS)

test-soak: release ## Mixed load with faults for SOAK_SECONDS: no wrong verdict, no lost event, flat memory
	HOSTFENCE=.build/dist/hostfence scripts/test-soak.sh $(SOAK_SECONDS)

test-chaos: release ## Kill server, PostgreSQL and collector in random order for CHAOS_SECONDS: nothing answered is lost
	python3 scripts/chaos/chaos.py --hostfence .build/dist/hostfence --seconds $(CHAOS_SECONDS)

test-collector: dependencies ## Prove that the collector of the tests is as strict as it says
	cd Tests/Collector && PYTHONDONTWRITEBYTECODE=1 python3 -m unittest --quiet

test-risk-page: release ## Read the risk page in headless Chromium; wants python3-venv and PyPI
	HOSTFENCE=.build/dist/hostfence scripts/test-risk-page.sh

test-budgets: release ## Hold instructions and allocations of a review against what is in git
	HOSTFENCE=.build/dist/hostfence Benchmarks/run.sh budgets

test-sanitizers: dependencies ## All Swift tests under the thread and the address sanitizer; takes long
	scripts/test-sanitizers.sh

dependencies: ## Install what is missing; nothing to do costs a quarter of a second
	@scripts/install-dependencies.sh

ci: ## Everything that must pass before a change is taken
	.ci/run

clean: ## Remove what was built; certs/ stays
	rm -rf .build
