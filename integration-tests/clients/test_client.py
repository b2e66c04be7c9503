"""The clients' own helpers, against a server of three stations in this process."""

from __future__ import annotations

import unittest
import uuid
from concurrent import futures
from typing import Any

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

import errors
import platform_client
import stubs
from archive import Origin
from privacy import Guard

ORIGIN = Origin(latitude=50.9387, longitude=6.9583, upstream_ids=("15092", "7647"))


def server() -> grpc.Server:
    """Lists three stations in pages of one or more and refuses any other page token."""
    generated = stubs.load()

    class Stations(generated.service_grpc.TelemetryServiceServicer):  # type: ignore[misc, name-defined]
        def ListStations(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
            if request.page_token not in {"", "1", "2"}:
                context.abort_with_status(bad_request("page_token"))
            first = int(request.page_token or 0)
            after = first + (request.page_size or 50)
            page = [generated.types.Station(station_id=name) for name in "abc"[first:after]]
            token = str(after) if after < 3 else ""
            return generated.service.ListStationsResponse(stations=page, next_page_token=token)

    running = grpc.server(futures.ThreadPoolExecutor(max_workers=2))
    generated.service_grpc.add_TelemetryServiceServicer_to_server(Stations(), running)
    return running


def bad_request(field: str) -> Any:
    """A status as the platform sends it."""
    violation = error_details_pb2.BadRequest.FieldViolation(field=field, description="is none of ours")
    details = any_pb2.Any()
    details.Pack(error_details_pb2.BadRequest(field_violations=[violation]))
    status = status_pb2.Status(code=3, message="bad request", details=[details])

    class Status(grpc.Status):
        code, details = grpc.StatusCode.INVALID_ARGUMENT, status.message
        trailing_metadata = ((errors.DETAILS, status.SerializeToString()),)

    return Status()


class Calls(unittest.TestCase):
    def setUp(self) -> None:
        running = server()
        port = running.add_insecure_port("127.0.0.1:0")
        running.start()
        self.addCleanup(running.stop, None)
        channel = self.enterContext(grpc.insecure_channel(f"127.0.0.1:{port}"))
        self.client = platform_client.Client(channel, "token", "koeln")

    def test_pages_make_one_list(self) -> None:
        for page_size, pages in ((0, 1), (1, 3), (2, 2)):
            answers = list(self.client.pages("ListStations", page_size=page_size))
            self.assertEqual(len(answers), pages)
            self.assertEqual([station.station_id for answer in answers for station in answer.stations], list("abc"))

    def test_a_refusal_names_its_fields(self) -> None:
        with self.assertRaises(grpc.RpcError) as raised:
            self.client.call("ListStations", page_token="no token")
        refusal = errors.read(raised.exception)
        self.assertEqual(refusal.code, grpc.StatusCode.INVALID_ARGUMENT)
        self.assertEqual(refusal.fields, {"page_token": "is none of ours"})


class Helpers(unittest.TestCase):
    def test_a_violation_in_a_list_is_known_however_its_position_is_written(self) -> None:
        for written in ("columns[0].result[3]", "columns.0.result.3", "columns.result"):
            self.assertEqual(errors.without_positions(written), "columns.result")

    def test_a_request_id_is_a_uuid_of_version_7(self) -> None:
        minted = uuid.UUID(platform_client.request_id())
        self.assertEqual((minted.version, minted.variant), (7, uuid.RFC_4122))

    def test_the_guard_finds_the_place_and_the_upstream_ids(self) -> None:
        station = stubs.load().types.Station
        cell = {"code": "CRS3035RES250mN3097647E4110250", "size_m": 250}
        for leak in (
            {"station_id": "sensor-15092"},
            {"station_id": "at 50.9387,6.96"},
            {"cell": {"centre": {"latitude": 50.9387, "longitude": 6.95}}},
        ):
            guard = Guard(ORIGIN)
            guard.look_at(station(**leak))
            self.assertEqual(len(guard.leaks), 1, leak)
        guard = Guard(ORIGIN)
        guard.look_at(station(station_id="01976471-5092-7000-8000-00007647e150", cell=cell))
        self.assertEqual(guard.leaks, [], "digits by chance are no leak")


if __name__ == "__main__":
    unittest.main()
