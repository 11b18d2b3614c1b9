"""The system calls that a decoder may not make: a seccomp filter. Standard library only.

Landlock knows opening, making and removing files; everything else that reaches beyond the process is denied here.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys

PR_SET_PDEATHSIG, PR_SET_SECCOMP = 1, 22
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

DENIED = {  # name: its number on x86-64, and on ARM64 (0: not there)
    # talking to others
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "io_uring_setup": (425, 425),
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "semget": (64, 190), "semop": (65, 193),
    "semctl": (66, 191), "semtimedop": (220, 192), "msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188),
    "msgctl": (71, 187), "mq_open": (240, 180), "mq_unlink": (241, 181), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219),
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424), "kill": (62, 129),
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "process_madvise": (440, 440), "process_mrelease": (448, 448), "perf_event_open": (298, 241),
    "migrate_pages": (256, 238), "move_pages": (279, 239),
    "sched_setparam": (142, 118), "sched_setscheduler": (144, 119), "sched_setattr": (314, 274),
    "ioprio_set": (251, 30), "setsid": (112, 157), "setpgid": (109, 154),
    # owners, modes, times and notes of files, and watching them
    "chmod": (90, 0), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, 0),
    "fchown": (93, 55), "lchown": (94, 0), "fchownat": (260, 54), "utime": (132, 0), "utimes": (235, 0),
    "futimesat": (261, 0), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6),
    "fsetxattr": (190, 7), "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "setxattrat": (463, 463), "removexattrat": (466, 466), "file_setattr": (469, 469), "inotify_init": (253, 0),
    "inotify_init1": (294, 26), "fanotify_init": (300, 262),
    # memory that no limit counts
    "memfd_create": (319, 279), "memfd_secret": (447, 447),
    # the machine itself, which root could change; its files by number instead of by path
    "sethostname": (170, 161), "setdomainname": (171, 162), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "adjtimex": (159, 171), "clock_adjtime": (305, 266), "reboot": (169, 142), "swapon": (167, 224),
    "swapoff": (168, 225), "acct": (163, 89), "syslog": (103, 116), "quotactl": (179, 60), "quotactl_fd": (443, 443),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "iopl": (172, 0), "ioperm": (173, 0), "vhangup": (153, 58),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    # another view of the machine
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97),
    "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467), "bpf": (321, 280), "userfaultfd": (323, 282),
}  # fmt: skip
ONLY_ITSELF = {  # these arguments must be 0, which names the caller
    "prlimit64": (302, 261, (0,)),
    "sched_setaffinity": (203, 122, (0,)),
    "setpriority": (141, 140, (0, 1)),
}
NOT_FOR = {  # what the second argument must not be: with an owner, a pipe or a socket signals another process
    "fcntl": (72, 25, (8, 10, 15)),  # F_SETOWN, F_SETSIG, F_SETOWN_EX
    "ioctl": (16, 29, (0x8901, 0x8902)),  # FIOSETOWN, SIOCSPGRP
}
CLONE, CLONE3, TGKILL, PRCTL = (56, 220), (435, 435), (234, 131), (157, 167)
NEW_PROCESS = ((57, 0), (58, 0))
"""fork and vfork, which ARM64 does by clone."""
NEW_PROGRAM = ((59, 221), (322, 281))
"""execve and execveat."""
NEW_NAMESPACES, THREAD = 0x7E020000, 0x00010000

LOAD, EQUAL, ABOVE, HAS_BITS, ANSWER = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, DENY, MISSING = 0x7FFF0000, 0x00050000 | errno.EACCES, 0x00050000 | errno.ENOSYS

Step = tuple[int, int, int, int]
"""Code, steps to skip if true, steps to skip if false, value."""


def deny_calls() -> bool:
    """From here on the calls above fail with EACCES. False: the kernel cannot."""
    at = _place()
    if at is None:
        return False
    rules = [_denied(numbers[at]) for numbers in DENIED.values()]
    for *numbers, arguments in ONLY_ITSELF.values():
        rules.append(_when(numbers[at], [step for one in arguments for step in _must_be(one, 0)]))
    for *numbers, values in NOT_FOR.values():
        checks = [step for value in values for step in ((EQUAL, 0, 1, value), (ANSWER, 0, 0, DENY))]
        rules.append(_when(numbers[at], [*_argument(1), *checks]))
    rules.append(_when(CLONE[at], [*_argument(0), (HAS_BITS, 0, 1, NEW_NAMESPACES), (ANSWER, 0, 0, DENY)]))
    rules.append(_denied(CLONE3[at], MISSING))  # its flags cannot be seen from here: the C library then takes clone
    return install(rules)


def deny_processes(*, programs: bool) -> bool:
    """From here on no process can be started, so nothing outlives this one, and no other be signalled; threads can.

    Nor can it take back that it dies with its parent. With `programs`, no other program can take its place, either.
    """
    at = _place()
    if at is None:
        return False
    rules = [_denied(numbers[at]) for numbers in (*NEW_PROCESS, *(NEW_PROGRAM if programs else ()))]
    rules.append(_when(CLONE[at], [*_argument(0), (HAS_BITS, 1, 0, THREAD), (ANSWER, 0, 0, DENY)]))
    rules.append(_when(TGKILL[at], _must_be(0, os.getpid())))
    rules.append(_when(PRCTL[at], [*_argument(0), (EQUAL, 0, 1, PR_SET_PDEATHSIG), (ANSWER, 0, 0, DENY)]))
    return install(rules)


def install(rules: list[list[Step]]) -> bool:
    """Put these rules around this process and all that it starts."""
    program: list[Step] = [
        (LOAD, 0, 0, 4),
        (EQUAL, 1, 0, MACHINES[platform.machine()]),
        (ANSWER, 0, 0, DENY),
        (LOAD, 0, 0, 0),
        (ABOVE, 0, 1, 0x40000000),  # the x32 calls have numbers of their own
        (ANSWER, 0, 0, DENY),
        *(step for rule in rules for step in rule),
        (ANSWER, 0, 0, ALLOW),
    ]
    code = b"".join(struct.pack("=HBBI", *step) for step in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("@HP", len(program), ctypes.addressof(buffer))
    return bool(ctypes.CDLL(None, use_errno=True).prctl(PR_SET_SECCOMP, 2, header, 0, 0) == 0)


def _place() -> int | None:
    machine = platform.machine()
    return list(MACHINES).index(machine) if sys.platform == "linux" and machine in MACHINES else None


def _denied(number: int, answer: int = DENY) -> list[Step]:
    return [(EQUAL, 0, 1, number), (ANSWER, 0, 0, answer)] if number else []


def _when(number: int, checks: list[Step]) -> list[Step]:
    """For this call: the checks, then yes."""
    return [(EQUAL, 0, len(checks) + 1, number), *checks, (ANSWER, 0, 0, ALLOW)]


def _argument(place: int) -> list[Step]:
    """Load an argument: its low half, which is all of it for numbers of processes and flags (little-endian)."""
    return [(LOAD, 0, 0, 16 + 8 * place)]


def _must_be(place: int, value: int) -> list[Step]:
    return [*_argument(place), (EQUAL, 1, 0, value), (ANSWER, 0, 0, DENY)]
