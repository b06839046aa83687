"""Two prefixes: the office's pages, and a person's own."""

from django.urls import path

from governance.exports import views, views_data, views_own

app_name = "exports"
urlpatterns = [
    path("exports/", views.exports_page, name="exports"),
    path("exports/recipients/", views.recipients_page, name="recipients"),
    path("exports/recipients/<uuid:pk>/confirm/", views.confirm, name="confirm_recipient"),
    path("exports/recipients/<uuid:pk>/end/", views.end_recipient, name="end_recipient"),
    path("exports/ask/<uuid:pk>/", views.ask, name="ask"),
    path("exports/<uuid:pk>/", views.export, name="export"),
    path("exports/<uuid:pk>/advise/", views.advise, name="advise"),
    path("exports/<uuid:pk>/agree/", views.agree, name="agree"),
    path("exports/<uuid:pk>/refuse/", views.refuse, name="refuse"),
    path("exports/<uuid:pk>/package/", views.package, name="package"),
    path("exports/<uuid:pk>/manifest/", views.manifest_file, name="manifest"),
    path("exports/<uuid:pk>/dataset/", views_data.register, name="register_dataset"),
    path("datasets/<uuid:pk>/", views_data.dataset, name="dataset"),
    path("datasets/<uuid:pk>/train/", views_data.train, name="train"),
    path("datasets/<uuid:pk>/exclusions/", views_data.exclusions, name="exclusions"),
    path("exclusions/<uuid:pk>/", views_data.exclusion, name="exclusion"),
    path("me/where/", views_own.where, name="where"),
    path("me/datasets/", views_own.held, name="held"),
    path("me/content/", views_own.content, name="content"),
    path("me/content/look/", views_own.look, name="look"),
    path("me/content/close/", views_own.close, name="close"),
    path("me/content/<uuid:pk>/delete/", views_own.delete, name="delete"),
]
