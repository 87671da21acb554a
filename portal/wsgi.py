import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()
# What is loaded now stays until the end: the collector of garbage need not go through it again and again, which took
# a quarter of the processor time of a gateway's call. The routes bring the views along.
_ROUTES = get_resolver().url_patterns
gc.collect()
gc.freeze()
