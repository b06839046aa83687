"""The web process. It looks at its own login before it serves anything: one that could do more than its role is refused."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
application = get_wsgi_application()

from governance import urls  # noqa: E402, F401  every page is loaded before the first is asked for
from governance.capture import api as gate  # noqa: E402
from governance.checks import refuse_a_wrong_login, refuse_a_wrong_store_key, refuse_broken_packs  # noqa: E402  needs the settings
from governance.interfaces import short  # noqa: E402
from governance.lib import early  # noqa: E402

refuse_a_wrong_login()
refuse_broken_packs()
refuse_a_wrong_store_key()
application = early.before(application, {**gate.DOORS, **short.DOORS})
# All that was loaded stays as long as the process does. Looking through it for what may go takes a tenth of a second, in
# which nobody of this process is answered.
gc.collect()
gc.freeze()
