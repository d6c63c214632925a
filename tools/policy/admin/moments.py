"""A moment as one text field with its label: the stock pair of date and time has labels that name neither."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django import forms
from django.db import models

MOMENTS: Mapping[Any, Any] = MappingProxyType(
    {models.DateTimeField: {"form_class": forms.DateTimeField, "widget": forms.DateTimeInput(attrs={"size": 20})}}
)
"""For `formfield_overrides`."""
