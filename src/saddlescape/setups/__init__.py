"""Setups: problem, network and landscape plugged together, as every command needs them."""

from saddlescape.setups._settings import SetupSettings
from saddlescape.setups._setup import Setup, prepare, versions

__all__ = ["Setup", "SetupSettings", "prepare", "versions"]
