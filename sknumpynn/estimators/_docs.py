"""Documentation that the estimators share: each parameter and attribute is described once."""

from inspect import cleandoc, signature
from textwrap import indent

__all__ = ["document"]

PARAMETERS = {
    "loss": (
        "str, Loss or callable",
        "Loss to minimise. 'squared_error' (half of it) predicts means, 'absolute_error' medians,\n"
        "'huber' something in between, 'quantile' the quantiles named by `quantile`. 'poisson'\n"
        "and 'gamma' are half deviances with a log link, for ``y >= 0`` and ``y > 0``.\n"
        "'gaussian_nll' predicts standard deviations, too. It may also be a\n"
        "`sknumpynn.core.Loss`, or a function ``(Yp, Y) -> (value, gradient)``; if there are\n"
        "sample weights, they are its third argument.",
    ),
    "network": (
        "Layer or None",
        "The hidden layers, usually a `Sequential`. A copy is trained, with initial weights of\n"
        "its own. Layers whose initial values depend on the data, such as bins, see at most 4096\n"
        "rows of X. None is one layer of 100 relu units.",
    ),
    "hidden_layer_sizes": (
        "int or array-like of int",
        "Number of units of each hidden layer. ``()`` makes a linear model.",
    ),
    "activation": (
        "str, Layer, or list or tuple of such",
        "Activation function of all hidden layers, or of each of them: 'identity', 'logistic',\n"
        "'tanh', 'relu', 'leaky_relu', 'elu', 'selu', 'gelu', 'silu', 'mish', 'softplus' or a\n"
        "layer of your own. The initial weights are drawn to suit it [2]_.",
    ),
    "solver": (
        "{'lbfgs', 'sgd', 'adam', 'adamw', 'rmsprop'} or Optimizer",
        "'adam' is the stochastic optimizer of Kingma and Ba [3]_, 'sgd' stochastic gradient\n"
        "descent with momentum, 'lbfgs' a quasi-Newton method that uses all rows in each step\n"
        "(`scipy.optimize.minimize`): good on small data. 'adamw' shrinks the weights in its\n"
        "steps instead of penalising them in the loss, 'rmsprop' is Adam without momentum. An\n"
        "optimizer object brings its own learning rate.",
    ),
    "alpha": (
        "float",
        "Strength of the L2 penalty on the weights. It is divided by the number of rows in a\n"
        "batch, or by the sum of their weights. For 'adamw' it is the weight decay, undivided.",
    ),
    "batch_size": (
        "int or 'auto'",
        "Rows in a minibatch; 'auto' is ``min(200, n_samples)``. Not used by 'lbfgs'.",
    ),
    "learning_rate": (
        "str or schedule",
        "Schedule of the learning rate: 'constant'; or, for any solver but 'lbfgs', 'cosine' (it\n"
        "falls to zero over `max_iter` epochs), 'one_cycle' (it rises before it falls) or a\n"
        "schedule object. Schedules that change the rate at each step run to their end, unless\n"
        "early stopping ends training. Only for 'sgd', as in scikit-learn: 'invscaling' divides\n"
        "the initial rate by ``(t + 1) ** power_t`` after each epoch, where t counts the rows\n"
        "seen so far; 'adaptive' divides the rate by 5 whenever training has not improved for\n"
        "`n_iter_no_change` epochs.",
    ),
    "learning_rate_init": (
        "float",
        "Initial learning rate, or for 'one_cycle' the largest. Not used by 'lbfgs', nor by an\n"
        "optimizer object.",
    ),
    "power_t": ("float", "Exponent of the 'invscaling' schedule."),
    "max_iter": (
        "int",
        "Largest number of epochs (passes over the rows), or for 'lbfgs' of iterations.",
    ),
    "shuffle": ("bool", "Whether to shuffle the rows in each epoch."),
    "random_state": (
        "int, RandomState instance or None",
        "Determines the initial weights, the validation split and the order of the rows. Pass an\n"
        "int for results that can be reproduced.",
    ),
    "tol": (
        "float",
        "Training stops, or the 'adaptive' rate falls, when the loss (with early stopping: the\n"
        "validation score) has not improved by `tol` for more than `n_iter_no_change` epochs in a\n"
        "row. For 'lbfgs', the largest gradient at a solution.",
    ),
    "verbose": ("bool or int", "Whether to print the progress of training."),
    "warm_start": (
        "bool or 'exact'",
        "Whether `fit` goes on from the weights of the call before. With 'exact' it goes on as if\n"
        "there had been no pause, with the optimizer's state and the sequence of random numbers.\n"
        "Two calls of 10 epochs then equal one of 20, bit for bit.",
    ),
    "momentum": ("float", "Momentum of 'sgd', in [0, 1]."),
    "nesterovs_momentum": ("bool", "Whether the momentum of 'sgd' is Nesterov's."),
    "early_stopping": (
        "bool",
        "Whether to hold out `validation_fraction` of the rows, stop when their score no longer\n"
        "improves, and keep the weights of the epoch with the best score: the accuracy, in\n"
        "regression R², or `scoring`. The split is stratified if there are two classes. Not used\n"
        "by 'lbfgs'.",
    ),
    "validation_fraction": ("float", "Part of the rows to hold out for early stopping, in [0, 1)."),
    "beta_1": ("float", "Decay rate of the first moment of 'adam' and 'adamw', in [0, 1)."),
    "beta_2": ("float", "Decay rate of the second moment of 'adam' and 'adamw', in [0, 1)."),
    "epsilon": ("float", "Numerical stability of 'adam', 'adamw' and 'rmsprop'."),
    "n_iter_no_change": ("int or inf", "Epochs without improvement that are tolerated, see `tol`."),
    "max_fun": ("int", "Largest number of evaluations of the loss by 'lbfgs'."),
    "class_weight": (
        "'balanced', dict, list of dict or None",
        "Weights of the classes, which multiply those of their rows. 'balanced' gives all classes\n"
        "the same total weight. For several labels a row, a list with a dict for each label.",
    ),
    "label_smoothing": (
        "float",
        "Share of each label, in [0, 1), that training spreads evenly over all classes.",
    ),
    "dropout": (
        "float, or list or tuple of float",
        "Share, in [0, 1), of the outputs of all hidden layers, or of each of them, that training\n"
        "sets to zero at random. Not for 'lbfgs'.",
    ),
    "clip_norm": (
        "float or None",
        "Largest norm of the gradient of all learned parameters together; a longer gradient is\n"
        "scaled down to it. Not used by 'lbfgs'.",
    ),
    "scoring": (
        "str, callable or None",
        "Score of the held-out rows: a name or a scorer of scikit-learn's, 'loss' for minus the\n"
        "loss, or None for that of the method `score`. With `warm_start`, scores of earlier\n"
        "calls of `fit` count if `scoring` was the same. Not used by 'lbfgs'.",
    ),
    "quantile": (
        "float, or list or tuple of float",
        "For ``loss='quantile'``: the quantile to predict, in (0, 1), or several, which `predict`\n"
        "returns as columns that never cross.",
    ),
    "scale_target": (
        "bool",
        "Whether to train on a standardised target. Predictions are still in units of y.",
    ),
    "average": (
        "float or None",
        "Decay rate, in (0, 1), of a moving average of the weights [3]_ (section 7.2). After each\n"
        "step the average moves by a share of ``1 - average`` towards the new weights, at first\n"
        "by more, since the initial ones do not count. The steps themselves do not change, but\n"
        "validation, early stopping and the fitted estimator use the averaged weights. With 0.99\n"
        "about the last 100 steps count. `partial_fit` and ``warm_start='exact'`` keep averaging.\n"
        "Not for 'lbfgs'.",
    ),
    "n_members": (
        "int",
        "How many networks to train and average: in classification their probabilities, in\n"
        "regression their predictions. Member k of `estimators_` is an estimator of one network,\n"
        "whose ``random_state`` is number k of ``rng.randint(2**31 - 1, size=n_members)``, with\n"
        "``rng = check_random_state(random_state)``. Small networks train in lock-step, which\n"
        "takes less time than one after the other.",
    ),
    "dtype": (
        "{'float32', 'float64'} or None",
        "Precision of the weights and of training; None is that of X. With 'float32' training\n"
        "takes about a third less time, or for wide networks half. Predictions for float64 data\n"
        "are still computed in float64.",
    ),
}
PARAMETERS["optimizer"] = PARAMETERS["solver"]

