"""For a WSGI server: `gunicorn wsgi:application`."""

from app.config import Settings
from app.factory import configure_logging, create_app

configure_logging()
application = create_app(Settings.from_env())
