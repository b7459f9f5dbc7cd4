"""What nobody meant to send: the whole API by its own description, frames to a real socket, frames to the sessions.

Laws: no 5xx and no unhandled exception; every answer is one that the description names, in the form it names; a
client that talks nonsense is sent away with a ``bye`` and a close code of the table.
"""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from dispatch import bootstrap
from dispatch.access.policy import Role
from dispatch.sim.reporter import ReporterError
from tests.live import Service, serving
from tests.people import ROLES
from tests.rig.fuzz_frames import fuzz_sessions, fuzz_socket
from tests.rig.part import Effort, Finding

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SHORT_EXAMPLES, LONG_EXAMPLES = 2, 40
SHORT_FRAMES, LONG_FRAMES = 60, 2_000
SHORT_SOCKETS, LONG_SOCKETS = 25, 400
MOST_BROKEN: Final = 60
NOT_WITH_A_SESSION: Final = {
    ("delete", "/api/session"),
    ("delete", "/api/session/others"),
    ("post", "/api/session/lock"),
    ("post", "/api/session/password"),
    ("post", "/api/session/factor"),
    ("post", "/api/session"),
    ("post", "/api/session/unlock"),
}
"""They end, lock or change the session that the rest needs: tried by nobody here, and by tests of their own."""


@dataclass
class Tally:
    """What all fuzzing came to."""

    seed: int
    figures: dict[str, int | float] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def add(self, name: str, count: float = 1) -> None:
        """Count."""
        self.figures[name] = self.figures.get(name, 0) + count

    def fell(self, about: str, what: str) -> None:
        """A law fell; the first case of each is kept."""
        if len(self.broken) < MOST_BROKEN:
            self.broken.setdefault(about, f"seed {self.seed}: {about}: {what}")


def run(effort: Effort) -> Finding:
    """Fuzz; figures: operations, requests, answers by class, frames, sockets, unhandled."""
    began_s, tally = time.monotonic(), Tally(effort.seed)
    unhandled = _Unhandled()
    logging.getLogger().addHandler(unhandled)
    try:
        fuzz_sessions(tally, SHORT_FRAMES if effort.short else LONG_FRAMES)
        effort.say(f"sessions: {int(tally.figures['frames'])} frames, {len(tally.broken)} laws broken")
        town = bootstrap.sample_town(lambda _text: None)
        with serving(town, effort.folder) as service:
            fuzz_socket(tally, service, SHORT_SOCKETS if effort.short else LONG_SOCKETS)
            effort.say(f"sockets: {int(tally.figures['sockets'])}, {len(tally.broken)} laws broken")
            fuzz_api(tally, service, effort)
    finally:
        logging.getLogger().removeHandler(unhandled)
    tally.figures["unhandled"] = len(unhandled.told)
    for told in unhandled.told[:5]:
        tally.fell("unhandled", told)
    return Finding(
        part="fuzz",
        seed=effort.seed,
        seconds=time.monotonic() - began_s,
        figures=tally.figures,
        broken=tuple(tally.broken.values()),
        left_out=tuple(tally.left_out),
    )


