"""scikit-learn's callbacks see every epoch, may stop a fit, and change nothing else."""

import copy
import importlib.util
import pickle
import sys
import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknumpynn import (
    Linear,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    NetworkRegressor,
    ReLu,
    Sequential,
)
from sknumpynn.estimators import _callbacks
from sknumpynn.estimators._attributes import fitted_attributes
from sknumpynn.layers import BatchNorm, Dropout
from tests.watchers import Propagated, Recorder

sklearn_callback = pytest.importorskip("sklearn.callback", reason="new in scikit-learn 1.9")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(0).normal(size=(90, 4))
LABELS = np.where(X[:, 0] * X[:, 1] > 0, "yes", "no")
NUMBERS = X[:, 0] * X[:, 1]
WEIGHTS = np.linspace(0.5, 1, 90)
PARAMS = dict(max_iter=6, tol=0, batch_size=20, learning_rate_init=0.02, random_state=0)


def layers(noisy=False):
    more = [BatchNorm(), Dropout(0.2)] if noisy else []
    return Sequential(Linear(outputs=5), *more, ReLu())


MODELS = {
    "adam": MLPClassifier((5,), **PARAMS),
    "float32": MLPRegressor(hidden_layer_sizes=(5,), **PARAMS, dtype="float32", solver="sgd"),
    "lbfgs": MLPRegressor(hidden_layer_sizes=(5,), **PARAMS, solver="lbfgs"),
    "average": MLPClassifier((5,), **PARAMS, average=0.9, dropout=0.2),
    "layers": NetworkClassifier(layers(noisy=True), **PARAMS),
    "layers, lbfgs": NetworkRegressor(layers(), **PARAMS, optimizer="lbfgs", dtype="float32"),
}
every_model = pytest.mark.parametrize("name", MODELS)


def new(name, **params):
    return clone(MODELS[name]).set_params(**params)


def target(est):
    return LABELS if hasattr(est, "predict_proba") else NUMBERS


def fit(est, **data):
    return est.fit(X, target(est), **data)


def output(est):
    return est.predict_proba(X) if hasattr(est, "predict_proba") else est.predict(X)


# What they see


@every_model
def test_they_are_told_of_all_epochs(name):
    recorder, y = Recorder(), list(target(MODELS[name]))
    weights = {} if name.startswith("layers") else {"sample_weight": WEIGHTS}
    est = new(name).set_callbacks(recorder).fit(X, y, **weights)
    part = "iteration" if "lbfgs" in name else "epoch"
    epochs = [("begin", part), ("end", part)] * est.n_iter_
    assert est.n_iter_ == 6
    assert recorder.calls == [
        *[("setup", "fit"), ("begin", "fit"), *epochs],
        *[("end", "fit"), ("teardown", "fit")],
    ]
    X_told, y_told, metadata = recorder.data
    assert X_told is X and y_told is y  # as they were given: frames with the names of columns
    assert metadata.keys() == weights.keys()
    assert_array_equal(metadata.get("sample_weight", WEIGHTS), WEIGHTS)


@every_model
def test_they_get_the_estimator_that_a_shorter_fit_gives(name):
    recorder = Recorder()
    est = fit(new(name).set_callbacks(recorder))
    *epochs, last = recorder.fitted
    assert len(epochs) == 6
    for epoch, fitted in enumerate(epochs, 1):  # which training has left alone since
        assert fitted.n_iter_ == epoch
        assert_array_equal(output(fitted), output(fit(new(name, max_iter=epoch))))
    assert_array_equal(output(last), output(est))
    assert last is not est


@every_model
def test_watching_changes_nothing(name):
    class Curious(Recorder):
        def on_fit_task_end(self, estimator, context, *, fitted_estimator):
            output(fitted_estimator)
            output(estimator) if "lbfgs" not in name else None

    watched, alone = fit(new(name).set_callbacks(Curious())), fit(new(name))
    assert vars(watched).keys() - {"_skl_callbacks"} == vars(alone).keys()
    assert_array_equal(output(watched), output(alone))
    assert watched.loss_ == alone.loss_


def test_the_estimator_they_see_is_in_training():
    class Reader(Recorder):
        def on_fit_task_end(self, estimator, context):
            self.fitted.append(list(estimator.loss_curve_))
            estimator.note_ = "kept"

    reader = Reader()
    est = fit(new("adam").set_callbacks(reader))
    curve = est.loss_curve_
    assert reader.fitted == [*(curve[:epoch] for epoch in range(1, 7)), curve]
    assert est.note_ == "kept"


