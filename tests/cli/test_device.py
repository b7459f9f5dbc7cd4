"""``device`` and ``tracker`` beside a running service: what the terminal does, the door knows within moments."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from dispatch.__main__ import main
from dispatch.access.refusals import Door
from dispatch.adapters.codes import qr_text
from dispatch.sim.identity import apply_with
from dispatch.sim.reporter import ReporterError
from tests.live import Service
from tests.server.at_the_door import hello, live, said, until_closed
from tests.server.test_trackers import basic, tell


def word(capsys: pytest.CaptureFixture[str], data: Path, *words: str) -> str:
    """What one command says on stdout."""
    assert main([*words, "--data", str(data)]) == 0
    return capsys.readouterr().out


def known(service: Service, device: str, status: str) -> None:
    """Wait until the service has read it, at most 2 s: the promise to whoever lost a tablet."""
    until_s = time.monotonic() + 2
    while service.access.registry.devices[device].status != status:
        assert time.monotonic() < until_s, "the service did not notice within two seconds"
        time.sleep(0.02)


def test_a_tablet_is_invited_confirmed_and_revoked_from_a_terminal(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    out = word(capsys, service.folder, "device", "invite", "V01", "--at", service.base)
    url = next(line for line in out.splitlines() if line.startswith(service.base))
    assert out.startswith(qr_text(url)), "the code is drawn above the address that it holds"
    time.sleep(0.7)
    identity = apply_with(service.base, url.rsplit("#", 1)[1], "tablet")
    (row,) = word(capsys, service.folder, "device", "list").splitlines()
    device, team, status, figures, _ = row.split("\t")
    assert (device, team, status) == (identity.device, "V01", "pending")
    assert main(["device", "confirm", device, "000000", "--data", str(service.folder)]) == 2
    assert "somebody else" in capsys.readouterr().err
    word(capsys, service.folder, "device", "confirm", device, figures)
    known(service, device, "confirmed")
    with live(service, identity) as socket:
        word(capsys, service.folder, "device", "revoke", device)
        took_s, heard = until_closed(socket)
    assert took_s < 2
    assert heard[-1]["code"] == Door.DEVICE_REVOKED
    with pytest.raises(ReporterError, match=said(Door.DEVICE_REVOKED)):
        hello(service, identity, identity.ticket())
    assert main(["device", "revoke", device, "--data", str(service.folder)]) == 2
    assert main(["device", "revoke", "nobody", "--data", str(service.folder)]) == 2


def test_a_tracker_is_made_and_revoked_from_a_terminal(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    tracker, team, token, _ = word(capsys, service.folder, "tracker", "add", "V01").split("\t")
    time.sleep(0.7)
    assert tell(service, basic(token), team)[0] == 200
    assert token not in word(capsys, service.folder, "tracker", "list")
    word(capsys, service.folder, "tracker", "revoke", tracker)
    time.sleep(0.7)
    assert tell(service, basic(token), team)[0] == 401
    assert main(["tracker", "revoke", tracker, "--data", str(service.folder)]) == 2


def test_bad_words_are_answered_with_what_to_do(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dispatch", "device", "invite", "V01", "--at", "135", "--data", str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 2
    assert "as in https://" in told.stderr
    assert "Traceback" not in told.stderr
