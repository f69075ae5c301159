"""Surveys: many starts, every critical point they reach, stored as an atlas."""

from saddlescape.surveys._atlas import Atlas
from saddlescape.surveys._classes import summary
from saddlescape.surveys._finding import finding, zero_loss
from saddlescape.surveys._infinity import points_at_infinity
from saddlescape.surveys._plan import Plan, plan
from saddlescape.surveys._run import Progress, run
from saddlescape.surveys._schema import CLASSES, POINTS
from saddlescape.surveys._settings import SurveySettings
from saddlescape.surveys._teacher import TeacherFound, teacher_found

__all__ = [
    "CLASSES",
    "POINTS",
    "Atlas",
    "Plan",
    "Progress",
    "SurveySettings",
    "TeacherFound",
    "finding",
    "plan",
    "points_at_infinity",
    "run",
    "summary",
    "teacher_found",
    "zero_loss",
]
