from django.urls import path

from governance.purposes.views import listing, notices, purpose

app_name = "purposes"
urlpatterns = [
    path("", listing.register_page, name="register"),
    path("<uuid:pk>/", purpose.purpose, name="purpose"),
    path("<uuid:pk>/activate/", purpose.activate, name="activate"),
    path("<uuid:pk>/new-notice/", notices.new_notice, name="new_notice"),
    path("notices/<uuid:pk>/", notices.notice, name="notice"),
    path("notices/<uuid:pk>/publish/", notices.publish, name="publish"),
    path("notices/<uuid:pk>/add-language/", notices.add_language, name="add_language"),
    path("notices/<uuid:pk>/texts/<str:language>/", notices.text, name="text"),
]
