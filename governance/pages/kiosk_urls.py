from django.urls import path

from governance.pages import kiosk, kiosk_more, kiosk_own

of_the_kiosk = [
    path("", kiosk.wait, name="wait"),
    path("language/", kiosk.language, name="language"),
    path("choices/", kiosk.choose, name="choices"),
    path("records/<uuid:pk>/withdraw/", kiosk_more.withdraw, name="withdraw"),
    path("say/", kiosk_more.say, name="say"),
    path("codes/", kiosk_more.codes, name="codes"),
    path("parts/", kiosk_own.parts, name="parts"),
    path("parts/<uuid:pk>/lift/", kiosk_own.lift, name="lift"),
    path("said/", kiosk_own.history, name="history"),
    path("requests/", kiosk_own.mine, name="requests"),
    path("news/", kiosk_more.news, name="news"),
    path("leave/", kiosk.leave, name="leave"),
    path("slips/", kiosk.slips, name="slips"),
]
