"""The control plane: what only a sandbox can do. Addresses in `routes`, actions in `actions` and `setup`."""

from app.sandbox.control.routes import ROUTES

__all__ = ["ROUTES"]
