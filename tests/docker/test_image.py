"""The image without an engine: its own scripts in a fresh folder, not root, a tree that cannot be written.

The compose files are held against what the command line and the image really take.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dispatch.__main__ import MODULES
from dispatch.bootstrap import ROOT
from dispatch.cli.doors import check_flags
from dispatch.cli.service import listen

DOCKER = ROOT / "docker"
NOBODY = pwd.getpwnam("nobody")
READY_WITHIN_S = 60.0
FILES = ["compose.yaml", "compose.scale.yaml"]
AS_NOBODY = [
    "setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}", "--clear-groups",
    "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--no-new-privs",
]  # fmt: skip


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser()
    words = made.add_subparsers(required=True)
    for name in MODULES:
        importlib.import_module(f"dispatch.cli.{name}").add_parsers(words)
    return made


def filled(text: str) -> str:
    """A word of a compose file with its defaults, as the engine fills it in."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def composed(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DOCKER / name).read_text())
    return loaded


def ours(name: str) -> dict[str, dict[str, Any]]:
    """The services of a compose file that are made of our image."""
    found = {key: one for key, one in composed(name)["services"].items() if one["image"] == "dispatch135"}
    assert found
    return found


# ── what runs ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def tree() -> Iterator[Path]:
    """What the image holds, laid out by its own script, in a folder that another user can read and nobody write."""
    folder = Path(tempfile.mkdtemp(prefix="image-", dir="/tmp"))
    source = folder / "from"
    source.mkdir()
    for name in ("dispatch", "geo_data", "docker"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "LICENSE", source)
    page = source / "web_client" / "dist"
    page.mkdir(parents=True)
    (page / "index.html").write_text("<!doctype html><title>135</title>")
    (page / "assets").mkdir()
    script = ["sh", str(DOCKER / "build.sh"), "tree", str(source), str(folder / "135")]
    subprocess.run(script, check=True, timeout=60)
    shutil.rmtree(source)
    folder.chmod(0o755)
    for path in (folder / "135").rglob("*"):
        path.chmod(0o555 if path.is_dir() or path.suffix == ".sh" else 0o444)
    (folder / "135").chmod(0o555)
    try:
        yield folder / "135"
    finally:
        for path in [folder / "135", *(folder / "135").rglob("*")]:
            if path.is_dir():
                path.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.nightly  # it compiles every kernel anew, as the image does when it is made
def test_the_image_is_made_with_warm_kernels_and_serves_at_once(tree: Path) -> None:
    (tree / "cache").chmod(0o755)
    script = ["sh", str(DOCKER / "build.sh"), "warm", str(tree)]
    environment = {"PATH": "/usr/bin:/bin", "PYTHON": python_in(tree.parent)}
    subprocess.run(script, check=True, timeout=500, env=environment)
    (tree / "cache").chmod(0o555)
    assert list((tree / "cache" / "numba").rglob("*.nbc"))
    serve_without_root(tree, within_s=READY_WITHIN_S)


def test_the_image_serves_without_root_from_a_tree_that_cannot_be_written(tree: Path) -> None:
    """With this machine's own kernels, under the name that they have in that tree."""
    (tree / "cache").chmod(0o755)
    lent = Path(os.environ.get("NUMBA_CACHE_DIR") or ROOT / ".cache" / "numba")
    for folder in lent.glob("*_*"):
        name = folder.name.rpartition("_")[0]
        for source in (each for each in tree.rglob(name) if each.is_dir()):
            ours = ROOT / source.relative_to(tree)
            if folder.name == cache_name(ours):
                shutil.copytree(folder, tree / "cache" / "numba" / cache_name(source))
    (tree / "cache").chmod(0o555)
    serve_without_root(tree, within_s=400)


def cache_name(folder: Path) -> str:
    """The folder in which numba keeps what it compiled from the sources in ``folder``."""
    return f"{folder.name}_{hashlib.sha1(str(folder).encode()).hexdigest()}"


def serve_without_root(tree: Path, *, within_s: float) -> None:
    data = tree.parent / "data"
    data.mkdir(mode=0o700)
    bare = [str(tree / "docker/entrypoint.sh")]
    if os.geteuid() == 0:  # as the image's user, who owns its data alone; may read our Python, wherever it is
        os.chown(data, NOBODY.pw_uid, NOBODY.pw_gid)
        bare = [*AS_NOBODY, *bare]
    bound = listen("127.0.0.1", 0)
    port = bound.getsockname()[1]
    bound.close()
    environment = {
        "PATH": "/usr/bin:/bin", "DATA": str(data), "PYTHON": python_in(tree.parent),
        "HEALTH_AT": f"https://127.0.0.1:{port}",
    }  # fmt: skip
    words = [filled(word).replace("8135", str(port)) for word in command("compose.yaml")]
    words = [word.replace("=/data", f"={data}") for word in words]

    def healthy(*more: str) -> tuple[int, bytes]:
        check = [str(tree / "docker/healthcheck.sh"), *more]
        done = subprocess.run(check, env=environment, capture_output=True, cwd="/", timeout=60, check=False)
        return done.returncode, done.stdout

    before = snapshot(tree)
    with (data.parent / "said").open("w+") as said:
        child = subprocess.Popen([*bare, *words], env=environment, stderr=said, cwd="/")
        try:
            until_s = time.monotonic() + within_s
            while healthy()[0]:
                assert child.poll() is None, told(said)
                assert time.monotonic() < until_s, told(said)
                time.sleep(1)
            assert healthy() == (0, b"ok\n")
            assert healthy("--ready") == (0, b"ready\n")
        finally:
            child.send_signal(signal.SIGTERM)
            code = child.wait(60)
        assert code == 0, told(said)
        assert "one-time password" in told(said), "the first start tells the administrator's password"
    assert healthy()[0] == 1, "nobody answers now"
    assert snapshot(tree) == before, "nothing was written beside the data"
    assert (data / "desk.sqlite").is_file()
    assert stat.S_IMODE((data / "access.sqlite").stat().st_mode) == 0o600


