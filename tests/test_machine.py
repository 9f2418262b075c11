"""The memory of the machine within the limits of control groups, on folders that imitate the kernel's files."""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from landscape import machine

GIB = 2**30
NO_LIMIT = 9223372036854771712  # version 1 writes this number for "no limit"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file system with 16 GiB of memory, of which 12 are available."""
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    monkeypatch.setattr(machine, "_physical", lambda: 16 * GIB)
    monkeypatch.setitem(sys.modules, "psutil", None)
    write(tmp_path / "proc/meminfo", f"MemTotal: {16 * 2**20} kB\nMemFree: 1 kB\nMemAvailable: {12 * 2**20} kB\n")
    return tmp_path


def write(file: Path, text: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{text}\n")


def version_2(folder: Path, limit: object, used: int, cache: int = 0) -> None:
    write(folder / "memory.max", limit)
    write(folder / "memory.current", used)
    write(folder / "memory.stat", f"anon 5\ninactive_file {cache}\nactive_file 7")


def version_1(folder: Path, limit: int, used: int, cache: int = 0) -> None:
    write(folder / "memory.limit_in_bytes", limit)
    write(folder / "memory.usage_in_bytes", used)
    write(folder / "memory.stat", f"inactive_file 1\ntotal_inactive_file {cache}")


def test_without_control_groups_the_machine_is_the_limit(tree: Path) -> None:
    assert (machine.memory(), machine.free_memory()) == (16 * GIB, 12 * GIB)


def test_limit_of_version_2_binds_and_its_cache_of_files_is_free(tree: Path) -> None:
    write(tree / "proc/self/cgroup", "0::/")
    version_2(tree / "sys/fs/cgroup", 4 * GIB, 3 * GIB, cache=GIB)
    assert (machine.memory(), machine.free_memory()) == (4 * GIB, 2 * GIB)


def test_tightest_group_on_the_way_to_the_root_binds(tree: Path) -> None:
    write(tree / "proc/self/cgroup", "0::/user.slice/session.scope")
    version_2(tree / "sys/fs/cgroup/user.slice/session.scope", "max", GIB)
    version_2(tree / "sys/fs/cgroup/user.slice", 6 * GIB, 5 * GIB)
    version_2(tree / "sys/fs/cgroup/other.slice", GIB, GIB)
    assert (machine.memory(), machine.free_memory()) == (6 * GIB, GIB)


def test_limit_of_version_1_binds_although_the_path_is_the_hosts(tree: Path) -> None:
    write(tree / "proc/self/cgroup", "7:cpu,cpuacct:/docker/abc\n5:memory:/docker/abc")
    version_1(tree / "sys/fs/cgroup/memory", 2 * GIB, GIB, cache=GIB // 2)
    assert (machine.memory(), machine.free_memory()) == (2 * GIB, 3 * GIB // 2)


def test_groups_without_a_limit_bind_nothing(tree: Path) -> None:
    write(tree / "proc/self/cgroup", "5:memory:/\n0::/")
    version_1(tree / "sys/fs/cgroup/memory", NO_LIMIT, GIB)
    version_2(tree / "sys/fs/cgroup", "max", GIB)
    assert (machine.memory(), machine.free_memory()) == (16 * GIB, 12 * GIB)


def test_use_beyond_the_limit_leaves_nothing_free(tree: Path) -> None:
    write(tree / "proc/self/cgroup", "0::/")
    version_2(tree / "sys/fs/cgroup", GIB, 2 * GIB)
    assert machine.free_memory() == 0


def test_psutil_is_asked_if_the_kernel_has_no_files(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "proc/meminfo").unlink()
    assert machine.free_memory() is None
    told = SimpleNamespace(virtual_memory=lambda: SimpleNamespace(total=9 * GIB, available=5 * GIB))
    monkeypatch.setitem(sys.modules, "psutil", told)
    assert machine.free_memory() == 5 * GIB


def test_memory_is_assumed_if_neither_the_system_nor_psutil_knows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    monkeypatch.delattr("os.sysconf", raising=False)
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert machine.memory() == machine.ASSUMED_MEMORY


def test_the_collector_s_setting_is_restored():
    before = gc.get_threshold()
    with suppress(KeyError), machine.seldom_collected():
        assert gc.get_threshold() == machine.SELDOM
        raise KeyError
    assert gc.get_threshold() == before