class _Unhandled(logging.Handler):
    """Every record that carries an exception: a handled refusal never does."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        error = record.exc_info[1] if record.exc_info else None
        self.told.append(f"{record.getMessage()}: {error!r}"[:500])


def fuzz_api(tally: Tally, service: Service, effort: Effort) -> None:
    """Every operation of the description, as each role and as nobody."""
    incident = service.reporter.report(service.town.places[0].point.lat, service.town.places[0].point.lon)
    device = service.tablet(service.town.roster[0].team).device
    known = {
        "incident": [incident],
        "order": ["O0001"],
        "team": [team.team for team in service.town.roster[:3]],
        "device": [device],
    }
    raw = service.reporter.call("GET", "/openapi.json")
    schema = schemathesis.openapi.from_dict(with_known(raw, known))
    operations = [found.ok() for found in schema.get_all_operations()]
    tally.figures["operations"] = len(operations)
    whos = [Who(role, service) for role in [*ROLES, None]]
    whos.append(Who(Role.TRACKER, service, service.tracker(service.town.roster[0].team)))
    try:
        for number, operation in enumerate(operations, 1):
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                ask(tally, operation, mode, whos, SHORT_EXAMPLES if effort.short else LONG_EXAMPLES)
            if number % 10 == 0:
                effort.say(f"API: {number} of {len(operations)} operations, {len(tally.broken)} laws broken")
    finally:
        for who in whos:
            who.session.close()
    for role in ROLES:
        _still_signed_in(tally, service, role)


class Who:
    """Somebody who asks: a role that has signed in, a program with its token, or nobody."""

    def __init__(self, role: Role | None, service: Service, token: str | None = None) -> None:
        self.role, self.base = role, service.base
        self.session = requests.Session()
        self.session.trust_env = False
        self.headers = {"Origin": service.base}
        if token is not None:
            self.headers["Authorization"] = f"Bearer {token}"
        elif role is not None:
            self.headers["Cookie"] = str(service.person(role).cookie)

    def may_try(self, operation: Any) -> bool:
        """Whether this would not end the session that the rest needs."""
        return self.role is None or (operation.method.lower(), operation.path) not in NOT_WITH_A_SESSION


def _still_signed_in(tally: Tally, service: Service, role: Role) -> None:
    try:
        service.person(role).call("GET", "/api/session")
    except (OSError, ReporterError) as error:
        tally.fell(f"{role} lost the session", str(error))


def with_known(raw: dict[str, Any], known: dict[str, list[str]]) -> dict[str, Any]:
    """The description with path parameters that name what is there as often as what is not."""
    described = copy.deepcopy(raw)
    for path in described["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path" and parameter["name"] in known:
                    some = {"enum": known[parameter["name"]], "type": "string"}
                    parameter["schema"] = {"anyOf": [some, parameter["schema"]]}
    _plain_tuples(described)
    return described


def _plain_tuples(node: Any) -> None:
    """A tuple of one kind as a list of it: schemathesis does not check answers by ``prefixItems``."""
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for each in inner:
        _plain_tuples(each)
    if isinstance(node, dict) and (kinds := node.get("prefixItems")) and all(kind == kinds[0] for kind in kinds):
        node["items"] = node.pop("prefixItems")[0]


def ask(tally: Tally, operation: Any, mode: GenerationMode, whos: list[Who], examples: int) -> None:
    """One operation, each example by everybody: what the description allows, or what it does not."""
    about = f"{operation.method.upper()} {operation.path}, {mode.value}"

    def once(case: Any) -> None:
        for who in whos:
            if not who.may_try(operation):
                continue
            tally.add("requests")
            try:
                response = case.call(base_url=who.base, session=who.session, headers=who.headers)
                tally.add(f"answers_{response.status_code // 100}xx")
                case.validate_response(response, checks=CHECKS)
            except FailureGroup as group:
                for failure in group.exceptions:
                    tally.fell(f"{about}: {type(failure).__name__} as {who.role}", _told(failure))
            except Failure as failure:
                tally.fell(f"{about}: {type(failure).__name__} as {who.role}", _told(failure))

    try:
        _examples(once, operation.as_strategy(generation_mode=mode), examples, tally.seed)
    except requests.RequestException as error:
        tally.fell(about, f"no answer: {error}")
    except Exception as error:  # generation that cannot be done (nothing to negate, say) is no law of ours
        if "Unsatisfiable" not in type(error).__name__ and "SkipTest" not in type(error).__name__:
            tally.fell(about, f"{type(error).__name__}: {error}"[:400])


def _told(failure: BaseException) -> str:
    return " ".join(str(getattr(failure, "message", failure)).split())[:400]


def _examples(once: Callable[[Any], None], strategy: st.SearchStrategy[Any], examples: int, start: int) -> None:
    limits = settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    seed(start)(limits(given(strategy)(once)))()
