"""Faults: raise an exception at the k-th line that the package executes.

    python -m tests.faults [points] [name of an estimator ...]

sweeps every scenario, at up to so many lines of each spread evenly over it (by default 2,000), and
prints how it ended. It takes minutes. tests/test_faults.py does the same for a few lines.
"""

import dis
import sys
import warnings
from collections import Counter
from functools import cache
from pathlib import Path
from time import perf_counter

import numpy as np
from threadpoolctl import ThreadpoolController

import sknumpynn
from sknumpynn.estimators._threads import blas_threads
from tests.models import MAKERS, TABLE_MAKERS, X_NEW, X, answers, fitted, make, state, target

PACKAGE = str(Path(sknumpynn.__file__).parent)
EXCEPTIONS = MemoryError, KeyboardInterrupt
BLAS = ThreadpoolController().select(user_api="blas")
OTHER = np.random.default_rng(2).normal(size=(28, 3))  # data to fit anew


@cache
def with_exits(code):
    """Where in its bytecode a function leaves a `with` statement, by no fault of its body.

    CPython looks for signals neither there nor before the call of `__exit__`; only a tracer can
    raise an exception in between, and no program could bear it.
    """
    codes = [i for i in dis.get_instructions(code) if i.opname not in ("CACHE", "PRECALL")]
    exits = set()
    for before, *nones, call in zip(*(codes[i:] for i in range(5)), strict=False):
        if call.opname == "CALL" and all(
            i.opname == "LOAD_CONST" and i.argval is None for i in nones
        ):
            exits |= {nones[0].offset} | ({before.offset} if before.opname == "SWAP" else set())
    return exits


class Fault:
    """Context that counts the lines of the package, and raises an exception at the k-th.

    Parameters
    ----------
    exception : type, default=None
        None only counts.
    k : int, default=0
        Counted from 1.
    """

    def __init__(self, exception=None, k=0):
        self.exception, self.k, self.place = exception, k, None
        self.lines = []  # file and number of each

    def __enter__(self):
        self.before = sys.gettrace()
        sys.settrace(self.on_call)
        return self

    def __exit__(self, *_):
        sys.settrace(self.before)

    def on_call(self, frame, event, arg):
        is_ours = frame.f_code.co_filename.startswith(PACKAGE)
        return self.on_line if is_ours and self.place is None else None

    def on_line(self, frame, event, arg):
        if event == "line" and self.place is None:
            code = frame.f_code
            if frame.f_lasti in with_exits(code):
                return self.on_line
            self.lines.append((code.co_filename, frame.f_lineno))
            if len(self.lines) == self.k:
                self.place = f"{Path(code.co_filename).name}:{frame.f_lineno} in {code.co_name}"
                raise self.exception
        return self.on_line


def other_target(name):
    return np.where(OTHER[:, 0] > 0, "yes", "no") if "Classifier" in name else OTHER[:, 0] ** 2


def classes(name):
    return {"classes": ["no", "yes"]} if "Classifier" in name else {}


# What is done, by a name, to an estimator made by the function before it.
SCENARIOS = {
    "fit": (make, {}, lambda est, name: est.fit(X, target(name))),
    "refit": (fitted, {}, lambda est, name: est.fit(OTHER, other_target(name))),
    "refit, early stopping": (
        fitted,
        {"early_stopping": True, "average": 0.9},
        lambda est, name: est.fit(OTHER, other_target(name)),
    ),
    "refit, lbfgs": (
        fitted,
        {"lbfgs": True},
        lambda est, name: est.fit(OTHER, other_target(name)),
    ),
    "first partial_fit": (
        make,
        {},
        lambda est, name: est.partial_fit(X, target(name), **classes(name)),
    ),
    "partial_fit": (
        fitted,
        {},
        lambda est, name: est.partial_fit(OTHER, other_target(name)),
    ),
    "warm start": (
        fitted,
        {"warm_start": True},
        lambda est, name: est.fit(OTHER, other_target(name)),
    ),
    "exact warm start": (
        fitted,
        {"warm_start": "exact"},
        lambda est, name: est.fit(X, target(name)),
    ),
    "predict": (fitted, {}, lambda est, name: answers(est, X_NEW)),
}


CASES = [(scenario, name) for name in MAKERS for scenario in SCENARIOS]
CASES += [(scenario, name) for name in TABLE_MAKERS for scenario in ("fit", "refit", "predict")]


def start(scenario, name, **more):
    """Make the estimator that a scenario begins with."""
    source, params, _ = SCENARIOS[scenario]
    params = {**params, **more}
    if params.pop("lbfgs", False):
        is_mlp = name.startswith("MLP")
        params |= {"solver": "lbfgs"} if is_mlp else {"network": None, "optimizer": "lbfgs"}
    return source(name, **params)


