"""Lists give every entry once and in order, whatever the length of a page."""

from __future__ import annotations

import unittest

import platform_client
import scratch
import settings


class Paging(unittest.TestCase):
    """Works in the scratch tenant."""

    client: platform_client.Client
    stations: list[scratch.Station]

    @classmethod
    def setUpClass(cls) -> None:
        platform = settings.platform()
        channel = cls.enterClassContext(platform.channel())
        cls.client = platform_client.Client(channel, platform.token, platform.scratch_tenant)
        cls.stations = [scratch.Station(cls.client) for _ in range(3)]
        for station in cls.stations:
            station.settle()

    def test_stations_come_ordered_by_id(self) -> None:
        listed = [station.station_id for station in self.client.entries("ListStations", "stations")]
        self.assertLessEqual({station.station_id for station in self.stations}, set(listed))
        self.assertEqual(listed, sorted(set(listed)))

    def test_pages_of_any_length_make_the_same_list(self) -> None:
        whole = self.client.entries("ListStations", "stations", page_size=500)
        for page_size in (1, 2, 50):
            with self.subTest(page_size=page_size):
                pages = list(self.client.pages("ListStations", page_size=page_size))
                self.assertEqual([station for page in pages for station in page.stations], whole)
                self.assertTrue(all(len(page.stations) <= page_size for page in pages))
                self.assertTrue(all(page.stations for page in pages), "no page is empty")

    def test_observations_and_conflicts_page_too(self) -> None:
        station = self.stations[0]
        station.record(*((second * 1_000_000, float(second)) for second in range(7)))
        answer = station.record((1_000_000, 11.0), (2_000_000, 12.0), (3_000_000, 3.0))
        self.assertEqual((answer.recorded, answer.repeated, answer.conflicting), (0, 1, 2))
        station.settle()
        whole = station.observations()
        self.assertEqual([observation.result for observation in whole], [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
        for page_size in (1, 2, 7, 10_000):
            self.assertEqual(station.observations(page_size=page_size), whole, f"pages of {page_size}")
        self.assertEqual([(c.kept, c.refused) for c in station.conflicts()], [(1.0, 11.0), (2.0, 12.0)])


if __name__ == "__main__":
    unittest.main()
