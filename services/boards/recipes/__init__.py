"""The questions asked of the database for key figures, one file a kind of question."""

from services.boards.recipes.asking import Question, Recipe
from services.boards.recipes.registry import RECIPES, question

__all__ = ["RECIPES", "Question", "Recipe", "question"]
