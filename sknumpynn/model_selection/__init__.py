"""Model selection: searches that train their candidates together."""

from .stacked_search import StackedSearchCV

__all__ = ["StackedSearchCV"]
