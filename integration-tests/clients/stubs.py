"""Python stubs of the APIs, generated from proto/ each time and kept in a temporary directory."""

from __future__ import annotations

import atexit
import importlib
import importlib.resources
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from grpc_tools import protoc

PROTO_ROOT = Path(__file__).resolve().parents[2] / "proto"
PACKAGE = "allmende/telemetry/v1"


class Stubs(NamedTuple):
    """The generated modules."""

    types: ModuleType
    service: ModuleType
    service_grpc: ModuleType


@cache
def load() -> Stubs:
    """Generates and imports telemetry's stubs."""
    generated(PACKAGE)
    package = PACKAGE.replace("/", ".")
    names = ("types_pb2", "service_pb2", "service_pb2_grpc")
    return Stubs(*(importlib.import_module(f"{package}.{name}") for name in names))


def modules(package: str) -> list[ModuleType]:
    """Generates and imports the messages of a package, a module for each of its files."""
    generated(package)
    files = sorted((PROTO_ROOT / package).glob("*.proto"))
    return [importlib.import_module(f"{package.replace('/', '.')}.{file.stem}_pb2") for file in files]


@cache
def generated(package: str) -> None:
    """Stubs of a package, to be imported; each in a folder of its own, which goes when the process ends."""
    target = tempfile.mkdtemp(prefix="allmende-stubs-")
    atexit.register(shutil.rmtree, target, ignore_errors=True)
    generate(Path(target), package)
    sys.path.insert(0, target)
    # Folders without an __init__ are one package over all of the path, which is looked at anew.
    importlib.invalidate_caches()


def generate(target: Path, package: str) -> None:
    """Writes messages and service stubs of a package below `target`."""
    files = sorted(str(file.relative_to(PROTO_ROOT)) for file in (PROTO_ROOT / package).glob("*.proto"))
    if not files:
        raise FileNotFoundError(f"no .proto files in {PROTO_ROOT / package}")
    well_known = importlib.resources.files("grpc_tools") / "_proto"
    arguments = [
        "protoc",
        f"-I{PROTO_ROOT}",
        f"-I{well_known}",
        f"--python_out={target}",
        f"--grpc_python_out={target}",
    ]
    if protoc.main([*arguments, *files]) != 0:
        raise RuntimeError("protoc failed")
