# `make demo` and `make test` need nothing but Python (3.11 or newer), make and pip.

PYTHON ?= python3
WORKERS ?= 2

VENV := .venv/bin/python
OLDEST := .venv-oldest/bin/python
NEWEST := .venv-newest/bin/python
WHEEL := .venv-wheel/bin/python
DOCS := .venv-docs/bin/python
# The newest Python that setup.cfg names, wherever it is, if only where pyenv keeps it.
NEWEST_VERSION := $(shell sed -n 's/.*Python :: \(3\.[0-9]*\)$$/\1/p' setup.cfg | tail -1)
NEWEST_PYTHON := env PYENV_VERSION=$(NEWEST_VERSION) python$(NEWEST_VERSION)
INSTALL := -m pip install --quiet --disable-pip-version-check
PYTEST := -m pytest --numprocesses $(WORKERS)

# Without it scikit-learn skips its array API check.
export SCIPY_ARRAY_API := 1
# Networks this small gain nothing from a second BLAS thread, and the test workers would compete.
export OMP_NUM_THREADS := 1

.PHONY: help demo gallery test test-oldest test-newest coverage faults soak mutation lint wheel \
	docs site-test bench clean

help:
	@echo "make demo | gallery | test | test-oldest | test-newest | coverage | faults | soak |"
	@echo "     mutation | lint | wheel | docs | site-test | bench | clean"

demo: .venv/installed
	$(VENV) examples/plot_vs_sklearn_mlp.py

# Run all examples, without a window for their figures. None may warn.
gallery: .venv/installed
	for example in examples/plot_*.py; do \
		echo "== $$example"; \
		MPLBACKEND=agg $(VENV) -W error -W "ignore:FigureCanvasAgg is non-interactive" \
			$$example || exit 1; \
	done

test: .venv/installed
	$(VENV) $(PYTEST)

# The oldest versions that setup.cfg allows, on Python 3.11 or 3.12. scikit-learn's numbers are
# compared with in its newest version alone.
test-oldest: .venv-oldest/installed
	$(OLDEST) $(PYTEST) -m "not parity"

# The newest Python, and what is released for it alone, if it is installed.
test-newest:
	@if $(NEWEST_PYTHON) --version; then \
		$(MAKE) .venv-newest/installed && $(NEWEST) $(PYTEST); \
	else \
		echo "Not tested on Python $(NEWEST_VERSION), which is not installed."; \
	fi

coverage: .venv/installed
	$(VENV) $(PYTEST) --cov

# Interrupt each estimator at thousands of lines. It takes half an hour.
faults: .venv/installed
	$(VENV) -m tests.faults

# Train for long, in many ways and many at a time. It takes some minutes.
soak: .venv/installed
	for threads in 1 2; do \
		OMP_NUM_THREADS=$$threads PYTHONHASHSEED=random $(VENV) -W error -m tests.soak || exit 1; \
	done

# Change the package in thousands of ways, one at a time, and list those that no test noticed. It
# takes an hour or two; what is in mutants/ is not done again.
mutation: .venv/installed
	$(VENV) $(INSTALL) --editable ".[mutation]"
	.venv/bin/mutmut run --max-children $(WORKERS)
	.venv/bin/mutmut results

lint: .venv/installed
	$(VENV) -m ruff check
	$(VENV) -m ruff format --check

# Build the wheel, and import it where there is nothing but what it asks for.
wheel:
	rm -rf build dist .venv-wheel
	$(PYTHON) -m venv .venv-wheel
	$(WHEEL) -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	$(WHEEL) $(INSTALL) dist/*.whl
	$(WHEEL) -I -W error -c "import sknumpynn; print('imported', sknumpynn.__version__)"

# The site, in docs/_build/html. It is made anew, so that no page is left of what is gone.
docs: .venv-docs/installed
	rm -rf docs/_build docs/generated docs/auto_examples
	$(DOCS) -m sphinx --nitpicky --fail-on-warning --keep-going --quiet -b html docs docs/_build/html

# Follow its links, and look at it in Chromium, if that is installed.
site-test: docs
	$(DOCS) -m pytest tests/test_site.py

bench: .venv/installed
	$(VENV) examples/benchmarks/speed.py

clean:
	rm -rf .venv .venv-oldest .venv-newest .venv-wheel .venv-docs docs/_build docs/generated \
		docs/auto_examples build dist mutants *.egg-info .pytest_cache .ruff_cache .coverage

.venv/installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(VENV) $(INSTALL) --editable ".[test,lint,plot,scale,frames]"
	touch $@

.venv-docs/installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv-docs
	$(DOCS) $(INSTALL) --editable ".[docs]"
	touch $@

.venv-oldest/installed: setup.cfg pyproject.toml Makefile
	$(PYTHON) -m venv .venv-oldest
	$(OLDEST) $(INSTALL) --only-binary :all: \
		numpy==2.0.0 scikit-learn==1.6.0 scipy==1.13.0 pandas==2.2.2 pytest==8.*
	$(OLDEST) $(INSTALL) --editable ".[test]"
	touch $@

.venv-newest/installed: setup.cfg pyproject.toml
	$(NEWEST_PYTHON) -m venv .venv-newest
	$(NEWEST) $(INSTALL) --editable ".[test,plot,scale,frames]"
	touch $@
