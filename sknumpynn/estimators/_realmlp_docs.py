"""Documentation of what the RealMLP estimators have of their own."""

__all__ = ["RECORDS", "TEXTS"]

TEXTS = {
    "recipe": (
        "{'default', 'fast', 'td', 'td-s'}",
        "The values of all parameters that are None. 'td' and 'td-s' are the paper's RealMLP-TD\n"
        "and its simpler variant: one network of 3 x 256 units, 256 epochs. 'default' averages\n"
        "four networks like 'td', but of 3 x 128 units, in smaller batches and for 64 to 100\n"
        "epochs, chooses epochs by the Brier score, and calibrates probabilities. 'fast' does so\n"
        "with two networks of 2 x 64 units.",
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
        "What to scale a feature by if half of its values or more are equal, often 0: by\n"
        "'others', the rest of the values, or by 'range', the range of all. See\n"
        "`sknumpynn.preprocessing.RobustSmoothClip`. The recipes have 'others'; 'td' and 'td-s',\n"
        "like the paper, 'range'.",
    ),
    "numeric_embedding": (
        "{'pbld', 'none'} or None",
        "'pbld' adds three mixtures of waves of each number, see\n"
        "`sknumpynn.layers.PeriodicEmbedding`. The recipes have it, 'td-s' 'none'.",
    ),
    "max_one_hot_categories": (
        "int, inf or None",
        "A feature with more categories is embedded; one with fewer is one-hot encoded. The\n"
        "recipes have 8, 'td-s' inf.",
    ),
    "embedding_size": (
        "int or None",
        "Length of the vector of an embedded category. The recipes have 8.",
    ),
    "init": (
        "{'data', 'normal'} or None",
        "How the networks are initialised, see `sknumpynn.layers.NTKLinear`. The recipes have\n"
        "'data', 'td-s' 'normal'.",
    ),
    "front_lr_scale": (
        "float or None",
        "Learning rate of the factors that weigh the features in front of the network, as a\n"
        "multiple of `learning_rate_init`. 0 leaves them out. The recipes have 6.",
    ),
    "embedding_lr_scale": (
        "float or None",
        "Learning rate of the waves, as a multiple of `learning_rate_init`. The recipes have 0.1.",
    ),
    "activation_lr_scale": (
        "float or None",
        "Learning rate of each unit's share of nonlinearity, as a multiple of\n"
        "`learning_rate_init`, see `sknumpynn.layers.ParametricActivation`. 0 makes all units\n"
        "fully nonlinear. The recipes have 0.1, 'td-s' 0.",
    ),
    "bias_lr_scale": (
        "float or None",
        "Learning rate of the biases, as a multiple of `learning_rate_init`. The recipes have 0.1.",
    ),
    "batch_size": (
        "int or None",
        "Rows in a minibatch, or all if there are fewer. Rows left over at the end of an epoch\n"
        "are not used in it. The recipes have 128; 'td' and 'td-s' 256.",
    ),
    "max_iter": (
        "int, 'auto' or None",
        "Number of epochs. 'auto' takes as many as make 65,536 rows in all, but at least 64 and\n"
        "at most 100. The recipes have 'auto'; 'td' and 'td-s' 256.",
    ),
    "learning_rate_init": (
        "float or None",
        "Largest learning rate. The recipes have 0.04 in classification; in regression 0.2, or\n"
        "0.07 in 'td-s'.",
    ),
    "learning_rate": (
        "str, schedule or None",
        "Schedule of the learning rate: 'coslog4' has four cycles, each twice as long as the one\n"
        "before; 'flat_cos' is constant for the first half and then falls along a cosine;\n"
        "'cosine', 'one_cycle', 'constant', or an object of `sknumpynn.schedules`. The recipes\n"
        "have 'coslog4'.",
    ),
    "beta_1": ("float or None", "Decay rate of Adam's first moment. The recipes have 0.9."),
    "beta_2": (
        "float or None",
        "Decay rate of Adam's second moment. The recipes have 0.95.",
    ),
    "epsilon": ("float or None", "Numerical stability of Adam. The recipes have 1e-8."),
    "weight_decay": (
        "float or None",
        "Strength of the weight decay; biases have none. The recipes have 0.02, 'td-s' 0.",
    ),
    "weight_decay_schedule": (
        "str, schedule or None",
        "Schedule of the weight decay. The recipes have 'flat_cos'.",
    ),
    "dropout": (
        "float or None",
        "Share of the outputs of hidden layers that training sets to zero at random. The recipes\n"
        "have 0.15, 'td-s' 0.",
    ),
    "dropout_schedule": (
        "str, schedule or None",
        "Schedule of the dropout. The recipes have 'flat_cos'.",
    ),
    "label_smoothing": (
        "float or None",
        "Share of each label that training spreads evenly over all classes. The recipes have 0.1.",
    ),
    "calibrate": (
        "bool or None",
        "Whether to calibrate the probabilities on the held-out rows, by temperature scaling. It\n"
        "never changes which class is predicted. True in 'default' and 'fast'.",
    ),
    "clip_predictions": (
        "bool or None",
        "Whether predictions are clipped to the range of y in training. The recipes have True,\n"
        "'td-s' False.",
    ),
    "scoring": (
        "str, callable or None",
        "Score by which each network's epoch is chosen, the last one of equals: 'loss', or a name\n"
        "or a scorer of scikit-learn's, which gets the matrix that the networks see. The recipes\n"
        "have the Brier score in classification ('td' and 'td-s' the accuracy), and the root mean\n"
        "squared error in regression.",
    ),
    "validation_fraction": (
        "float",
        "Part of the rows to hold out for `scoring`, if `fit` gets no X_val. With 0 each network\n"
        "keeps the weights of the last epoch.",
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
    "encoder_": ("TabularEncoder", "Makes the networks' matrix from a table."),
    "weights_": ("list of ndarray", "All weights of each network, in one array of float32."),
    "temperature_": ("float", "Temperature of the calibration; 1 if there is none."),
    "loss_curves_": ("list of list of float", "Loss of each epoch, for each network."),
    "score_curves_": (
        "list of list of float",
        "Score of the held-out rows after each epoch, for each network.",
    ),
    "best_iters_": ("list of int", "The epoch whose weights each network has, counted from 1."),
    "n_iter_": ("int", "Number of epochs."),
}

RECORDS = (
    *("encoder_", "weights_", "loss_curves_", "score_curves_", "best_iters_", "n_iter_"),
    *("n_features_in_", "feature_names_in_"),
)
