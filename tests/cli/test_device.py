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


def test_bad_words_are_answered_with_what_to_do(service: Service) -> None:
    words = ["device", "invite", "V01", "--at", "135", "--data", str(service.folder)]
    told = subprocess.run(
        [sys.executable, "-m", "dispatch", *words], capture_output=True, text=True, check=False, timeout=60
    )
    assert told.returncode == 2
    assert "as in https://" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_team_that_is_not_there_is_refused_and_the_sentence_names_those_that_are(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(service.folder)
    for words in (["device", "invite", "NOSUCH", "--at", service.base], ["tracker", "add", "NOSUCH"]):
        assert main([*words, "--data", folder]) == 2
        told = capsys.readouterr()
        assert "no team has the id NOSUCH" in told.err and "V01" in told.err and told.out == ""
        elsewhere = service.folder.parent / "elsewhere.sqlite"
        assert main([*words, "--data", folder, "--log", str(elsewhere)]) == 2
        assert "there is no log" in capsys.readouterr().err
    assert not service.access.registry.invites


@pytest.mark.parametrize(
    "words",
    [
        ["account", "list"],
        ["account", "reset", "li.na"],
        ["account", "disable", "li.na"],
        ["account", "enable", "li.na"],
        ["device", "list"],
        ["device", "invite", "V01", "--at", "https://135.example"],
        ["device", "confirm", "x", "123456"],
        ["device", "revoke", "x"],
        ["tracker", "list"],
        ["tracker", "add", "V01"],
        ["tracker", "revoke", "x"],
        ["webhook", "list"],
        ["webhook", "add", "city", "https://93.184.215.14/"],
        ["webhook", "remove", "city"],
        ["webhook", "resume", "city"],
    ],
)
def test_a_mistyped_data_folder_is_told_and_not_made(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in (tmp_path / "vra", tmp_path):
        assert main([*words, "--data", str(folder)]) == 2
        assert f"no service keeps its data in {folder}" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_first_account_makes_the_folder_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data", str(tmp_path / "new")]
    assert main(["account", "add", "wang.li", "--role", "administrator", *data]) == 0
    assert "is new" in capsys.readouterr().err
    assert main(["account", "add", "li.na", "--role", "dispatcher", *data]) == 0
    assert capsys.readouterr().err == ""
    assert main(["account", "list", *data]) == 0
    assert [row.split("\t")[0] for row in capsys.readouterr().out.splitlines()] == ["li.na", "wang.li"]
