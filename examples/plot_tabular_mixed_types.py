"""
A table of numbers and words, without a pipeline
================================================

Real tables mix categories with numbers, and both have gaps.
:class:`~sknumpynn.RealMLPRegressor` takes such a table as it is.
"""

# %%
# A table
# -------
# It tells what a flat costs a month, by its size, its age, the city, the kind of heating, and
# whether there is a lift. A sixth of the ages and a quarter of the heatings are unknown.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import r2_score

from sknumpynn import RealMLPRegressor

rng = np.random.default_rng(0)
n = 1500
cities = {"Bern": 1.3, "Lima": 0.6, "Oslo": 1.5, "Rome": 1.0, "Vigo": 0.7}
table = pd.DataFrame(
    {
        "size": rng.gamma(8.0, 10.0, n).round(),
        "age": rng.uniform(0, 120, n).round(),
        "city": rng.choice(list(cities), n),
        "heating": pd.Categorical(rng.choice(["gas", "oil", "pump", None], n)),
        "lift": rng.random(n) < 0.4,
    }
)
charm = 1 + 0.3 * np.cos(table["age"] / 120 * 2 * np.pi)  # new ones cost more, and very old ones
rent = 9 * table["size"] ** 0.9 * charm * table["city"].map(cities).astype(float)
rent = rent * np.where(table["heating"] == "pump", 1.1, 1.0) + 60 * table["lift"].to_numpy(int)
rent = (rent * rng.lognormal(0, 0.08, n)).to_numpy()
table.loc[rng.random(n) < 1 / 6, "age"] = np.nan
print(table.head())

# %%
# Fit
# ---
# There is nothing to impute, encode or scale. Four networks are trained, each keeps the epoch that
# does best on held-out rows, and their predictions are averaged. ``recipe="fast"`` trains two
# smaller networks.

train, test = slice(1000), slice(1000, None)
models = {
    "gradient boosting": HistGradientBoostingRegressor(
        categorical_features="from_dtype", random_state=0
    ),
    "RealMLP, fast": RealMLPRegressor(recipe="fast", random_state=0),
    "RealMLP": RealMLPRegressor(random_state=0),
}
boosted = table.astype({"city": "category", "lift": "category"})  # which has to be told
for name, model in models.items():
    X = boosted if name == "gradient boosting" else table
    score = r2_score(rent[test], model.fit(X[train], rent[train]).predict(X[test]))
    print(f"{name:<18} R² = {score:.3f}")

# %%
# What the columns became
# -----------------------
# They became numbers, an indicator of unknown ages, and columns for the categories.

model = models["RealMLP"]
print(*model.encoder_.get_feature_names_out(), sep=", ")

# %%
# What it learned
# ---------------
# Here is the rent of a flat of 80 m² at all ages. Boosting goes in steps, and the network along a
# curve. For Atlantis, which it has never seen, it predicts something between the cities it knows.

flat = pd.DataFrame({"size": 80.0, "age": np.arange(121.0), "heating": "gas", "lift": False})
truth = 9 * 80**0.9 * (1 + 0.3 * np.cos(flat["age"] / 120 * 2 * np.pi))

fig, ax = plt.subplots(layout="constrained")
COLORS = {"Oslo": "#0072B2", "Vigo": "#E69F00", "Atlantis": "#009E73"}  # Okabe and Ito's
for city, color in COLORS.items():
    rows = flat.assign(city=city)[table.columns].astype({"heating": table["heating"].dtype})
    ax.plot(flat["age"], model.predict(rows), color, label=city)
    if city in cities:
        ax.plot(flat["age"], cities[city] * truth, color, linestyle=":")
        coded = rows.astype({"city": boosted["city"].dtype, "lift": boosted["lift"].dtype})
        boosting = models["gradient boosting"].predict(coded)
        ax.plot(flat["age"], boosting, color, alpha=0.4, drawstyle="steps-mid")
ax.set(xlabel="age in years", ylabel="rent", title="RealMLP, boosting (pale), truth (dotted)")
ax.legend()
plt.show()
