from celery import shared_task

from governance.exports import following, own, packing
from governance.exports.models import Export


@shared_task(name="exports.pack")
def pack() -> None:
    """In the exporter, as everything that opens the vault."""
    for pk in Export.objects.packable().values_list("pk", flat=True):
        packing.pack(pk)


@shared_task(name="exports.expire")
def expire() -> None:
    packing.expire()
    own.forget_views()


@shared_task(name="exports.show_own")
def show_own() -> None:
    own.seal_waiting()


@shared_task(name="exports.delete_own")
def delete_own() -> None:
    """In the eraser."""
    own.carry_out_deletions()


@shared_task(name="exports.follow")
def follow() -> None:
    following.follow()
