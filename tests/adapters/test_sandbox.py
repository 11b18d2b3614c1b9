"""Children that decode have few rights, and one that crashes, hangs or is killed costs one task and nothing else."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from adapters import sandbox, sandbox_calls
from adapters.sandbox_pool import ChildKilledError, Pool, start_child
from core.errors import Unprocessable
from tests.media_making import rules
from tests.media_samples import jpeg, photo

MEMORY_BYTES = 1_200_000_000

needs_landlock = pytest.mark.skipif("landlock" not in sandbox.layers(), reason="this kernel has no Landlock")
needs_seccomp = pytest.mark.skipif("seccomp" not in sandbox.layers(), reason="this machine has no seccomp")


@pytest.fixture
def pool() -> Iterator[Pool]:
    """A pool of our own."""
    made = Pool()
    yield made
    made.close()


def versions(pool: Pool, **more: Any) -> Any:
    options = {"memory_bytes": MEMORY_BYTES, "time_limit_s": 20.0} | more
    return pool.run("versions", [], **options)


def confined(tmp_path: Path, code: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
    """Run Python under the rights of FFmpeg, with one folder to read and one to write."""
    (tmp_path / "out").mkdir(exist_ok=True)
    options = {"memory_bytes": 2_000_000_000, "file_bytes": 1_000_000, "cpu_s": 20.0} | more
    command = sandbox.confined([sandbox.python(), "-I", "-c", code], tmp_path, tmp_path / "out", **options)
    config = json.loads(command[4])
    config["read"] += [sys.base_prefix, sys.prefix]
    command[4] = json.dumps(config)
    process = sandbox.start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path)
    with process:
        out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def test_limits_always_hold() -> None:
    assert "limits" in sandbox.layers()


def test_what_is_missing_is_said() -> None:
    assert sandbox.missing_layers(("limits", "landlock", "seccomp")) == []
    assert len(sandbox.missing_layers(("limits",))) == 2


@needs_landlock
def test_no_other_file_can_be_opened(tmp_path: Path) -> None:
    (tmp_path / "in.bin").write_text("mine")
    other = tmp_path.parent / "canary.txt"
    other.write_text("not yours")
    assert confined(tmp_path, "print(open('in.bin').read())").stdout == b"mine\n"
    for path in (other, "/etc/passwd", "/proc/1/environ", __file__):
        assert b"PermissionError" in confined(tmp_path, f"open({str(path)!r})").stderr


@needs_landlock
def test_only_the_output_folder_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "in.bin").write_text("mine")
    assert confined(tmp_path, "open('out/a', 'w').write('x')").returncode == 0
    assert b"PermissionError" in confined(tmp_path, "open('in.bin', 'w')").stderr
    assert b"PermissionError" in confined(tmp_path, "open('/tmp/elsewhere', 'w')").stderr
    assert (tmp_path / "in.bin").read_text() == "mine"


@needs_seccomp
def test_no_connection_can_be_made(tmp_path: Path) -> None:
    assert b"PermissionError" in confined(tmp_path, "import socket; socket.socket()").stderr
    datagrams = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"
    assert b"PermissionError" in confined(tmp_path, datagrams).stderr


def test_settings_and_secrets_stay_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMPI_API_TOKEN", "canary-token")
    assert b"canary" not in confined(tmp_path, "import os; print(dict(os.environ))").stdout


def test_a_child_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMPI_API_TOKEN", "canary-token")
    child = start_child(MEMORY_BYTES)
    try:
        assert b"canary" not in Path(f"/proc/{child.process.pid}/environ").read_bytes()
    finally:
        child.end()


@pytest.mark.parametrize(
    ("code", "options", "wanted"),
    [
        ("x = bytearray(900_000_000)", {"memory_bytes": 500_000_000}, b"MemoryError"),
        ("open('out/a', 'wb').write(bytes(2_000_000))", {}, b"File too large"),
        ("[open('in.bin') for _ in range(200)]", {}, b"Too many open files"),
    ],
    ids=["memory", "file size", "open files"],
)
def test_every_limit_bites(tmp_path: Path, code: str, options: dict[str, Any], wanted: bytes) -> None:
    (tmp_path / "in.bin").write_text("mine")
    code = code.replace("[open", "x = [open")
    assert wanted in confined(tmp_path, code, **options).stderr


def test_computing_for_ever_ends(tmp_path: Path) -> None:
    assert confined(tmp_path, "while True: pass", cpu_s=1).returncode in (-signal.SIGXCPU, -signal.SIGKILL)


def test_children_stay_warm(pool: Pool) -> None:
    """Each task is done in a copy of the child, so one child serves many tasks."""
    children = set()
    for _ in range(25):
        versions(pool)
        children |= {child.process.pid for child in pool._idle}
    assert len(children) == 1


def test_a_task_that_takes_too_long_is_ended(pool: Pool, tmp_path: Path) -> None:
    versions(pool)
    child = psutil.Process(pool._idle[0].process.pid)
    copies: set[psutil.Process] = set()
    with pytest.raises(Unprocessable) as caught:
        long_task(pool, tmp_path, time_limit_s=0.3, cancelled=lambda: bool(copies.update(child.children())))
    assert copies and not psutil.wait_procs(copies, timeout=5)[1], "it ended with the child"
    assert caught.value.code == "time_limit"
    assert versions(pool)


def test_a_cancelled_task_ends(pool: Pool) -> None:
    versions(pool)
    child = pool._idle[0]
    os.kill(child.process.pid, signal.SIGSTOP)
    begun = time.monotonic()
    with pytest.raises(Unprocessable) as caught:
        versions(pool, cancelled=lambda: True)
    assert caught.value.code == "cancelled"
    assert time.monotonic() - begun < 5
    assert versions(pool)


def stopped(pool: Pool) -> int:
    """The idle child of a pool, asleep: the next task finds it and waits."""
    versions(pool)
    pid = pool._idle[0].process.pid
    os.kill(pid, signal.SIGSTOP)
    return pid


def test_a_killed_child_is_worth_another_try(pool: Pool) -> None:
    threading.Timer(0.3, os.kill, (stopped(pool), signal.SIGKILL)).start()
    with pytest.raises(ChildKilledError):
        versions(pool)
    assert versions(pool)


@pytest.mark.parametrize(
    ("number", "kind"),
    [(signal.SIGSEGV, Unprocessable), (signal.SIGABRT, Unprocessable), (signal.SIGKILL, ChildKilledError)],
)
def test_a_crashing_decoder_is_the_files_fault_and_a_killed_one_is_not(
    pool: Pool, tmp_path: Path, number: int, kind: type[Exception]
) -> None:
    versions(pool)
    child = psutil.Process(pool._idle[0].process.pid)

    def end_its_copy() -> None:
        while not child.children():
            time.sleep(0.001)
        os.kill(child.children()[0].pid, number)

    thread = threading.Thread(target=end_its_copy)
    thread.start()
    with pytest.raises(kind) as caught:
        long_task(pool, tmp_path)
    thread.join()
    if isinstance(caught.value, Unprocessable):
        assert caught.value.code == "corrupt"
    assert pool._idle[0].process.pid == child.pid, "only the copy ended"
    assert versions(pool)


def long_task(pool: Pool, tmp_path: Path, effort: str = "small", **more: Any) -> Any:
    """A picture that takes seconds."""
    source = jpeg(tmp_path / "a.jpg", photo(3000, 3000))
    facts = {"format": "jpeg", "frames": 1, "orientation": 1, "width_px": 3000, "height_px": 3000}
    spec = {"target": "png", "quality": 85, "max_side_px": 3000, "effort": effort}
    spec |= {"animate": False, "keep_copyright": False}
    options = {"memory_bytes": MEMORY_BYTES, "time_limit_s": 60.0, "max_pixels": 10**9} | more
    with source.open("rb") as file, (tmp_path / "out").open("w+b") as out:
        return pool.run("image", [file.fileno(), out.fileno()], facts=facts, spec=spec, **options)


def test_a_child_that_died_while_idle_is_replaced(pool: Pool) -> None:
    versions(pool)
    pool._idle[0].process.kill()
    pool._idle[0].process.wait()
    assert versions(pool)


def test_a_child_that_runs_out_of_memory_says_so(pool: Pool, tmp_path: Path) -> None:
    source = jpeg(tmp_path / "a.jpg", photo(6000, 6000), progressive=True)
    facts = {"format": "jpeg", "frames": 1, "orientation": 1, "width_px": 6000, "height_px": 6000}
    spec = {
        "target": "png",
        "quality": 85,
        "max_side_px": 6000,
        "effort": "fast",
        "animate": False,
        "keep_copyright": False,
    }
    with source.open("rb") as file, (tmp_path / "out").open("w+b") as out, pytest.raises(Unprocessable) as caught:
        pool.run(
            "image",
            [file.fileno(), out.fileno()],
            memory_bytes=250_000_000,
            time_limit_s=30,
            facts=facts,
            spec=spec,
            max_pixels=10**9,
        )
    assert caught.value.code in ("out_of_memory", "corrupt")


def test_many_threads_share_the_pool(pool: Pool) -> None:
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(versions(pool))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 12


def test_children_end_with_their_parent(tmp_path: Path) -> None:
    """Also when the parent is killed and cannot clean up, and although a short-lived thread asked for the child."""
    code = (
        "import sys, threading, time; sys.path.insert(0, sys.argv[1])\n"
        "from adapters.sandbox_pool import pool\n"
        "run = lambda: pool.run('versions', [], memory_bytes=1_200_000_000, time_limit_s=20)\n"
        "thread = threading.Thread(target=run); thread.start(); thread.join(); time.sleep(0.2)\n"
        "assert pool._idle[0].process.poll() is None\n"
        "print(pool._idle[0].process.pid, flush=True); time.sleep(60)\n"
    )
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen([sys.executable, "-c", code, str(root)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert psutil.pid_exists(pid)
        parent.kill()
    deadline = time.monotonic() + 5
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _children_of_ours() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def test_the_limits_of_the_rules_fit_a_child() -> None:
    assert rules().limits.child_memory_bytes >= 1_000_000_000


TRY = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    done = libc.syscall(number, *arguments)
    print(-ctypes.get_errno() if done < 0 else done)
"""
ARM = platform.machine() == "aarch64"
CLONE, CLONE3 = sandbox_calls.CLONE[ARM], sandbox_calls.CLONE3[ARM]


