"""Documentation of what the RealMLP estimators have of their own."""

from ._docs import document

__all__ = ["document_realmlp"]

TEXTS = {
    "recipe": (
        "{'default', 'fast', 'td', 'td-s'}",
        "Which values all parameters have that are None. 'td' and 'td-s' are the paper's\n"
        "RealMLP-TD and its simpler variant: one network of 3 x 256 units, 256 epochs. 'default'\n"
        "averages four networks like 'td', but of 3 x 128 units, in smaller batches and for 64 to\n"
        "100 epochs, chooses epochs by the Brier score, and calibrates probabilities. 'fast' does\n"
        "so with two networks of 2 x 64 units.",
    ),
    "n_members": ("int or None", "How many networks are trained and averaged."),
    "hidden_layer_sizes": ("int, array-like of int or None", "Units of each hidden layer."),
    "activation": (
        "str, Layer or None",
        "Activation of the hidden layers, as for `MLPClassifier`. The recipes have 'selu' in\n"
        "classification, 'mish' in regression.",
    ),
    "spread": (
        "{'others', 'range'} or None",
        "What scales a number of which half the values or more are equal, often 0: 'others', the\n"
        "rest of them, or 'range', their range, see `sknumpynn.preprocessing.RobustSmoothClip`.\n"
        "'others'; 'td' and 'td-s', as the paper, 'range'.",
    ),
    "numeric_embedding": (
        "{'pbld', 'none'} or None",
        "'pbld' adds three mixtures of waves of each number, see\n"
        "`sknumpynn.layers.PeriodicEmbedding`.",
    ),
    "max_one_hot_categories": (
        "int, inf or None",
        "A feature of more categories is embedded, others are one-hot encoded. The recipes have\n"
        "8, 'td-s' inf.",
    ),
    "embedding_size": ("int or None", "Length of the vector of an embedded category. 8."),
    "init": (
        "{'data', 'normal'} or None",
        "How the networks are initialised, see `sknumpynn.layers.NTKLinear`.",
    ),
    "front_lr_scale": (
        "float or None",
        "Learning rate of the factors in front of the network, by which it chooses among the\n"
        "features, as a multiple of the learning rate. 0 leaves them out. 6.",
    ),
    "embedding_lr_scale": ("float or None", "The same of the waves. 0.1."),
    "activation_lr_scale": (
        "float or None",
        "The same of a unit's share of nonlinearity, see\n"
        "`sknumpynn.layers.ParametricActivation`; 0 makes all of it nonlinear. 0.1, 'td-s' 0.",
    ),
    "bias_lr_scale": ("float or None", "The same of the biases. 0.1."),
    "batch_size": (
        "int or None",
        "Rows in a minibatch, or all if there are fewer. What is left at the end of an epoch\n"
        "waits for the next one. 128; 'td' and 'td-s' 256.",
    ),
    "max_iter": (
        "int, 'auto' or None",
        "Epochs. 'auto' takes as many as train on 65,536 rows in all, 64 at least and 100 at\n"
        "most. 'auto'; 'td' and 'td-s' 256.",
    ),
    "learning_rate_init": (
        "float or None",
        "Largest learning rate. 0.04 in classification, in regression 0.2, or 0.07 in 'td-s'.",
    ),
    "learning_rate": (
        "str, schedule or None",
        "Its schedule: 'coslog4' has four cycles, each twice as long as the one before;\n"
        "'flat_cos' is constant for the first half and then falls along a cosine; 'cosine',\n"
        "'one_cycle', 'constant', or an object of `sknumpynn.schedules`. 'coslog4'.",
    ),
    "beta_1": ("float or None", "Decay rate of Adam's first moment. 0.9."),
    "beta_2": ("float or None", "Decay rate of Adam's second moment. 0.95."),
    "epsilon": ("float or None", "Numerical stability of Adam. 1e-8."),
    "weight_decay": (
        "float or None",
        "Strength of the weight decay; biases have none. 0.02, 'td-s' 0.",
    ),
    "weight_decay_schedule": ("str, schedule or None", "Its schedule. 'flat_cos'."),
    "dropout": ("float or None", "Rate of the dropout behind the hidden layers. 0.15, 'td-s' 0."),
    "dropout_schedule": ("str, schedule or None", "Its schedule. 'flat_cos'."),
    "label_smoothing": (
        "float or None",
        "Part of the certainty of labels that is spread over all classes in training. 0.1.",
    ),
    "calibrate": (
        "bool or None",
        "Whether probabilities are made as certain as they are right on the held-out rows, by\n"
        "temperature scaling, which changes no prediction of a class. 'default' and 'fast' do.",
    ),
    "clip_predictions": (
        "bool or None",
        "Whether predictions stay within the range of the y that was trained on. True, 'td-s'\n"
        "False.",
    ),
    "scoring": (
        "str, callable or None",
        "Score by which each network's epoch is chosen, of equals the last one: 'loss', or a name\n"
        "or a scorer of scikit-learn's, which is given the matrix that the networks see. The\n"
        "recipes have the Brier score in classification ('td' and 'td-s' the accuracy), in\n"
        "regression the root mean squared error.",
    ),
    "validation_fraction": (
        "float",
        "Part of the rows to hold out for that, if `fit` is given no X_val. With 0 each network\n"
        "is that of the last epoch.",
    ),
    "categorical_features": (
        "'from_dtype', array-like or None",
        "Names, indices or a mask of the categorical features; None if there are none.\n"
        "'from_dtype' finds categories, strings, booleans, and objects that are not all numbers.",
    ),
    "random_state": (
        "int, RandomState instance or None",
        "Determines the split, the initial weights, the order of the rows and the dropout. Pass\n"
        "an int for results that can be reproduced.",
    ),
    "n_jobs": (
        "int or None",
        "How many networks are trained at the same time, in processes of their own; -1 means as\n"
        "many as there are cores.",
    ),
    "encoder_": ("TabularEncoder", "What makes a matrix of a table."),
    "weights_": ("list of ndarray", "All weights of each network, in one array of float32."),
    "temperature_": ("float", "By which probabilities are scaled; 1 where they are not."),
    "loss_curves_": ("list of list of float", "Loss of each epoch, for each network."),
    "score_curves_": (
        "list of list of float",
        "Score of the held-out rows after each epoch, for each network.",
    ),
    "best_iters_": ("list of int", "The epoch of which each network has its weights."),
    "n_iter_": ("int", "Epochs."),
}


def document_realmlp(*attributes):
    """Decorate a RealMLP estimator: describe its constructor's parameters and its attributes.

    Parameters
    ----------
    *attributes : str
        Names of fitted attributes, beside those that all have.

    Returns
    -------
    decorator : callable
    """
    return document(
        *attributes,
        *("encoder_", "weights_", "loss_curves_", "score_curves_", "best_iters_", "n_iter_"),
        *("n_features_in_", "feature_names_in_"),
        texts=TEXTS,
    )
