"""Dates as a sentence has them: the kernel's."""

from app.kernel.words import day

__all__ = ["day"]
