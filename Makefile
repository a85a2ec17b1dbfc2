# Vigie: one command runs it, one passes all tests. `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
NAME ?=
DATA ?=
QUICK ?=
KILLS ?= 20
SEED ?= 7
N ?= 20
FIRST ?= 100

.PHONY: help run test city up bench storms chaos check lint audit requirements packages test-packages bundles clean

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

run: packages .venv/ready bundles ## Set everything up and run the demo city on http://localhost:8050
	@$(BIN)/python app.py serve

test: test-packages .venv/ready-dev bundles ## Set everything up and pass all tests
	@bash scripts/all-tests.sh

city: packages .venv/ready bundles ## Turn a folder of open data into a running city: NAME=montpellier DATA=path
	@test -n "$(NAME)" -a -n "$(DATA)" || { echo "usage: make city NAME=montpellier DATA=folder"; exit 2; }
	@VIGIE_CITY=$(NAME) $(BIN)/python app.py import "$(DATA)"
	@VIGIE_CITY=$(NAME) $(BIN)/python app.py serve

up: ## Run the production composition with Docker Compose
	@$(PYTHON) deploy/make_secrets.py
	docker compose -f deploy/compose.yaml up --build --detach --wait

bench: test-packages .venv/ready-dev bundles ## Measure one thing: NAME=map|snapshot|import|apply|ingest|stream|burst|history|record|timemachine|guard|alarms|public|boards, QUICK=1 for 45 s
	@QUICK=$(QUICK) $(BIN)/python -m bench.$(subst import,import_rows,$(NAME))

storms: test-packages .venv/ready-dev ## Whether causes are found in N=20 seeded storms over the demo city, seeds from FIRST=100 on: precision, recall; QUICK=1 for 45 s
	@QUICK=$(QUICK) $(BIN)/python -m bench.storms $(N) $(FIRST)

chaos: test-packages .venv/ready-dev ## Kill what runs at random and count what is lost: KILLS=20 SEED=7
	@$(BIN)/python -m bench.chaos $(KILLS) $(SEED)

check: .venv/ready ## Name every problem of this installation, with its mend
	@$(BIN)/python app.py check

lint: .venv/ready-dev ## Format, lint, types and import directions
	@bash scripts/lint.sh

audit: .venv/ready-dev ## Whether a dependency has a known vulnerability, where the advisories are reached
	@$(BIN)/python scripts/dependency_audit.py

packages:
	@bash scripts/system-packages.sh run

test-audit: .venv/ready-dev ## Whether a dependency has a known vulnerability, where the advisories are reached
	@$(BIN)/python scripts/dependency_audit.py

packages:
	@bash scripts/system-packages.sh test

.venv/ready: requirements.txt
	@bash scripts/python-packages.sh $(PYTHON) requirements.txt $@

.venv/ready-dev: requirements.txt requirements-dev.txt
	@bash scripts/python-packages.sh $(PYTHON) requirements-dev.txt $@

bundles:
	@$(BIN)/python -m services.launch.bundles

requirements: ## Pin anew what requirements*.in ask for
	@$(BIN)/uv pip compile -q --upgrade --no-emit-index-url --no-header --universal --python-version 3.11 requirements.in -o requirements.txt
	@$(BIN)/uv pip compile -q --upgrade --no-emit-index-url --no-header --universal --python-version 3.11 requirements-dev.in -o requirements-dev.txt

clean: ## Remove what set-up and runs made, the private database included
	rm -rf .venv node_modules assets/vendor var
