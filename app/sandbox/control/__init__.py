"""The control plane: what only a sandbox can do."""