ATTRIBUTES = {
    "classes_": ("ndarray of shape (n_classes,)", "Class labels, sorted."),
    "loss_": ("float", "Loss of the last epoch."),
    "best_loss_": ("float or None", "Lowest loss of an epoch; None with early stopping."),
    "best_iter_": (
        "int",
        "The epoch that the fitted weights come from, counted from 1 over all calls of `fit`.\n"
        "With early stopping it is that of the best score; without, or if an earlier call had a\n"
        "better score, it is the last. Not set by 'lbfgs'.",
    ),
    "history_": (
        "dict of list of float",
        "For each epoch its 'loss', the learning rate 'lr' of its last step, and the\n"
        "'validation_score' and 'validation_loss' of held-out rows, nan if there were none. Not\n"
        "set by 'lbfgs'.",
    ),
    "loss_curve_": ("list of float", "Loss of each epoch. Not set by 'lbfgs'."),
    "validation_scores_": (
        "list of float or None",
        "Score of the held-out rows after each epoch, with early stopping.",
    ),
    "validation_loss_curve_": (
        "list of float",
        "Loss of the validation rows after each epoch. Only set if `X_val` was given.",
    ),
    "best_validation_score_": ("float or None", "Best of `validation_scores_`."),
    "t_": ("int", "Rows seen in training, each counted once an epoch."),
    "coefs_": (
        "list of ndarray of shape (n_inputs, n_outputs)",
        "Weights of each layer. Writing into them changes the predictions.",
    ),
    "intercepts_": (
        "list of ndarray of shape (n_outputs,)",
        "Bias of each layer. Writing into them changes the predictions.",
    ),
    "n_features_in_": ("int", "Number of features seen in `fit`."),
    "feature_names_in_": (
        "ndarray of shape (`n_features_in_`,)",
        "Names of the features seen in `fit`, if all are strings.",
    ),
    "n_iter_": ("int", "Epochs, or iterations of 'lbfgs', of the last call of `fit`."),
    "network_": ("Sequential", "The fitted network; its last layer makes the outputs."),
    "estimators_": (
        "list of estimator",
        "The members, if ``n_members`` is more than 1. Weights, loss curves and whatever else\n"
        "belongs to a single network are found there.",
    ),
    "n_layers_": ("int", "Number of layers, input and output included."),
    "n_outputs_": ("int", "Number of outputs of the network."),
    "out_activation_": ("str", "Name of the activation function of the output."),
}

