"""Setups: problem, network and landscape plugged together, as every command needs them."""

from saddlescape.setups._descend import MANY, led_down
from saddlescape.setups._folder import ResultFolder
from saddlescape.setups._points import point_at, read_point, read_points
from saddlescape.setups._settings import SetupSettings
from saddlescape.setups._setup import Setup, fingerprint, prepare, versions

__all__ = [
    "MANY",
    "ResultFolder",
    "Setup",
    "SetupSettings",
    "fingerprint",
    "led_down",
    "point_at",
    "prepare",
    "read_point",
    "read_points",
    "versions",
]