@needs_seccomp
@pytest.mark.parametrize(
    "code",
    [
        "os.chmod({0!r}, 0o777)",
        "os.chown({0!r}, os.getuid(), os.getgid())",
        "os.utime({0!r}, (1, 1))",
        "os.setxattr({0!r}, 'user.mark', b'x')",
        "os.removexattr({0!r}, 'user.mark')",
        "os.fchmod(os.open('in.bin', os.O_RDONLY), 0o777)",
    ],
)
def test_what_is_known_about_other_files_cannot_be_changed(tmp_path: Path, code: str) -> None:
    """Landlock looks after opening only."""
    other = tmp_path.parent / f"{tmp_path.name}-canary"
    other.write_text("mine")
    (tmp_path / "in.bin").write_text("mine")
    before = other.stat()
    assert b"PermissionError" in confined(tmp_path, f"import os; {code.format(str(other))}").stderr
    after = other.stat()
    assert (after.st_mode, after.st_mtime) == (before.st_mode, before.st_mtime)


@needs_seccomp
def test_other_processes_cannot_be_touched(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as sibling:
        try:
            changes = [
                f"import os; os.kill({sibling.pid}, 9)",
                f"import os; os.setpriority(os.PRIO_PROCESS, {sibling.pid}, 19)",
                "import os; os.setpriority(os.PRIO_USER, 0, 19)",
                f"import os; os.sched_setaffinity({sibling.pid}, {{0}})",
                f"import resource; resource.prlimit({sibling.pid}, resource.RLIMIT_NOFILE, (3, 3))",
            ]
            for code in changes:
                assert b"Error" in confined(tmp_path, code).stderr, code
            tgkill = f"{TRY}call({sandbox_calls.TGKILL[ARM]}, {sibling.pid}, {sibling.pid}, 9)"
            assert confined(tmp_path, tgkill).stdout == b"-13\n"
            assert sibling.poll() is None
            assert os.getpriority(os.PRIO_PROCESS, sibling.pid) == os.getpriority(os.PRIO_PROCESS, 0)
        finally:
            sibling.kill()


@needs_seccomp
@pytest.mark.parametrize(
    "change",
    [
        "fcntl.fcntl(r, 8, 1)",
        "fcntl.fcntl(r, 10, 9)",
        "fcntl.fcntl(r, 15, b'........')",
        "fcntl.ioctl(r, 0x8901, b'....')",
    ],
    ids=["owner", "signal", "any owner", "of a socket"],
)
def test_no_other_process_is_signalled_by_a_pipe_that_it_is_said_to_own(tmp_path: Path, change: str) -> None:
    """Landlock prevents it from Linux 6.12 on only."""
    assert b"PermissionError" in confined(tmp_path, f"import fcntl, os; r, w = os.pipe(); {change}").stderr
    assert confined(tmp_path, "import fcntl; print(fcntl.fcntl(0, fcntl.F_GETFD))").stdout == b"0\n"


@needs_seccomp
def test_memory_that_is_a_file_is_not_had(tmp_path: Path) -> None:
    """It would lie outside the address space, which is what is limited."""
    assert b"PermissionError" in confined(tmp_path, "import os; os.memfd_create('room')").stderr


@needs_seccomp
@pytest.mark.parametrize(
    "name",
    ["sethostname", "settimeofday", "clock_settime", "reboot", "swapon", "acct", "syslog", "init_module", "kexec_load"],
)
def test_the_machine_cannot_be_changed_not_even_as_root(tmp_path: Path, name: str) -> None:
    """Asked for with what the kernel would refuse as well, in other words."""
    number = sandbox_calls.DENIED[name][ARM]
    assert confined(tmp_path, f"{TRY}call({number}, -1, -1, -1, -1)").stdout == b"-13\n"


@needs_seccomp
def test_no_decoder_takes_back_that_it_ends_with_its_parent(tmp_path: Path) -> None:
    told = confined(tmp_path, f"{TRY}print(libc.prctl(1, 0, 0, 0, 0), libc.prctl(15, b'name', 0, 0, 0))").stdout
    assert told == b"-1 0\n"


@needs_seccomp
def test_a_decoder_may_still_lower_its_own_limits(tmp_path: Path) -> None:
    code = "import os, resource; resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9)); os.nice(1); print('done')"
    assert confined(tmp_path, code).stdout == b"done\n"


@needs_seccomp
@pytest.mark.parametrize("flag", [0x10000000, 0x00020000, 0x40000000], ids=["user", "files", "network"])
def test_there_is_no_other_view_of_the_machine(tmp_path: Path, flag: int) -> None:
    told = confined(tmp_path, f"{TRY}call({CLONE}, {flag} | 17, 0, 0, 0, 0)").stdout
    assert told == b"-13\n"
    assert confined(tmp_path, f"{TRY}call({CLONE3}, 0, 0)").stdout == b"-38\n", "so that libraries take clone"


@needs_seccomp
@pytest.mark.parametrize(
    "name", ["shmget", "msgget", "semget", "add_key", "fsopen", "open_tree", "mq_open", "unshare", "setsid", "setpgid"]
)
def test_nothing_is_shared_or_mounted(tmp_path: Path, name: str) -> None:
    number = sandbox_calls.DENIED[name][ARM]
    assert confined(tmp_path, f"{TRY}call({number}, 0, 0, 0, 0)").stdout == b"-13\n"


@needs_seccomp
def test_no_process_can_be_started_but_threads_can(tmp_path: Path) -> None:
    assert b"PermissionError" in confined(tmp_path, "import os; os.fork()").stderr
    assert b"PermissionError" in confined(tmp_path, "import subprocess; subprocess.run(['/bin/true'])").stderr
    threads = "import threading; t = threading.Thread(target=print, args=('hello',)); t.start(); t.join()"
    assert confined(tmp_path, threads).stdout == b"hello\n"


@needs_seccomp
def test_nothing_survives_the_end(tmp_path: Path) -> None:
    """It tries to start a process that leaves its group: neither step works, and then it is ended."""
    (tmp_path / "out").mkdir()
    code = "import os, time\ntry:\n    os.fork() or os.setsid()\nexcept OSError:\n    pass\n"
    code += "print(flush=True); time.sleep(60)"
    command = sandbox.confined(
        [sandbox.python(), "-I", "-S", "-c", code], tmp_path, tmp_path / "out",
        memory_bytes=2_000_000_000, file_bytes=1, cpu_s=20,
    )  # fmt: skip
    config = json.loads(command[4])
    config["read"] += [sys.base_prefix, sys.prefix]
    command[4] = json.dumps(config)
    with sandbox.start(command, stdout=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdout is not None
        process.stdout.readline()
        kin = [process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))]
        sandbox.kill(process)
    assert kin == [process.pid] and not psutil.pid_exists(process.pid)


