# make run     set up, then open the kiosk on the demo persona (ARGS="--windowed" for a window);
#              without a display or sound: the same kiosk unattended, written to out/demo
# make test    set up, then every test               (ARGS="tests/asr -q" for some)
# make check   set up, then format, lint, types and import contracts
# make package a .deb and a tarball in dist/ (a quarter of an hour; from the last commit)
# make starter-models   make again what ships in models/, into starter-models/ (hours; resumes)
# make setup   only the set-up; the second time it takes a moment

PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(shell command -v $(name))))
BIN := .venv/bin

.PHONY: run test check package starter-models setup
.NOTPARALLEL:

run: setup
	@$(BIN)/kiosk run --or-demo out/demo $(ARGS)

test: setup
	@$(BIN)/python -m pytest $(ARGS)

check: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

package:
	@test -n "$(PYTHON)" || { echo "No Python found: apt-get install python3 python3-venv"; exit 3; }
	@$(PYTHON) packaging/build.py

starter-models: setup
	@$(BIN)/python -m studio.starter $(ARGS)

setup:
	@test -n "$(PYTHON)" || { echo "No Python found: apt-get install python3 python3-venv"; exit 3; }
	@$(PYTHON) scripts/set_up.py
