from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    # admin/
    path("admin/", admin.site.urls),
    # /
    path("", include("factcheck.public.urls")),
]
handler404 = "factcheck.public.views.not_found"
