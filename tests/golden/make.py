"""Make the golden models of this version: fitted estimators that later versions have to understand.

    python -m tests.golden.make [--again]

Run it once for each release, and keep what earlier ones made. tests/test_golden.py loads them all.
Only before the release may they be made again.
"""

import pickle
import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn.exceptions import ConvergenceWarning

import sknumpynn
from tests.models import MAKERS, TABLE_MAKERS, X_NEW, X, answers, make, target

FOLDER = Path(__file__).parent


def main(folder, again):
    if folder.exists() and not again:
        sys.exit(f"{folder} is there. What a version has promised stays as it is.")
    folder.mkdir(exist_ok=True)
    warnings.simplefilter("ignore", ConvergenceWarning)
    go_on = dict(average=0.9, warm_start="exact")
    params = dict.fromkeys(MAKERS, go_on) | dict.fromkeys(TABLE_MAKERS, {})
    for name in params:
        est = make(name, max_iter=20, **params[name]).fit(X, target(name))
        (folder / f"{name}.pickle").write_bytes(pickle.dumps(est, protocol=4))
        np.savez_compressed(folder / f"{name}.npz", X=X_NEW, **answers(est))
    n_bytes = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{folder}: {len(params)} models, {n_bytes:,} bytes")


if __name__ == "__main__":
    main(FOLDER / sknumpynn.__version__, "--again" in sys.argv)
