"""Where the platform and the test data are, from the environment; tests are skipped where either is missing."""

from __future__ import annotations

import os
import unittest
from dataclasses import dataclass
from pathlib import Path

import grpc

ROOT = Path(__file__).resolve().parents[2]
ARCHIVE = "telemetry/sensor_community_csv"


@dataclass(frozen=True)
class Platform:
    """A running platform and who calls it."""

    address: str
    """HOST:PORT of gRPC, without TLS."""
    token: str
    """An operator's, for both tenants."""
    tenant: str
    """Holds what was imported from the archive, and nothing else."""
    scratch_tenant: str
    """Takes what the tests write."""

    def channel(self) -> grpc.Channel:
        """A channel that takes pages of 10,000 observations."""
        return grpc.insecure_channel(self.address, options=[("grpc.max_receive_message_length", 16 * 1024 * 1024)])


def platform() -> Platform:
    """The platform to test."""
    address, token = os.environ.get("ALLMENDE_GRPC"), os.environ.get("ALLMENDE_TOKEN")
    if not address or not token:
        raise unittest.SkipTest("needs a running platform: ALLMENDE_GRPC=HOST:PORT and ALLMENDE_TOKEN")
    tenant = os.environ.get("ALLMENDE_TENANT", "citizen-box")
    return Platform(address, token, tenant, os.environ.get("ALLMENDE_SCRATCH_TENANT", f"{tenant}-scratch"))


def archive_files() -> list[Path]:
    """The archive CSVs of the box in the test data."""
    data = Path(os.environ.get("ALLMENDE_TEST_DATA", ROOT / "../shared/data"))
    files = sorted((data / ARCHIVE).glob("*.csv"))
    if not files:
        raise unittest.SkipTest(f"needs the test data: no {ARCHIVE}/*.csv in the folder that ALLMENDE_TEST_DATA names")
    return files
