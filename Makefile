# `make demo` and `make test` are the two commands; both work on a fresh Debian or Ubuntu with Python 3.11 or newer.
VENV   ?= .venv
PYTHON ?= python3
BIN    := $(VENV)/bin
OUT    ?= build/demo

.PHONY: demo test test-quick test-fast test-versions test-all mutants venv prerequisites lint bench update-goldens clean
.DELETE_ON_ERROR:

# Compiles the examples and shows what came out; needs neither libvirt nor root. Where both are there, it ends with a deploy to libvirt's
# real QEMU driver in this process, twice: the second time there is nothing to do.
demo: $(VENV)/.installed
	$(BIN)/vmc build examples -o $(OUT)
	@echo; echo "$(OUT):"; (cd $(OUT) && find . -type f | sort | sed 's|^\./|  |'); echo
	@lacks=$$($(BIN)/python tests/prerequisites.py --lacks libvirt-embedded); \
	if [ -n "$$lacks" ]; then echo "No deploy: $$lacks"; \
	else \
	  host=$$(mktemp -d) && trap 'rm -rf "$$host"' EXIT && for once in first second; do \
	    $(BIN)/vmc deploy "qemu:///embed?root=$$host" examples/boot --state-dir "$$host/state" || exit $$?; \
	  done; \
	fi

# All tests, then the fast ones on every other Python that is found; those that were not found are named. Tests on real libvirt, QEMU and
# kernels run in one worker, in order; absent prerequisites skip by name (and fail where CI=true).
test: venv
	$(BIN)/python -m pytest -n 2 -rsR
	$(BIN)/python tests/versions.py

# What an edit is likeliest to break: half a minute on two idle cores.
test-quick: $(VENV)/.developed
	$(BIN)/python -m pytest -n 2 -m "not real and not slow"

# Without real libvirt, QEMU and kernels: minutes.
test-fast: $(VENV)/.developed
	$(BIN)/python -m pytest -n 2 -m "not real"

# On every other Python that is found: on PATH, among pyenv's, in a distribution unpacked below /opt, or named by VMSPEC_PYTHONS.
test-versions: $(VENV)/.developed
	$(BIN)/python tests/versions.py

# Everything that can be tried here, with the whole corpus and long runs of what is random; an hour or two, and a summary.
test-all: venv
	$(BIN)/python tests/everything.py

# Which changes of the planner, merge, journal, lock and rule engine no test notices (tests/mutants.py): some minutes, never in CI.
MUTANTS ?= --count 60
mutants: $(VENV)/.developed
	$(BIN)/python -m pip install --quiet --editable '.[mutants]'
	nice -n 15 $(BIN)/python tests/mutants.py $(MUTANTS)

# The environment for development: system packages where they may be installed, then the Python ones, libvirt's binding among them.
venv: prerequisites $(VENV)/.developed
	@for package in $$($(BIN)/python tests/prerequisites.py --pip); do \
	  $(BIN)/python -m pip install --quiet "$$package" || echo "could not install $$package: the tests that need it will skip by name"; \
	done
	@$(BIN)/python tests/prerequisites.py --lend

prerequisites:
	@$(PYTHON) tests/prerequisites.py --install

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	@$(BIN)/python tests/prerequisites.py --lend
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q compiler/vmspec
	@touch $@

$(VENV)/.developed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q compiler/vmspec
	@touch $@ $(VENV)/.installed

$(BIN)/python:
	$(PYTHON) tests/environment.py $(VENV)

lint: $(VENV)/.developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check compiler tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

# Against the peers that are installed: virt-install, xmllint, nix-instantiate.
bench: $(VENV)/.installed
	$(BIN)/python -m benchmarks

# Rewrites the expected outputs; look at the difference before you commit it.
update-goldens: $(VENV)/.developed
	UPDATE_GOLDEN=1 $(BIN)/python -m pytest -n 2 -m "not real"
	git --no-pager diff --stat -- tests docs

clean:
	rm -rf build dist $(VENV)
