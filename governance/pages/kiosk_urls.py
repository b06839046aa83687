from django.urls import path

from governance.pages import kiosk

of_the_kiosk = [
    path("", kiosk.wait, name="wait"),
    path("choices/", kiosk.choose, name="choices"),
    path("leave/", kiosk.leave, name="leave"),
    path("slips/", kiosk.slips, name="slips"),
]
