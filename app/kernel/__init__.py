"""Pure: no Flask, no database, no network, no clock. Everything else may rest on it."""