def python_in(folder: Path) -> str:
    """A program that is our own Python with its packages, whatever the environment."""
    extra = [path for path in os.environ.get("PYTHONPATH", "").split(":") if path and Path(path) != ROOT]
    path = ":".join([str(Path(yaml.__file__).parents[1]), *extra])
    prelude = folder / "python"
    prelude.write_text(
        f'#!/bin/sh\nexport PYTHONPATH="$PYTHONPATH:{path}"\nexec "{Path(sys.executable).resolve()}" "$@"\n'
    )
    prelude.chmod(0o755)
    return str(prelude)


def told(said: Any) -> str:
    said.seek(0)
    return str(said.read()[-3000:])


def snapshot(tree: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in sorted(tree.rglob("*"))}


def command(name: str) -> list[str]:
    words: list[str] = next(iter(ours(name).values()))["command"]
    return words


# ── what is written down ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", FILES)
def test_every_word_of_a_compose_file_is_one_that_the_command_line_takes(name: str) -> None:
    for service in ours(name).values():
        args = parser().parse_args([filled(word) for word in service["command"]])
        check_flags(args)
        assert args.host == "0.0.0.0", "else no other container reaches it"
        mounted = {volume.split(":")[1] for volume in service["volumes"]}
        assert str(args.data) in mounted, "what it keeps lies in a volume"
        for volume in service["volumes"]:
            assert volume.split(":")[0] in composed(name)["volumes"]


@pytest.mark.parametrize("name", FILES)
def test_our_containers_may_as_little_as_can_be(name: str) -> None:
    for service in ours(name).values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert "/tmp" in service["tmpfs"]
        assert int(service["stop_grace_period"].removesuffix("s")) > 10, "serve ends within ten seconds"


@pytest.mark.parametrize("name", FILES)
def test_a_health_check_asks_where_its_service_listens(name: str) -> None:
    said = re.search(r"HEALTHCHECK.*CMD \[\"([^\"]+)\"\]", (DOCKER / "Dockerfile").read_text())
    assert said is not None
    assert (DOCKER / Path(said[1]).name).stat().st_mode & 0o111
    for service in ours(name).values():
        args = parser().parse_args([filled(word) for word in service["command"]])
        script = (DOCKER / "healthcheck.sh").read_text()
        default = re.search(r"HEALTH_AT:-([^}]+)\}", script)
        assert default is not None
        at = service.get("environment", {}).get("HEALTH_AT", default[1])
        assert at == f"{'https' if args.tls_local else 'http'}://127.0.0.1:{args.port}"
        assert parser().parse_args(["health", "--at", at]).at == at


def test_what_is_published_is_where_the_service_listens() -> None:
    (service,) = ours("compose.yaml").values()
    assert service["ports"] == [f"{parser().parse_args(list(map(filled, service['command']))).port}:8135"]
    assert all("ports" not in node for node in ours("compose.scale.yaml").values()), "the proxy alone is reached"


def test_the_two_nodes_are_one_desk_behind_one_proxy() -> None:
    scale = composed("compose.scale.yaml")
    one, two = ours("compose.scale.yaml").values()
    assert one == two
    args = parser().parse_args([filled(word) for word in one["command"]])
    assert args.standby, "whichever comes first serves"
    (network,) = scale["networks"]["inside"]["ipam"]["config"]
    assert args.trust_proxy == [network["subnet"]], "the proxy's word about addresses is believed, nobody else's"
    caddy = (DOCKER / "Caddyfile").read_text()
    assert re.search(rf"reverse_proxy one:{args.port} two:{args.port} ", caddy)
    assert "health_uri /readyz" in caddy
    database = scale["services"]["database"]
    user, name = database["environment"]["POSTGRES_USER"], database["environment"]["POSTGRES_DB"]
    assert f"//{user}@database/{name}?" in args.log
    assert set(scale["secrets"]) == {"password", "pgpass"}
    assert "fsync" not in str(database), "a log without fsync is refused"


def test_the_image_is_not_root_and_names_no_registry() -> None:
    text = (DOCKER / "Dockerfile").read_text()
    last = text[text.rindex("\nFROM ") :]
    assert re.search(r"^USER 10135:10135$", last, re.MULTILINE)
    assert last.index("USER ") < last.index("ENTRYPOINT")
    images = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    for name in FILES:
        images += [one["image"] for one in composed(name)["services"].values()]
    assert all(re.fullmatch(r"[a-z0-9]+(:[\w.-]+)?", image) for image in images), images
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        for word in source.split():
            assert (ROOT / word).exists(), f"COPY {word}"
    args = parser().parse_args(list(yaml.safe_load(re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)[-1])))
    check_flags(args)
