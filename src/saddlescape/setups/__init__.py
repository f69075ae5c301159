"""Setups: problem, network and landscape plugged together, as every command needs them."""

from saddlescape.setups._folder import ResultFolder
from saddlescape.setups._settings import SetupSettings
from saddlescape.setups._setup import Setup, fingerprint, prepare, versions

__all__ = ["ResultFolder", "Setup", "SetupSettings", "fingerprint", "prepare", "versions"]
