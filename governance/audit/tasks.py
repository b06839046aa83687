from celery import shared_task
from django.conf import settings

from governance.audit import keys, sealer
from governance.lib import clock


@shared_task(name="audit.seal")
def seal() -> None:
    """Close what waits. Runs in the signer process, which alone holds the checkpoint key."""
    while sealer.seal(
        clock.now(), sign=keys.signer(settings.SECRETS, settings.CHECKPOINTS), home=settings.CHECKPOINTS
    ):
        pass
