"""The thread through all services: a citizen comments on a text, a moderator publishes it, the administration answers,
and synopsis, dataset and report show it to everybody."""

from __future__ import annotations

import csv
import hashlib
import io
import unittest
import uuid
from typing import Any

import grpc

import demo
import errors
import reports
import settings
from platform_client import request_id
from services import rpcs

ANSWER = "Vielen Dank. Wir nehmen den Hinweis in die nächste Fassung auf."


class Thread(unittest.TestCase):
    """Walks it once, step by step; each step reads with the consistency token of the one before."""

    town: demo.Town

    @classmethod
    def setUpClass(cls) -> None:
        channel = cls.enterClassContext(settings.platform().channel())
        cls.town = demo.town(channel)

    def setUp(self) -> None:
        self.procedure, self.document = self.open_consultation()
        self.section_id = self.document.version.sections[-1].section_id
        self.contribution_id = str(uuid.uuid4())
        self.body = f"Bitte nennen Sie auch, wer ansprechbar ist. ({self.contribution_id[:8]})"

    def test_a_comment_becomes_an_answer_a_dataset_and_a_number_in_a_report(self) -> None:
        posted = self.post()
        token = self.unseen_before_it_is_published(posted.consistency_token)
        before = self.reach(token)
        token = self.publish()
        self.assertEqual([comment.text.body for comment in self.thread(token) if self.is_it(comment)], [self.body])
        token = self.answer()
        self.synopsis_shows_it(token)
        after = self.reach(token)
        self.assertEqual((after.published, after.answered), (before.published + 1, before.answered + 1))
        self.dataset_holds_it(token)
        self.report_counts_it(token)

    def test_only_staff_publish_and_answer(self) -> None:
        self.post()
        for name, fields in (
            ("ModerateContribution", {"decision": 1}),
            ("RespondToContribution", {"text": ANSWER}),
        ):
            with self.subTest(name), self.assertRaises(grpc.RpcError) as raised:
                self.act(self.town.citizen, name, procedure_id=self.procedure.procedure_id, **fields)
            self.assertEqual(errors.read(raised.exception).code, grpc.StatusCode.PERMISSION_DENIED)

    def open_consultation(self) -> tuple[Any, Any]:
        """A procedure whose text takes comments now, and the text."""
        for procedure in self.all_of("ListProcedures", "procedures"):
            for document in self.all_of("ListDocuments", "documents", procedure_id=procedure.procedure_id):
                if document.consultation.open:
                    return procedure, self.read("GetDocument", document_id=document.document_id)
        self.fail(f"no consultation is open in {self.town.tenant}; is the demo older than two weeks?")

    def post(self) -> Any:
        target = {"section": {"document_id": self.document.document.document_id, "section_id": self.section_id}}
        return self.act(
            self.town.citizen,
            "PostComment",
            procedure_id=self.procedure.procedure_id,
            target=target,
            text={"body": self.body},
            granted_licence=self.procedure.licence,
        )

    def unseen_before_it_is_published(self, token: str) -> str:
        """Its author sees it and its state, nobody else does."""
        own = self.town.citizen.call(
            "ParticipationService/GetContribution",
            tenant=self.town.tenant,
            contribution_id=self.contribution_id,
            consistency_token=token,
        )
        self.assertTrue(own.contribution.own)
        self.assertEqual((own.contribution.text.body, own.contribution.moderation.state), (self.body, 1))
        self.assertFalse(any(self.is_it(comment) for comment in self.thread(token)))
        with self.assertRaises(grpc.RpcError) as raised:
            self.read("GetContribution", contribution_id=self.contribution_id, consistency_token=token)
        self.assertEqual(errors.read(raised.exception).reason, "CONTRIBUTION_UNKNOWN")
        return token

    def publish(self) -> str:
        moderation, procedure_id = self.town.moderation, self.procedure.procedure_id
        waiting = moderation.entries(
            "ParticipationService/ListModerationQueue", "items", tenant=self.town.tenant, procedure_id=procedure_id
        )
        self.assertTrue(any(self.is_it(item.contribution) for item in waiting))
        published = self.act(moderation, "ModerateContribution", procedure_id=procedure_id, decision=1)
        return str(published.consistency_token)

    def answer(self) -> str:
        answered = self.act(
            self.town.administration,
            "RespondToContribution",
            procedure_id=self.procedure.procedure_id,
            text=ANSWER,
        )
        return str(answered.consistency_token)

    def synopsis_shows_it(self, token: str) -> None:
        document_id = self.document.document.document_id
        entries = self.all_of("ListSynopsis", "entries", document_id=document_id, consistency_token=token)
        lines = [(entry.section_id, entry.text.body, entry.response.text) for entry in entries if self.is_it(entry)]
        self.assertEqual(lines, [(self.section_id, self.body, ANSWER)])

    def dataset_holds_it(self, token: str) -> None:
        """The synopsis publishes itself, and its file is what its checksum says."""
        visitor, tenant = self.town.visitor, self.town.tenant
        datasets = visitor.entries("CatalogService/ListDatasets", "datasets", tenant=tenant, consistency_token=token)
        document_id = self.document.document.document_id
        dataset = next(dataset for dataset in datasets if dataset.source.synopsis.document_id == document_id)
        file = next(each.file for each in dataset.current.distributions if each.file.endswith(".csv"))
        parts = visitor.stream(
            "CatalogService/GetDistribution", tenant=tenant, dataset_id=dataset.dataset_id, file=file
        )
        head, *chunks, end = parts
        content = b"".join(chunk.chunk for chunk in chunks)
        self.assertEqual((len(content), hashlib.sha256(content).hexdigest()), (end.end.bytes, end.end.sha256))
        self.assertEqual(head.head.distribution.sha256, end.end.sha256)
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        lines = [row for row in rows if self.body in row.values()]
        self.assertEqual(len(lines), 1, "the comment stands in the dataset once")
        self.assertIn(ANSWER, lines[0].values())

    def report_counts_it(self, token: str) -> None:
        """What a report shows of a procedure is what is told of it; what is small it does not show."""
        procedure_id = self.procedure.procedure_id
        reach = reports.reach(self.town, procedure_id, token)
        cells = list(reports.cells(reports.published(self.town, procedure_id, token)))
        self.assertTrue(cells, "the report asks how much came in over each channel")
        for cell, path in cells:
            told = reports.told(reach, path)
            if cell["state"] == "suppressed":
                continue
            self.assertEqual(cell["value"], told, path)
            self.assertFalse(0 < told < 5, f"{path} is small and shown")

    def reach(self, token: str) -> Any:
        reach = reports.reach(self.town, self.procedure.procedure_id, token)
        return next(each for each in reach if each.channel == 1)

    def thread(self, token: str) -> list[Any]:
        return self.all_of(
            "ListSectionThread",
            "contributions",
            document_id=self.document.document.document_id,
            section_id=self.section_id,
            consistency_token=token,
        )

    def is_it(self, thing: Any) -> bool:
        return bool(thing.contribution_id == self.contribution_id)

    def act(self, caller: Any, name: str, **fields: Any) -> Any:
        """A change of this comment."""
        fields |= {"tenant": self.town.tenant, "request_id": request_id(), "contribution_id": self.contribution_id}
        return caller.call(f"ParticipationService/{name}", **fields)

    def read(self, name: str, **fields: Any) -> Any:
        """As everybody."""
        return self.town.visitor.call(f"ParticipationService/{name}", tenant=self.town.tenant, **fields)

    def all_of(self, name: str, field: str, **fields: Any) -> list[Any]:
        self.assertIn("page_token", rpcs()[f"ParticipationService/{name}"].text_fields())
        return self.town.visitor.entries(f"ParticipationService/{name}", field, tenant=self.town.tenant, **fields)


if __name__ == "__main__":
    unittest.main()
