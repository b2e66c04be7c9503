"""A report of a procedure in which no number is small: all of them are shown, and are what the service tells."""

from __future__ import annotations

import unittest
import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import demo
import reports
import settings
from platform_client import request_id

# What is under five is not shown, and this many are not.
COMMENTS = 6
LICENCE = "dl-de/by-2-0"


class ReportNumbers(unittest.TestCase):
    town: demo.Town

    @classmethod
    def setUpClass(cls) -> None:
        channel = cls.enterClassContext(settings.platform().channel())
        cls.town = demo.town(channel)

    def test_every_number_of_a_report_is_what_its_query_tells(self) -> None:
        procedure_id, document_id = self.open_consultation()
        for _ in range(COMMENTS):
            token = self.comment_with_answer(procedure_id, document_id)
        reach = reports.reach(self.town, procedure_id, token)
        web = next(each for each in reach if each.channel == 1)
        self.assertEqual((web.received, web.published, web.answered), (COMMENTS, COMMENTS, COMMENTS))
        cells = list(reports.cells(reports.published(self.town, procedure_id, token)))
        self.assertEqual([cell for cell, _ in cells if cell["state"] == "suppressed"], [])
        self.assertEqual(
            [(path, cell["value"]) for cell, path in cells],
            [(path, reports.told(reach, path)) for _, path in cells],
        )
        paths = {path for _, path in cells}
        self.assertLessEqual(
            {"$.reach[*].received", "$.reach[*].answered", "$.reach[?@.channel=='CHANNEL_WEB'].received"}, paths
        )

    def open_consultation(self) -> tuple[str, str]:
        today = datetime.now(ZoneInfo("Europe/Berlin")).date()
        days = {"from_day": str(today - timedelta(days=1)), "to_day": str(today + timedelta(days=30))}
        procedure_id, document_id = str(uuid.uuid4()), str(uuid.uuid4())
        self.act(
            self.town.administration,
            "OpenProcedure",
            procedure_id=procedure_id,
            title="Was ein Bericht zählt",
            method="Konsultation",
            required_level=2,
            phases=[{"kind": 3, **days}],
            licence=LICENCE,
        )
        self.act(
            self.town.administration,
            "PublishDraft",
            procedure_id=procedure_id,
            document_id=document_id,
            title="Entwurf",
            markdown="# Abschnitt\nText.\n",
        )
        self.act(
            self.town.administration, "OpenConsultation", procedure_id=procedure_id, document_id=document_id, **days
        )
        return procedure_id, document_id

    def comment_with_answer(self, procedure_id: str, document_id: str) -> str:
        """A comment that is published and answered; the position where it is."""
        which = {"procedure_id": procedure_id, "contribution_id": str(uuid.uuid4())}
        self.act(
            self.town.citizen,
            "PostComment",
            target={"section": {"document_id": document_id, "section_id": "abschnitt"}},
            text={"body": "Bitte zählen."},
            granted_licence=LICENCE,
            **which,
        )
        self.act(self.town.moderation, "ModerateContribution", decision=1, **which)
        answered = self.act(self.town.administration, "RespondToContribution", text="Gezählt.", **which)
        return str(answered.consistency_token)

    def act(self, caller: Any, name: str, **fields: Any) -> Any:
        return caller.call(f"ParticipationService/{name}", tenant=self.town.tenant, request_id=request_id(), **fields)


if __name__ == "__main__":
    unittest.main()
