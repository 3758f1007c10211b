"""Errors of the drivers: one root, one class per mistake; messages name thing, value, limit."""

from __future__ import annotations


class DriverError(Exception):
    """Root of everything a driver raises towards its owner."""


class BusError(DriverError):
    """A transfer could not be made."""


class FieldError(DriverError, ValueError):
    """A register field was given a value it cannot hold, or an access it does not allow."""


class BringUpError(DriverError):
    """A chip did not come up; the step and its limit are in the message."""


class CardError(DriverError):
    """The card that is there is not the card that was configured."""
