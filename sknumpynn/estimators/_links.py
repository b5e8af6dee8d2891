"""Links: where the documentation of a class is, for notebooks to show."""

from functools import cache
from importlib.metadata import PackageNotFoundError, metadata

__all__ = ["page_of"]

HOMES = {"estimators": "sknumpynn", "layers": "sknumpynn.layers"}  # that the reference lists


def page_of(cls):
    """Find the page on an estimator or a layer.

    Parameters
    ----------
    cls : type

    Returns
    -------
    url : str
        Empty if the class is not one of ours, or there is no site.
    """
    package, _, module = cls.__module__.partition(".")
    home = HOMES.get(module.partition(".")[0])
    if package != "sknumpynn" or home is None or not site():
        return ""
    return f"{site()}/generated/{home}.{cls.__name__}.html"


@cache
def site():
    """Address of the documentation: the one that setup.cfg names, if it does, as a project URL."""
    try:
        urls = metadata("sknumpynn").get_all("Project-URL", [])
    except PackageNotFoundError:  # the package is not installed, but lies there
        return ""
    addresses = dict(url.split(", ", 1) for url in urls)
    return addresses.get("Documentation", "").rstrip("/")
