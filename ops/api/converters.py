"""The places in addresses of the API; whoever declares an address with one of them imports this module."""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import IntConverter, StringConverter


class KeyConverter(StringConverter):
    """The key of a ticket. What cannot be one leads nowhere before the database is asked."""

    regex = "[A-Za-z]{2,10}-[0-9]{1,12}"


class NumberConverter(IntConverter):
    """The number of a row, of a length that the database knows."""

    regex = "[0-9]{1,18}"


class NameConverter(StringConverter):
    """A username, an e-mail address, the name of a transition."""

    regex = "[^/\\x00]{1,254}"


register_converter(KeyConverter, "api_key")
register_converter(NumberConverter, "api_number")
register_converter(NameConverter, "api_name")
