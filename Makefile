# Headgate. `make demo` shows it, `make test` proves it; each sets up all that it needs.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PYTHON := .venv/bin/python
CLUSTER ?=

export CLUSTER

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-stream test check bench bench-validation bench-stream generate lock install format \
  test-unit test-statistics test-dask test-property test-contract test-browser test-faults test-e2e

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

include hack/cluster/cluster.mk

setup: ## Make .venv with what uv.lock pins
	@hack/setup/environment.sh

demo: setup cluster-up images ## Roll real models out on a real cluster, watch bad ones go back
	@$(PYTHON) hack/demo/demo.py

demo-stream: setup cluster-up images ## A gateway with 10,500 clients grows, shrinks and changes; nothing is lost
	@$(PYTHON) hack/demo/stream/demo.py

test: setup check test-statistics test-dask test-contract test-browser test-faults test-e2e ## Everything, with all that it needs

check: setup ## The quick part: format, lint, types, layers, generated files, unit, property
	@$(PYTHON) hack/checks/check.py

test-unit: setup ## Unit tests
	@$(PYTHON) -m pytest tests/unit

test-statistics: setup ## The statistics against R's values, by simulation, and on every bad input
	@$(PYTHON) -m pytest -q tests/oracles
	@$(PYTHON) -m pytest -q -m "simulation or sweep" tests/unit tests/property

test-dask: setup ## A validation on a real Dask scheduler and two workers
	@$(PYTHON) -m pytest -q tests/dask

test-property: setup ## Property tests
	@$(PYTHON) -m pytest tests/property

test-contract: setup ## Our clients and the CRDs against a real API server, NATS servers
	@$(PYTHON) -m pytest tests/contract

test-browser: setup ## The example page in a real browser, against NATS servers
	@$(PYTHON) hack/browser/prepare.py
	@$(PYTHON) -m pytest -q tests/browser

test-faults: setup ## Crashes and stale reads against a real API server
	@$(PYTHON) -m pytest tests/faults

test-e2e: setup cluster-up images ## Users' fears, on the full cluster
	@$(PYTHON) -m pytest tests/e2e

bench: setup cluster-up images ## Measure every promise; table, and build/bench.json
	@$(PYTHON) tests/load/bench.py

bench-validation: setup cluster-up images ## Measure the statistics; table, and build/bench-validation.json
	@$(PYTHON) tests/load/bench.py --of validation

bench-stream: setup cluster-up images ## Measure the gateways, 10,500 clients; table, and build/bench-stream.json
	@$(PYTHON) tests/load/bench.py --of stream

generate: setup ## Write crds/ and docs/reference/ from the types
	@$(PYTHON) hack/generate/generate.py

format: setup ## Format and fix what can be fixed
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

lock: setup ## Write uv.lock anew (UPGRADE=--upgrade for newer versions)
	@hack/setup/lock.sh $(UPGRADE)

install: ## Install Headgate into the cluster that KUBECONFIG names
	@kubectl apply --server-side -k manifests/overlays/default