def test_every_task_is_done_by_a_process_that_sees_nothing_else(pool: Pool, tmp_path: Path) -> None:
    seen: set[int] = set()
    for _ in range(2):
        versions(pool)
        child = psutil.Process(pool._idle[0].process.pid)
        done = threading.Event()

        def watch(child: psutil.Process = child, done: threading.Event = done) -> None:
            while not done.is_set():
                seen.update(copy.pid for copy in child.children())

        thread = threading.Thread(target=watch)
        thread.start()
        long_task(pool, tmp_path, effort="fast")
        done.set()
        thread.join()
        assert child.children() == [], "it ended with its task"
    assert len(seen) == 2


@needs_seccomp
def test_the_machines_gaps_are_logged_once(tmp_path: Path) -> None:
    """On a machine without Landlock; here a filter makes one."""
    code = (
        "import logging, sys; sys.path.insert(0, sys.argv[1]); logging.basicConfig(level='INFO', format='%(message)s')\n"
        "from adapters import sandbox_calls, sandbox_confine\n"
        "sandbox_confine.no_new_privileges()\n"
        "assert sandbox_calls.install([[(0x15, 0, 1, 444), (0x06, 0, 0, 0x00050026)]])\n"
        "from adapters.sandbox_pool import Pool\n"
        "for _ in range(2):\n"
        "    pool = Pool(); pool.run('versions', [], memory_bytes=1_200_000_000, time_limit_s=20); pool.close()\n"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code, str(root)], capture_output=True, timeout=60, check=True)
    events = [json.loads(line) for line in done.stderr.decode().splitlines() if line.startswith("{")]
    assert [event["event"] for event in events] == ["sandbox_incomplete"]
    assert events[0]["missing"] == ["Landlock: decoders could open other files"]