def surroundings():
    """What must be as it was after any fault, beside the estimator."""
    with blas_threads(1, 1):  # would be in vain, were an earlier limit still held
        limited = n_threads()
    return n_threads(), limited, np.geterr(), X.tobytes(), OTHER.tobytes()


def n_threads():
    return {library["num_threads"] for library in BLAS.info()}


class Outcome(Exception):
    """What is wrong after a fault."""


class Trial:
    """One scenario with one estimator: run without a fault once, then with as many as wanted.

    Attributes
    ----------
    n_lines : int
        That the package executes without a fault.
    """

    def __init__(self, scenario, name):
        self.scenario, self.name, self.act = scenario, name, SCENARIOS[scenario][2]
        est = self.new()
        self.repeat(self.new())  # fills caches
        self.before, self.around = state(vars(est)), surroundings()
        with warnings.catch_warnings(), Fault() as counter:
            warnings.simplefilter("ignore")
            self.act(est, name)
        self.after, self.n_lines = state(vars(est)), len(counter.lines)
        self.shorter = {}

    def inject(self, exception, k):
        """Raise the exception at line k; return how it ended, in a word.

        Returns
        -------
        ended : {"rolled back", "complete", "interrupted"}
            "complete" where the line came after all was done, "interrupted" where training ended
            with the weights of the last complete epoch.

        Raises
        ------
        Outcome
            If anything is not as it should be.
        """
        est = self.new()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                with Fault(exception, k) as fault:
                    self.act(est, self.name)
                raised = False
            except exception:
                raised = True
        try:
            ended = self.judge(est, raised, [str(warning.message) for warning in caught])
        except Outcome as outcome:
            np.seterr(**self.around[2])  # for the next trial
            raise Outcome(
                f"{self.name}, {self.scenario}, {exception.__name__} at line {k} "
                f"({fault.place}): {outcome}"
            ) from None
        return ended

    def judge(self, est, raised, messages):
        if surroundings() != self.around:
            names = ["BLAS threads", "those of the next fit", "np.geterr()", "X", "the other X"]
            pairs = zip(names, surroundings(), self.around, strict=True)
            raise Outcome(f"changed: {[name for name, a, b in pairs if a != b]}")
        now = state(vars(est))
        if now == self.before and raised:
            ended = "rolled back"
        elif now == self.after:
            ended = "complete"
        elif not raised and any("interrupted by user" in message for message in messages):
            ended = "interrupted"
            self.judge_interrupted(est)
        else:
            raise Outcome(f"neither as before nor complete; raised: {raised}; {messages}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if now == self.before and state(vars(self.repeat(est))) != self.after:
                raise Outcome("the same once more does not give the same")
        return ended

    def new(self):
        return start(self.scenario, self.name)

    def repeat(self, est):
        self.act(est, self.name)
        return est

    def judge_interrupted(self, est):
        """After an interrupt, the model is that of a fit with so many epochs."""
        n_epochs = est.n_iter_
        if n_epochs not in self.shorter:
            shorter = self.new().set_params(max_iter=n_epochs)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.repeat(shorter)
            self.shorter[n_epochs] = shorter
        shorter = self.shorter[n_epochs]
        if est.loss_curve_ != shorter.loss_curve_ or est.history_ != shorter.history_:
            raise Outcome(f"interrupted after {n_epochs} epochs, of which the records differ")
        if state(answers(est)) != state(answers(shorter)):
            raise Outcome(f"interrupted after {n_epochs} epochs, whose predictions differ")


def places(n_lines, n_points):
    """Up to so many lines, spread evenly."""
    return np.unique(np.linspace(1, n_lines, min(n_points, n_lines)).astype(int)).tolist()


def sweep(n_points, names):
    """Inject faults, and print how they ended."""
    total, damage = Counter(), []
    for scenario, name in CASES:
        if name not in names:
            continue
        trial, ends, began = Trial(scenario, name), Counter(), perf_counter()
        for exception in EXCEPTIONS:
            for k in places(trial.n_lines, n_points):
                try:
                    ends[trial.inject(exception, k)] += 1
                except Outcome as outcome:
                    ends["DAMAGED"] += 1
                    damage.append(str(outcome))
        total += ends
        counts = ", ".join(f"{ends[end]} {end}" for end in sorted(ends))
        seconds = perf_counter() - began
        print(
            f"{name:<18} {scenario:<22} {trial.n_lines:>6} lines: {counts}; {seconds:.0f} s",
            flush=True,
        )
    print(f"{sum(total.values())} faults: {dict(total)}")
    for line in dict.fromkeys(damage[:200]):
        print(line)
    return len(damage)


if __name__ == "__main__":
    n_points = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    warnings.simplefilter("ignore")
    with BLAS.limit(limits=2):  # so that a limit to one, if it stayed, would be seen
        sys.exit(min(sweep(n_points, sys.argv[2:] or [name for _, name in CASES]), 1))
