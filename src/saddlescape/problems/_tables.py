"""Real tables: penguins, which come with the package, and Auto MPG, from mlxtend."""

import dataclasses
import importlib.resources

import numpy as np

from saddlescape.core import Data
from saddlescape.problems._extras import require
from saddlescape.problems._from_file import Choices, from_table
from saddlescape.problems._names import NAMES
from saddlescape.problems._problem import Problem
from saddlescape.problems._scaling import sentence, standardize
from saddlescape.problems._subset import choose

_PENGUINS = (
    "Gorman, Williams & Fraser (2014), PLoS ONE 9(3): e90081; Horst, Hill & Gorman (2020), "
    "palmerpenguins, doi:10.5281/zenodo.3960218. CC0 1.0 (public domain)."
)
_MPG = (
    "Quinlan (1993), Auto MPG, UCI Machine Learning Repository, doi:10.24432/C5859H, CC BY 4.0; "
    "as shipped in mlxtend (BSD-3-Clause)."
)
_CAR = (
    "cylinders",
    "displacement",
    "horsepower",
    "weight",
    "acceleration",
    "model year",
    "origin",
)


def penguins(samples: int | None, seed: int) -> Problem:
    """Return two measurements of a bill, to tell three species apart."""
    table = importlib.resources.files("saddlescape.problems") / "tables" / "penguins.csv"
    with importlib.resources.as_file(table) as path:
        problem = from_table(path, "species", Choices(samples=samples, seed=seed))
    return dataclasses.replace(
        problem,
        name="penguins",
        description=NAMES["penguins"],
        source=_PENGUINS,
        hidden=(4,),
    )


def mpg(samples: int | None, seed: int) -> Problem:
    """Return seven properties of cars, to predict how far a gallon takes them."""
    inputs, targets = require("mlxtend.data", "mpg").autompg_data()
    chosen = choose(len(targets), samples, seed)
    # Column 8 is the name of the car, which mlxtend reads as NaN.
    return regression("mpg", inputs[chosen, :7], targets[chosen], (_CAR, "miles per gallon"), _MPG)


def regression(
    name: str,
    inputs: np.ndarray,
    targets: np.ndarray,
    names: tuple[tuple[str, ...], str],
    source: str,
) -> Problem:
    """Return a problem with inputs and one target, both standardised."""
    input_names, target_name = names
    inputs, input_scaling = standardize(inputs, input_names)
    targets, target_scaling = standardize(targets[:, None], (target_name,))
    parts = (
        sentence("Inputs", input_scaling, input_names, "input_scaling"),
        sentence("Targets", target_scaling, (target_name,), "target_scaling"),
    )
    return Problem(
        name=name,
        description=NAMES[name],
        source=source,
        scaling=" ".join(parts),
        data=Data(inputs, targets),
        hidden=(3,),
        activation="tanh",
        input_names=input_names,
        target_names=(target_name,),
        input_scaling=input_scaling,
        target_scaling=target_scaling,
    )
