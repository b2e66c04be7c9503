"""Looks through answers for what must not be published of a station's place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from archive import Origin

# About 0.1 m.
SAME_PLACE_DEGREES = 1e-6
# Positions of a log are numbers of their own, so those of the archive can turn up in them by chance.
TOKENS = {"consistency_token", "next_page_token"}


class Guard:
    """Collects what an answer gives away of the box's exact place."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        # Whole numbers only: four digits turn up in UUIDs and cell codes by chance.
        numbers = [rf"(?<![0-9A-Za-z]){number}(?![0-9A-Za-z])" for number in origin.upstream_ids]
        degrees = [rf"(?<!\d){re.escape(f'{abs(value):g}')}" for value in (origin.latitude, origin.longitude)]
        self._forbidden = re.compile("|".join(numbers + degrees))
        self.seen = 0
        self.leaks: list[str] = []

    def look_at(self, answer: Message) -> None:
        """Looks at texts and points of a message."""
        self.seen += 1
        for path, value in _texts_and_points(answer, answer.DESCRIPTOR.name):
            if self._gives_away(value):
                self.leaks.append(f"{path}: {value}")

    def _gives_away(self, value: Any) -> bool:
        if isinstance(value, str):
            return self._forbidden.search(value) is not None
        return (
            abs(value.latitude - self._origin.latitude) < SAME_PLACE_DEGREES
            or abs(value.longitude - self._origin.longitude) < SAME_PLACE_DEGREES
        )


def _texts_and_points(message: Message, path: str) -> Iterator[tuple[str, Any]]:
    if message.DESCRIPTOR.name == "GeoPoint":
        yield path, message
    for field, value in message.ListFields():
        if field.name in TOKENS or not _is_of_interest(field):
            continue
        for entry in value if field.is_repeated else [value]:
            if isinstance(entry, Message):
                yield from _texts_and_points(entry, f"{path}.{field.name}")
            else:
                yield f"{path}.{field.name}", entry


def _is_of_interest(field: FieldDescriptor) -> bool:
    return field.type == FieldDescriptor.TYPE_STRING or (
        field.type == FieldDescriptor.TYPE_MESSAGE and _holds_text_or_point(field.message_type)
    )


@cache
def _holds_text_or_point(descriptor: Descriptor) -> bool:
    return descriptor.name == "GeoPoint" or any(_is_of_interest(field) for field in descriptor.fields)
