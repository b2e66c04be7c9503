"""A bad request is refused with INVALID_ARGUMENT, the answer names the field at fault, and nothing is stored."""

from __future__ import annotations

import unittest
from collections.abc import Callable
from typing import Any

import grpc

import bad_requests
import errors
import platform_client
import scratch
import settings
import stubs


class BadInput(unittest.TestCase):
    """Works in the scratch tenant."""

    client: platform_client.Client
    station: scratch.Station
    cases: list[bad_requests.Case]
    marks = 0

    @classmethod
    def setUpClass(cls) -> None:
        platform = settings.platform()
        channel = cls.enterClassContext(platform.channel())
        cls.client = platform_client.Client(channel, platform.token, platform.scratch_tenant)
        cls.station = scratch.Station(cls.client)
        cls.station.record((-1, 1.5))
        cls.cases = bad_requests.cases(cls.station)

    def test_every_rpc_names_the_field_at_fault_and_stores_nothing(self) -> None:
        for rpc in platform_client.rpcs():
            cases = [case for case in self.cases if case.rpc == rpc]
            self.assertGreater(len(cases), 0, f"no bad request to {rpc}")
            before = self.stored()
            for case in cases:
                with self.subTest(case.label):
                    refusal = self.refusal(self.send, case)
                    self.assertEqual(refusal.code, grpc.StatusCode.INVALID_ARGUMENT, refusal)
                    self.assertTrue(any(refusal.names(name) for name in case.names), refusal)
                    self.assertTrue(all(refusal.fields.values()), "a violation has a description")
            with self.subTest(f"{rpc}: nothing is stored"):
                mark = self.mark()
                self.assertEqual(self.stored(), before | {mark})

    def test_a_stream_ends_at_its_first_bad_batch_and_says_how_many_are_stored(self) -> None:
        good, after = (self.batch((offset, 7.0)) for offset in (1_001, 1_003))
        bad = self.batch((1_002, 7.0))
        bad["columns"][0]["result"] = []
        before = self.stored()
        refusal = self.refusal(self.stream, good, bad, after)
        self.assertEqual(refusal.code, grpc.StatusCode.INVALID_ARGUMENT, refusal)
        self.assertIn("1", refusal.facts.values(), "the error's metadata says how many batches are stored")
        first, mark = self.observed(1_001, 7.0), self.mark()
        self.assertEqual(self.stored(), before | {first, mark})

    def test_a_good_request_is_taken(self) -> None:
        """Else the refusals above would say little."""
        answer = self.station.record((2_001, 3.0), (2_002, 4.0))
        self.assertEqual((answer.recorded, answer.repeated, answer.conflicting), (2, 0, 0))
        answer = self.station.record((2_001, 3.0), (2_002, 4.0), (2_003, 5.0))
        self.assertEqual((answer.recorded, answer.repeated, answer.conflicting), (1, 2, 0))
        self.station.settle()
        self.assertLessEqual({self.observed(2_001, 3.0), self.observed(2_003, 5.0)}, self.stored())

    def send(self, case: bad_requests.Case) -> Any:
        if case.rpc in bad_requests.OF_BATCHES:
            return self.stream(case.fields["batch"], rpc=case.rpc)
        return self.client.send(case.rpc, platform_client.request(case.rpc, **case.fields))

    def stream(self, *batches: dict[str, Any], rpc: str = "StreamObservations") -> Any:
        requests = [platform_client.request(rpc, batch=batch) for batch in batches]
        return self.client.send(rpc, requests)

    def batch(self, *readings: tuple[int, float]) -> dict[str, Any]:
        return {
            "tenant": self.client.tenant,
            "request_id": platform_client.request_id(),
            "station_id": self.station.station_id,
            "columns": [scratch.columns(self.station.datastream_id, *readings)],
        }

    def refusal(self, call: Callable[..., Any], *arguments: Any) -> errors.Refusal:
        with self.assertRaises(grpc.RpcError) as raised:
            call(*arguments)
        return errors.read(raised.exception)

    def mark(self) -> bytes:
        """Stores one good observation, behind everything that was sent before it, and waits until reads show it."""
        type(self).marks += 1
        self.station.record((-1 - self.marks, 2.5))
        self.station.settle()
        return self.observed(-1 - self.marks, 2.5)

    def observed(self, after_us: int, result: float) -> bytes:
        """What a reading looks like in `stored`; without a hygrometer its humidity is unknown."""
        types = stubs.load().types
        flags = [types.QUALITY_FLAG_HUMIDITY_UNKNOWN]
        observation = types.Observation(phenomenon_time_us=scratch.NOON_US + after_us, result=result, flags=flags)
        return bytes(observation.SerializeToString(deterministic=True))

    def stored(self) -> set[bytes]:
        """Everything that can be read of the tenant's stations and of this station's observations."""
        self.station.settle()
        entries = [
            *self.client.entries("ListStations", "stations"),
            *self.station.observations(),
            *self.station.conflicts(),
        ]
        return {entry.SerializeToString(deterministic=True) for entry in entries}


if __name__ == "__main__":
    unittest.main()
