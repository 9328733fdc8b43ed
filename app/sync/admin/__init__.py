"""What an admin does: check, preview, apply and revert mappings, connect an org, move and compare."""
