"""The books as a Django application."""

from django.apps import AppConfig


class BooksConfig(AppConfig):
    """Named ``books``; its tables bear their own plain names."""

    name = "shebao.books"
    label = "books"
    verbose_name = "账册 The books"
