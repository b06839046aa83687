from celery import shared_task

from governance.people import post


@shared_task(name="people.post")
def send() -> None:
    """E-mail that there is news."""
    post.send_waiting()