# What training leaves behind in every estimator of one network, whatever its layers.
RECORDS = (
    *("loss_", "best_loss_", "best_iter_", "history_", "loss_curve_"),
    *("validation_scores_", "validation_loss_curve_", "best_validation_score_"),
    *("t_", "n_iter_", "n_features_in_", "feature_names_in_", "n_outputs_", "out_activation_"),
    "estimators_",
)


def document(*attributes, texts=None):
    """Decorate a class: fill in its docstring the parameters and the fitted attributes.

    The docstring marks the places with ``{parameters}`` and ``{attributes}``; defaults are read
    off the constructor.

    Parameters
    ----------
    *attributes : str
        Names of fitted attributes.
    texts : dict, default=None
        For parameters and attributes that are to be described otherwise.

    Returns
    -------
    decorator : callable
    """
    texts = {**PARAMETERS, **ATTRIBUTES, **(texts or {})}

    def describe(name, default=""):
        kind, text = texts[name]
        return f"{name} : {kind}{default}\n{indent(text, '    ')}"

    def decorate(cls):
        if cls.__doc__ is None:  # as under python -OO
            return cls
        parameters = signature(cls).parameters.values()
        parameters = [describe(p.name, f", default={p.default!r}") for p in parameters]
        doc = cleandoc(cls.__doc__).replace("{parameters}", "\n\n".join(parameters))
        cls.__doc__ = doc.replace("{attributes}", "\n\n".join(map(describe, attributes)))
        return cls

    return decorate
