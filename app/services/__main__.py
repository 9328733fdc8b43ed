"""The supervisor as a process of its own: what `tandem services start` detaches."""

from app.services.commands import services

if __name__ == "__main__":
    services(prog_name="tandem services")
