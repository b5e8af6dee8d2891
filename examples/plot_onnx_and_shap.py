"""
To ONNX and SHAP, by way of scikit-learn
========================================

Many tools know scikit-learn's networks, and none of them has to know ours: ``to_sklearn()`` turns a
fitted network into a genuine ``sklearn.neural_network.MLPClassifier``. Here it goes to ONNX, to run
without Python, and to SHAP, to be explained.
"""

# %%
# This page uses ``pip install skl2onnx onnxruntime shap``, and leaves out what is missing.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknumpynn import MLPClassifier

try:
    import onnxruntime
    import skl2onnx
except ImportError as error:
    onnxruntime = None
    print(f"Without ONNX: {error}. Try pip install skl2onnx onnxruntime.")
try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shap's, at newer versions of its own dependencies
        import shap
except ImportError as error:
    shap = None
    print(f"Without SHAP: {error}. Try pip install shap.")

# %%
# A network to give away
# ----------------------
# It is trained with class weights, dropout, AdamW and a schedule, which scikit-learn does not
# have. But a fitted network is only weights and an activation, and those scikit-learn has.

data = load_breast_cancer()
X, X_test, y, y_test = train_test_split(data.data, data.target, random_state=0)
scaler = StandardScaler().fit(X)
network = MLPClassifier(
    (32,),
    solver="adamw",
    learning_rate="cosine",
    learning_rate_init=0.01,
    max_iter=50,
    tol=0,
    class_weight="balanced",
    dropout=0.2,
    random_state=0,
)
network.fit(scaler.transform(X), y)
theirs = make_pipeline(scaler, network.to_sklearn())
ours = make_pipeline(scaler, network)

difference = np.abs(theirs.predict_proba(X_test) - ours.predict_proba(X_test)).max()
print(f"{type(theirs[-1]).__module__}: score {theirs.score(X_test, y_test):.3f}")
print(f"largest difference of a probability: {difference:.0e}")

# %%
# ONNX
# ----
# The whole pipeline, scaler included, becomes one graph, which computes in single precision.

if onnxruntime:
    graph = skl2onnx.to_onnx(theirs, X[:1].astype(np.float32), options={"zipmap": False})
    session = onnxruntime.InferenceSession(
        graph.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    label, probability = session.run(None, {"X": X_test.astype(np.float32)})
    difference = np.abs(probability - ours.predict_proba(X_test)).max()
    print(f"ONNX: {len(graph.SerializeToString()) / 1024:.0f} kB")
    print(f"largest difference of a probability: {difference:.0e}")
    print(f"rows with another label: {np.sum(label != ours.predict(X_test))}")

# %%
# SHAP
# ----
# Why does the network say so? SHAP divides each prediction among the columns: the average
# prediction and what each column adds to it make up the prediction for a row.


def p_benign(X):
    return theirs.predict_proba(X)[:, 1]


if shap:
    explainer = shap.Explainer(p_benign, X[:100], feature_names=data.feature_names, seed=0)
    explanation = explainer(X_test[:40], silent=True)
    total = explanation.base_values + explanation.values.sum(axis=1)
    print(f"they add up, to within {np.abs(total - p_benign(X_test[:40])).max():.0e}")

# %%
# Without SHAP
# ------------
# ``input_gradients`` is built in, and tells how much the network's output changes with each
# column, at each row. It answers another question: what would change the prediction, not what made
# it. The columns are scaled, so their gradients can be compared. Both pictures show means over
# rows, with columns in the order of the gradients.

gradients = np.abs(network.input_gradients(scaler.transform(X_test[:40]))).mean(axis=0)
order = np.argsort(gradients)[-10:]

_, axes = plt.subplots(1, 2 if shap else 1, figsize=(9, 4), sharey=True, layout="constrained")
axes = np.ravel(axes)
axes[0].barh(data.feature_names[order], gradients[order], color="#0072B2")
axes[0].set(title="input_gradients", xlabel="mean |d logit / d scaled column|")
axes[0].set_ylabel("column")
if shap:
    importance = np.abs(explanation.values).mean(axis=0)
    axes[1].barh(data.feature_names[order], importance[order], color="#E69F00")
    axes[1].set(title="SHAP", xlabel="mean |part of the probability|")
plt.show()
