"""Checkpoints as arrays by name; nothing that could run code is ever opened."""

import zipfile
from pathlib import Path

import numpy as np

from saddlescape.core import InvalidInputError, MissingExtraError

_PICKLES = {".pt", ".pth", ".ckpt", ".bin", ".pkl", ".pickle"}


def read_checkpoint(file: str | Path) -> dict[str, np.ndarray]:
    """Return the arrays of a checkpoint by name.

    Args:
        file: ``.safetensors`` or ``.npz``.

    Returns:
        arrays as they are stored.

    Raises:
        InvalidInputError: for a pickle, with how to convert it, and for a file that cannot be read.
        MissingExtraError: without the package safetensors, where it is needed.

    Example:
        >>> np.savez("weights.npz", bias=np.ones(2))
        >>> read_checkpoint("weights.npz")["bias"].tolist()
        [1.0, 1.0]
    """
    suffix = Path(file).suffix.lower()
    if suffix in _PICKLES:
        msg = (
            f"{file} is a pickle, which may run any code when it is opened, so it is not: convert "
            "it where you trust it, safetensors.torch.save_file(torch.load(FILE, "
            "weights_only=True), 'weights.safetensors')"
        )
        raise InvalidInputError(msg)
    if suffix not in {".npz", ".safetensors"}:
        msg = f"the checkpoint {file} has no known ending: give a .safetensors or .npz file"
        raise InvalidInputError(msg)
    try:
        return _npz(file) if suffix == ".npz" else _safetensors(file)
    except (OSError, ValueError, TypeError, zipfile.BadZipFile) as error:  # TypeError: bfloat16
        msg = f"cannot read the checkpoint {file} ({error}): write it again"
        raise InvalidInputError(msg) from None


def _npz(file: str | Path) -> dict[str, np.ndarray]:
    """Return the arrays of an npz file."""
    with np.load(file, allow_pickle=False) as found:
        return {name: found[name] for name in found.files}


def _safetensors(file: str | Path) -> dict[str, np.ndarray]:
    """Return the arrays of a safetensors file.

    Raises:
        MissingExtraError: without the package.
        ValueError: when the file is damaged.
    """
    try:
        import safetensors  # noqa: PLC0415 - of an extra
        import safetensors.numpy as reader  # noqa: PLC0415
    except ImportError:
        msg = f"reading {file} needs safetensors: pip install 'saddlescape[torch]'"
        raise MissingExtraError(msg) from None
    try:
        return reader.load_file(file)
    except safetensors.SafetensorError as error:
        raise ValueError(str(error)) from None
