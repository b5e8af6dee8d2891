"""The version, and the stamp of it that pickles carry."""

import warnings

__version__ = "0.1.0"

STAMP = "_sknumpynn_version"


class Stamped:
    """An estimator whose pickles name the version that made them; loading in another one warns.

    A copy is no pickle: it has all attributes, even what a subclass leaves out of its pickles, for
    fits work on copies.
    """

    def __copy__(self):
        twin = type(self).__new__(type(self))
        vars(twin).update(vars(self))
        return twin

    def __getstate__(self):
        return {**super().__getstate__(), STAMP: __version__}

    def __setstate__(self, state):
        made_by = state.get(STAMP, __version__)
        if made_by != __version__:
            warnings.warn(
                f"{type(self).__name__} was saved by sknumpynn {made_by}, and is loaded by "
                f"{__version__}: it may predict otherwise, or not at all. Fit it anew, or load it "
                "with the version that saved it.",
                stacklevel=2,
            )
        super().__setstate__({name: state[name] for name in state if name != STAMP})