def test_after_divergence_they_get_the_best_weights():
    recorder = Recorder()
    est = new("float32", learning_rate_init=0.3, activation="identity", max_iter=50)
    with pytest.warns(UserWarning, match="diverged"):
        fit(est.set_callbacks(recorder))
    assert 2 < len(recorder.fitted) == est.n_iter_ + 1
    for fitted in recorder.fitted[-2:]:
        assert_array_equal(fitted.predict(X), est.predict(X))


def test_an_earlier_fit_does_not_show():
    pd = pytest.importorskip("pandas")
    recorder = Recorder()
    est = new("adam").fit(pd.DataFrame(X[:, :3], columns=list("abc")), LABELS)
    fit(est.set_callbacks(recorder))
    for fitted in recorder.fitted:
        assert fitted.predict(X).shape == LABELS.shape


def test_partial_fit_is_not_watched():
    recorder = Recorder()
    new("adam").set_callbacks(recorder).partial_fit(X, LABELS, classes=["no", "yes"])
    assert not recorder.calls


# Stopping


@every_model
def test_they_may_stop_a_fit(name):
    recorder = Recorder(k=3)
    with warnings.catch_warnings(action="error"):
        est = fit(new(name).set_callbacks(recorder))
    assert est.n_iter_ == 3 and len(recorder.fitted) == 4
    with pytest.warns(UserWarning):
        expected = fit(new(name, max_iter=3))
    assert_array_equal(output(est), output(expected))


def test_each_fit_counts_anew():
    for name in ("adam", "lbfgs"):
        est = fit(new(name, warm_start=True, max_iter=2))
        recorder = Recorder()
        fit(est.set_callbacks(recorder))
        assert [fitted.n_iter_ for fitted in recorder.fitted] == [1, 2, 2]


def test_a_fit_that_was_stopped_goes_on():
    est = fit(new("adam", warm_start="exact").set_callbacks(Recorder(k=2)))
    fit(est.set_callbacks().set_params(max_iter=4))
    assert_array_equal(output(est), output(fit(new("adam"))))


def test_with_early_stopping_the_best_weights_are_kept():
    est = new("adam", early_stopping=True, scoring="loss", learning_rate_init=0.5, max_iter=99)
    recorder = Recorder(k=5)
    fit(est.set_callbacks(recorder))
    assert len(est.validation_scores_) == 5
    assert est.best_iter_ == 1 + np.argmax(est.validation_scores_) < 5
    assert_array_equal(output(est), output(recorder.fitted[est.best_iter_ - 1]))


# Errors


class Fails(Recorder):
    def __init__(self, where):
        super().__init__()
        self.where = where

    def fail(self, where, context):
        self.calls.append(where)
        if where == self.where:
            raise RuntimeError(where)

    def setup(self, estimator, context):
        self.fail("setup", context)

    def on_fit_task_begin(self, estimator, context):
        self.fail(f"begin of {context.task_name}", context)

    def on_fit_task_end(self, estimator, context):
        self.fail(f"end of {context.task_name}", context)

    def teardown(self, estimator, context):
        self.fail("teardown", context)


PLACES = ["setup", "begin of fit", "begin of epoch", "end of epoch", "end of fit", "teardown"]


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("is_fitted", [False, True])
def test_an_error_leaves_the_estimator_as_it_was(where, is_fitted):
    est, failing = new("adam"), Fails(where)
    if is_fitted:
        fit(est)
    est.set_callbacks(failing)
    before = copy.deepcopy({k: v for k, v in vars(est).items() if k != "_skl_callbacks"})
    with pytest.raises(RuntimeError, match=where):
        est.fit(2 * X, LABELS)
    assert failing.calls[-1] == "teardown"
    assert est._skl_callbacks == [failing]
    assert vars(est).keys() - before.keys() == {"_skl_callbacks"}
    assert pickle.dumps({k: vars(est)[k] for k in before}) == pickle.dumps(before)
    assert_array_equal(output(fit(est.set_callbacks())), output(fit(new("adam"))))


def test_data_are_checked_before_anyone_is_told():
    recorder = Recorder()
    with pytest.raises(ValueError, match="expected"):
        new("adam").set_callbacks(recorder).fit(X, LABELS, sample_weight=WEIGHTS[:5])
    assert not recorder.calls


def test_an_interrupt_forgets_the_epoch():
    with pytest.warns(UserWarning, match="interrupted by user in epoch 3"):
        est = fit(new("average").set_callbacks(Recorder(3, KeyboardInterrupt)))
    assert est.n_iter_ == len(est.loss_curve_) == 2
    assert_array_equal(output(est), output(fit(new("average", max_iter=2))))


# As scikit-learn does it