TAKEN_OVER = """
import os, socket, stat, sys, types
sys.path.insert(0, sys.argv[1])
from adapters import sandbox_child, sandbox_confine
from adapters.sandbox_calls import deny_calls

def is_pipe(number):
    try:
        return stat.S_ISFIFO(os.fstat(number).st_mode)
    except OSError:
        return False

def run():
    tried = []
    for way in (os.fork, lambda: os.execv("/bin/true", ["true"]), lambda: os.fstat(ours.fileno())):
        try:
            tried.append(str(way()))
        except OSError as error:
            tried.append(type(error).__name__)
    pipe = next(number for number in range(3, 64) if is_pipe(number))
    os.write(pipe, b'{"ok": true}\\n')
    return tried

sys.modules["evil"] = types.SimpleNamespace(run=run)
sandbox_child.TASKS["evil"] = ("evil", "run")
sandbox_confine.no_new_privileges()
assert deny_calls()
theirs, ours = socket.socketpair()
sys.stdout.write(sandbox_child.apart(ours, {"task": "evil", "arguments": {}}, []).decode())
"""


@needs_seccomp
def test_a_decoder_that_was_taken_over_has_no_kin_no_socket_and_one_answer() -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", TAKEN_OVER, str(root)], capture_output=True, timeout=60, check=True)
    said = done.stdout.decode()
    assert said.count("\n") == 1, "or the next upload would get the second line as its answer"
    assert said.startswith('{"ok": true} ')
    assert json.loads(said[13:])["result"] == ["PermissionError", "PermissionError", "OSError"]
