"""The examples' places in the gallery: what it is for, how it is used, how it is made."""

ORDER = [
    "plot_vs_sklearn_mlp.py",
    "plot_tabular_mixed_types.py",
    "plot_optimizers.py",
    "plot_validation_and_early_stopping.py",
    "plot_dropout_and_class_weight.py",
    "plot_quantiles.py",
    "plot_onnx_and_shap.py",
    "plot_architecture_search.py",
    "plot_custom_layer.py",
    "plot_tied_autoencoder.py",
    "plot_how_it_works.py",
]


def place(filename):
    """What to sort examples by; those that are not named come last."""
    return (ORDER.index(filename) if filename in ORDER else len(ORDER), filename)