@every_model
def test_they_are_no_parameters(name):
    recorder = Recorder()
    est = new(name)
    params = est.get_params()
    assert est.set_callbacks(recorder) is est
    assert est.get_params() == params
    assert clone(est)._skl_callbacks == [recorder]
    fit(est)
    copied = pickle.loads(pickle.dumps(est))
    assert_array_equal(output(copied), output(est))
    fit(copied)
    assert copied._skl_callbacks[0].calls == 2 * recorder.calls
    assert not hasattr(est.set_callbacks(), "_skl_callbacks")


def test_every_estimator_takes_them():
    assert all(
        issubclass(type(est), sklearn_callback.CallbackSupportMixin) for est in MODELS.values()
    )
    with pytest.raises(TypeError, match="FitCallback"):
        new("adam").set_callbacks("progress")


@pytest.mark.parametrize("sample_weight", [None, 2.0, WEIGHTS])
def test_scoring_monitor_has_a_row_for_each_epoch(sample_weight):
    pd = pytest.importorskip("pandas")
    frame, y = pd.DataFrame(X, columns=list("abcd")), pd.Series(LABELS)
    monitor = sklearn_callback.ScoringMonitor(scoring=["accuracy", "neg_log_loss"])
    network = new("adam", max_iter=200, n_iter_no_change=3, tol=0.01).set_callbacks(monitor)
    pipeline = make_pipeline(StandardScaler().set_output(transform="pandas"), network)
    with warnings.catch_warnings(action="error"):
        pipeline.fit(frame, y, mlpclassifier__sample_weight=sample_weight)
    log = monitor.get_logs().data_as_pandas
    epochs = log[log["task_name"] == "epoch"]
    assert 3 < len(epochs) == network.n_iter_ < 200
    assert list(log["task_name"]).count("fit") == len(log) - len(epochs) == 1
    weights = None if np.isscalar(sample_weight) else sample_weight
    expected = pipeline.score(frame, y, sample_weight=weights)
    assert epochs["accuracy"].iloc[-1] == pytest.approx(expected)
    assert epochs["neg_log_loss"].iloc[-1] > epochs["neg_log_loss"].iloc[0]


def search(n_jobs=None):
    network = new("adam", max_iter=3)
    grid = {"mlpclassifier__alpha": [0.0, 1.0], "mlpclassifier__solver": ["adam", "lbfgs"]}
    return GridSearchCV(make_pipeline(StandardScaler(), network), grid, cv=2, n_jobs=n_jobs)


def test_they_go_down_through_searches_and_pipelines():
    recorder = Propagated()
    search().set_callbacks(recorder).fit(X, LABELS)
    counts = [recorder.calls.count(("end", name)) for name in ("epoch", "iteration")]
    assert recorder.calls.count(("setup", "fit")) == 1
    assert counts in ([15, 12], [12, 15])  # three for each of four fits, and for the refit


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_progress_bar_in_a_search(n_jobs, capfd):
    pytest.importorskip("rich")
    bar = sklearn_callback.ProgressBar(max_propagation_depth=None)
    watched = search(n_jobs).set_callbacks(bar).fit(X, LABELS)
    bars = [line for line in capfd.readouterr().out.splitlines() if "MLPClassifier - fit" in line]
    assert len(bars) == 9 and all("100%" in line for line in bars)
    scores = [s.cv_results_["mean_test_score"] for s in (watched, search().fit(X, LABELS))]
    assert_array_equal(*scores)


def test_an_older_version_has_none(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.callback", None)
    spec = importlib.util.spec_from_file_location(f"{_callbacks.__name__}_old", _callbacks.__file__)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert not hasattr(module.CallbackSupportMixin, "set_callbacks")
    assert hasattr(_callbacks.CallbackSupportMixin, "set_callbacks")


class Loss(float):
    """A number of a curve, at which nobody is to look once an epoch."""

    def __deepcopy__(self, memo):
        raise AssertionError


def test_what_an_epoch_shows_takes_no_longer_for_those_before():
    est = MLPRegressor(**PARAMS, early_stopping=True)
    est.fit(X, NUMBERS, X_val=X[:20], y_val=NUMBERS[:20])
    curves = [est.loss_curve_, est.validation_scores_, est.validation_loss_curve_]
    for curve in [*curves, *est.history_.values()]:
        curve[:] = map(Loss, curve)
    attributes = fitted_attributes(est)
    assert attributes["history_"] == est.history_
    assert attributes["loss_curve_"] == est.loss_curve_
    assert attributes["loss_curve_"] is not est.loss_curve_
    assert attributes["history_"]["loss"] is not est.history_["loss"]
