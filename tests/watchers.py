"""Callbacks that note what they are told."""


class Recorder:
    """Notes what it is told, and stops the fit after the k-th epoch, or raises an exception."""

    def __init__(self, k=None, exception=None):
        self.calls, self.fitted, self.k, self.exception = [], [], k, exception

    def setup(self, estimator, context):
        self.calls.append(("setup", context.task_name))

    def on_fit_task_begin(self, estimator, context, *, X, y, metadata):
        self.calls.append(("begin", context.task_name))
        self.data, self.max_subtasks = (X, y, metadata), context.max_subtasks

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        self.calls.append(("end", context.task_name))
        self.fitted.append(fitted_estimator)
        stops = len(self.fitted) == self.k
        if stops and self.exception:
            raise self.exception
        return stops

    def teardown(self, estimator, context):
        self.calls.append(("teardown", context.task_name))


class Propagated(Recorder):
    """Goes down to the innermost estimator."""

    max_propagation_depth = None
