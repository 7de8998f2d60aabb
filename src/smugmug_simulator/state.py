"""The state of a running simulator besides its world: keys, quota, faults, sessions, viewers."""

from dataclasses import dataclass, field

from smugmug_simulator.asked import Asked
from smugmug_simulator.faults import Faults
from smugmug_simulator.oauth import NO_V2_TERMS, Keyring, Level, OAuthProblemError, oauth_params
from smugmug_simulator.rate import RateLimit
from smugmug_simulator.scene import Limits, Viewer
from smugmug_simulator.stats import Stats
from smugmug_simulator.world import World

# The cookie of a visitor who unlocked something (recorded).
SESSION_COOKIE = "SMSESS"


@dataclass(slots=True)
class State:
    """Shared by all handlers of one simulator."""

    world: World
    keyring: Keyring = field(default_factory=Keyring)
    faults: Faults = field(default_factory=Faults)
    stats: Stats = field(default_factory=Stats)
    rate: RateLimit = field(default_factory=RateLimit)
    limits: Limits = field(default_factory=Limits)
    latency: float = 0.0
    # Nodes each session has unlocked, wrong passwords by node, albums whose order has already changed.
    unlocked: dict[str, set[str]] = field(default_factory=dict)
    wrong_passwords: dict[str, int] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of a request, as far as it is authenticated."""

    application: str
    viewer: Viewer
    level: Level | None = None


def caller(state: State, asked: Asked) -> Caller:
    """The sender of an API request; OAuthProblemError if it is not authenticated."""
    if asked.has_oauth:
        return signed_caller(state, asked)
    key = asked.params.get("APIKey", "") or asked.form_params.get("APIKey", "")
    consumer = state.keyring.consumers.get(key)
    if consumer is None:
        raise OAuthProblemError("Invalid API key" if key else "No API key")
    if not consumer.has_v2_terms:
        raise OAuthProblemError(NO_V2_TERMS)
    return Caller(key, visitor(state, asked))


def signed_caller(state: State, asked: Asked) -> Caller:
    """Who signed a request; the owner sees everything only if the token was given Access=Full."""
    params = oauth_params(asked.signed)
    if "oauth_token" not in params:
        raise OAuthProblemError("parameter_absent")
    state.keyring.check(asked.signed, params)
    token = state.keyring.tokens[params["oauth_token"]]
    if token.consumer_key != params["oauth_consumer_key"]:
        raise OAuthProblemError("token_rejected")
    viewer = Viewer(full=True) if token.level.access == "Full" else visitor(state, asked)
    return Caller(f"{token.consumer_key}/{state.world.user.nick}", viewer, token.level)


def visitor(state: State, asked: Asked) -> Viewer:
    """A viewer without special rights, but perhaps with a session that has unlocked things."""
    session = asked.cookies.get(SESSION_COOKIE, "")
    return Viewer(full=False, unlocked=frozenset(state.unlocked.get(session, ())))
