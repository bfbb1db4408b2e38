"""Ceph's S3 server with a cluster of one disk: checks signatures, and keeps what it acknowledged when it is killed."""

from __future__ import annotations

import shutil
import subprocess
import uuid
from pathlib import Path

from aws.moto_server import free_port, wait_for

PROGRAMS = (
    "radosgw",
    "radosgw-admin",
    "ceph-mon",
    "ceph-osd",
    "ceph-mgr",
    "ceph",
    "ceph-authtool",
    "monmaptool",
    "openssl",
)
ACCESS_KEY = "ACCESS-KEY-OF-TESTS"
SECRET_KEY = "SECRET-KEY-OF-TESTS"
OTHER_ACCESS_KEY = "RGW-OTHER-ACCESS-KEY"
OTHER_SECRET_KEY = "RGW-OTHER-SECRET-KEY"
COMMAND_SECONDS = 90
DISK_BYTES = 4 * 1024**3  # of a sparse file

CONFIGURATION = """
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon_port}/0,v1:127.0.0.1:{old_mon_port}/0]
public addr = 127.0.0.1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = {folder}/keyring
run dir = {folder}
admin socket = {folder}/$name.asok
log file = {folder}/$name.log
mon cluster log file = {folder}/cluster.log
mon data = {folder}/mon
mgr data = {folder}/mgr
osd data = {folder}/osd
crash dir = {folder}/crash
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon warn on pool no redundancy = false
osd crush chooseleaf type = 0
mon data avail crit = 1
mon data avail warn = 1
[osd]
osd objectstore = bluestore
bluestore block size = {disk_bytes}
bluestore block create = true
osd memory target = 939524096
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:{port} ssl_endpoint=127.0.0.1:{tls_port} ssl_certificate={folder}/tls.pem
"""


def missing_programs() -> list[str]:
    """What would have to be installed."""
    return [program for program in PROGRAMS if shutil.which(program) is None]


class RgwServer:
    """A server at ``url``, and with TLS at ``tls_url`` with ``certificate``, which signed itself.

    ``kill`` and ``start_again`` are those of a crash of all its daemons.
    """

    def __init__(self, folder: Path, disk_bytes: int = DISK_BYTES, more: str = "") -> None:
        self._folder = folder
        self._disk_bytes = disk_bytes
        self._more = more
        self._configuration = folder / "ceph.conf"
        self._port = free_port()
        self._processes: list[subprocess.Popen] = []
        self.url = f"http://127.0.0.1:{self._port}"
        self._tls_port = free_port()
        self.tls_url = f"https://127.0.0.1:{self._tls_port}"
        self.certificate = folder / "tls.crt"

    def begin(self) -> None:
        """Make a cluster and users, and serve. Raises ``RuntimeError``, ``TimeoutExpired``."""
        self._make_cluster()
        self._start_cluster()
        for user, access, secret in (("t", ACCESS_KEY, SECRET_KEY), ("o", OTHER_ACCESS_KEY, OTHER_SECRET_KEY)):
            made = ["user", "create", f"--uid={user}", f"--display-name={user}"]
            self._run("radosgw-admin", *made, f"--access-key={access}", f"--secret-key={secret}")

    def kill(self) -> None:
        """End every daemon as a power cut would."""
        for process in reversed(self._processes):
            process.kill()
            process.wait()
        self._processes.clear()

    def start_again(self) -> None:
        """Start what was killed, on the same disk and port."""
        self._start_cluster()

    def _make_cluster(self) -> None:
        folder, fsid = self._folder, str(uuid.uuid4())
        for name in ("mon", "mgr", "osd", "crash"):
            (folder / name).mkdir()
        ports = {"mon_port": free_port(), "old_mon_port": free_port(), "port": self._port}
        self._make_certificate()
        ports["tls_port"] = self._tls_port
        told = CONFIGURATION.format(fsid=fsid, folder=folder, disk_bytes=self._disk_bytes, **ports)
        self._configuration.write_text(told + self._more)
        keyring = str(folder / "keyring")
        allowed = {
            "mon.": ("mon", "allow *"),
            "client.admin": ("mon", "allow *", "osd", "allow *", "mgr", "allow *"),
            "mgr.x": ("mon", "allow profile mgr", "osd", "allow *"),
            "osd.0": ("mon", "allow profile osd", "osd", "allow *", "mgr", "allow profile osd"),
            "client.rgw": ("mon", "allow rwx", "osd", "allow rwx"),
        }
        for number, (name, words) in enumerate(allowed.items()):
            caps = [word for who, what in zip(words[::2], words[1::2], strict=True) for word in ("--cap", who, what)]
            create = ["--create-keyring"] if number == 0 else []
            subprocess.run(
                ["ceph-authtool", keyring, *create, "--gen-key", "-n", name, *caps], check=True, capture_output=True
            )
        addresses = f"[v2:127.0.0.1:{ports['mon_port']}/0,v1:127.0.0.1:{ports['old_mon_port']}/0]"
        monmap = str(folder / "monmap")
        self._run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", addresses, monmap)
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", keyring)
        self._daemon("ceph-mon", "-i", "a")
        self._run("ceph", "--connect-timeout", "60", "mon", "enable-msgr2")
        disk = str(uuid.uuid4())
        self._run("ceph", "osd", "new", disk)
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk, "--no-mon-config")
        self.kill()

    def _make_certificate(self) -> None:
        key = self._folder / "tls.key"
        words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
        words += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(self.certificate)]
        subprocess.run(["openssl", *words], check=True, capture_output=True)
        (self._folder / "tls.pem").write_text(key.read_text() + self.certificate.read_text())

    def _start_cluster(self) -> None:
        self._daemon("ceph-mon", "-i", "a")
        self._daemon("ceph-mgr", "-i", "x")
        self._daemon("ceph-osd", "-i", "0")
        server = self._daemon("radosgw", "-n", "client.rgw", "--no-mon-config")
        wait_for(self.url, server, COMMAND_SECONDS)

    def _daemon(self, program: str, *words: str) -> subprocess.Popen:
        with (self._folder / f"{program}.out").open("ab") as out:
            command = [program, "-f", "-c", str(self._configuration), *words]
            self._processes.append(subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL))
        return self._processes[-1]

    def _run(self, program: str, *words: str) -> None:
        command = [program, "-c", str(self._configuration), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} failed: {done.stderr[-2000:]}")
