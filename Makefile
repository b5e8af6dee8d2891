# `make demo` and `make test` need nothing but Python (3.11 or newer), make and pip.

PYTHON ?= python3
WORKERS ?= 2

VENV := .venv/bin/python
OLDEST := .venv-oldest/bin/python
WHEEL := .venv-wheel/bin/python
INSTALL := -m pip install --quiet --disable-pip-version-check
PYTEST := -m pytest --numprocesses $(WORKERS)

# Without it scikit-learn skips its array API check.
export SCIPY_ARRAY_API := 1
# Networks this small gain nothing from a second BLAS thread, and the test workers would compete.
export OMP_NUM_THREADS := 1

.PHONY: help demo gallery test test-oldest coverage lint wheel bench clean

help:
	@echo "make demo | gallery | test | test-oldest | coverage | lint | wheel | bench | clean"

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

coverage: .venv/installed
	$(VENV) $(PYTEST) --cov

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
	test -f .venv-wheel/lib/python3*/site-packages/sknumpynn/py.typed

bench: .venv/installed
	$(VENV) examples/benchmarks/speed.py

clean:
	rm -rf .venv .venv-oldest .venv-wheel build dist *.egg-info .pytest_cache .ruff_cache .coverage

.venv/installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(VENV) $(INSTALL) --editable ".[test,lint,plot]"
	touch $@

.venv-oldest/installed: setup.cfg pyproject.toml Makefile
	$(PYTHON) -m venv .venv-oldest
	$(OLDEST) $(INSTALL) --only-binary :all: \
		numpy==2.0.0 scikit-learn==1.6.0 scipy==1.13.0 pandas==2.2.2 pytest==8.*
	$(OLDEST) $(INSTALL) --editable ".[test]"
	touch $@
