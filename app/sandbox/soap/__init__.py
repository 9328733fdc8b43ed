"""SOAP at `/services/Soap/u/NN.0` (partner) and `/c/NN.0` (enterprise)."""

from app.sandbox.soap.operations import ROUTES

__all__ = ["ROUTES"]
