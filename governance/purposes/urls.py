from django.urls import path

from governance.purposes import views

app_name = "purposes"
urlpatterns = [
    path("", views.register_page, name="register"),
    path("<uuid:pk>/", views.purpose, name="purpose"),
    path("<uuid:pk>/activate/", views.activate, name="activate"),
    path("<uuid:pk>/new-notice/", views.new_notice, name="new_notice"),
    path("notices/<uuid:pk>/", views.notice, name="notice"),
    path("notices/<uuid:pk>/publish/", views.publish, name="publish"),
    path("notices/<uuid:pk>/add-language/", views.add_language, name="add_language"),
    path("notices/<uuid:pk>/texts/<str:language>/", views.text, name="text"),
]
