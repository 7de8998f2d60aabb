"""Who gets in: the dance with its six digits, and every way a signature can fail."""

import re
from typing import Any
from urllib.parse import parse_qs, urlencode

import aiohttp
import pytest
from oauthlib import oauth1

from smugmug_simulator import Level, Simulator, worlds
from smugmug_simulator.server import KEY_WITHOUT_TERMS

from .asker import Answered, Asker

DANCE = "/services/oauth/1.0a/"


async def step(asker: Asker, name: str, *, method: str = "POST", **more: Any) -> Answered:
    """One signed step before there is an access token."""
    url = f"{asker.sim.origin}{DANCE}{name}"
    given = {"resource_owner_key": None, "resource_owner_secret": None} | more
    return await asker.send(method, url, {"Authorization": asker.authorization(method, url, **given)})


def tokens(answer: Answered) -> tuple[str, str]:
    assert answer.status == 200, answer.body
    fields = parse_qs(answer.body.decode())
    return fields["oauth_token"][0], fields["oauth_token_secret"][0]


async def allow(asker: Asker, token: str, **wanted: str) -> str:
    """Press the button on the page and read the six digits."""
    url = f"{asker.sim.origin}{DANCE}authorize"
    page = await asker.send("GET", f"{url}?{urlencode({'oauth_token': token, **wanted})}", {})
    assert b"<form method='post'" in page.body
    form = urlencode({"oauth_token": token, "allow": "1", **wanted})
    done = await asker.send("POST", url, {"Content-Type": "application/x-www-form-urlencoded"}, form)
    found = re.search(r"id='code'>(\d{6})<", done.body.decode())
    assert found is not None
    return found[1]


async def dance(asker: Asker, method: str = "POST", **wanted: str) -> tuple[str, str]:
    token, secret = tokens(await step(asker, "getRequestToken", method=method, callback_uri="oob"))
    verifier = await allow(asker, token, **wanted)
    more = {"resource_owner_key": token, "resource_owner_secret": secret, "verifier": verifier}
    return tokens(await step(asker, "getAccessToken", method=method, **more))


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_dance_ends_with_a_token_that_sees_everything(tiny: Asker, method: str) -> None:
    tiny.token, tiny.token_secret = await dance(tiny, method, Access="Full", Permissions="Read")
    answer = await tiny.get("/api/v2!authuser")
    assert (answer.thing["NickName"], answer.thing["ResponseLevel"]) == ("tiny", "Full")


async def test_without_access_full_a_token_sees_what_strangers_see(hostile: Asker) -> None:
    hostile.token, hostile.token_secret = await dance(hostile)
    answer = await hostile.get("/api/v2!authuser", _verbosity=1)
    assert answer.thing["ResponseLevel"] == "Public"
    albums = (await hostile.get("/api/v2/user/hostile!albums", count=100)).thing
    assert "Inside private" not in {album.get("Name") for album in albums}


async def test_a_second_authorization_does_not_raise_the_level(session: aiohttp.ClientSession) -> None:
    async with Simulator(worlds.tiny(), granted=Level("Public", "Read")) as sim:
        asker = Asker(sim, session)
        asker.token, asker.token_secret = await dance(asker, Access="Full", Permissions="Read")
        assert (await asker.get("/api/v2!authuser")).thing["ResponseLevel"] == "Public"
        await asker.order("forget_grants")
        asker.token, asker.token_secret = await dance(asker, Access="Full", Permissions="Read")
        assert (await asker.get("/api/v2!authuser")).thing["ResponseLevel"] == "Full"


async def test_a_request_token_needs_a_callback(tiny: Asker) -> None:
    answer = await step(tiny, "getRequestToken")
    assert (answer.status, answer.body) == (401, b"oauth_problem=parameter_absent")


async def test_a_request_token_works_once(tiny: Asker) -> None:
    token, secret = tokens(await step(tiny, "getRequestToken", callback_uri="oob"))
    verifier = (await tiny.order("authorize", oauth_token=token, Access="Full"))["verifier"]
    more = {"resource_owner_key": token, "resource_owner_secret": secret, "verifier": verifier}
    assert (await step(tiny, "getAccessToken", **more)).status == 200
    assert (await step(tiny, "getAccessToken", **more)).body == b"oauth_problem=token_rejected"


async def test_a_request_token_dies_after_five_minutes(tiny: Asker) -> None:
    token, secret = tokens(await step(tiny, "getRequestToken", callback_uri="oob"))
    verifier = (await tiny.order("authorize", oauth_token=token))["verifier"]
    moment = tiny.sim.state.keyring.clock()
    tiny.sim.state.keyring.clock = lambda: moment + 301
    more = {
        "resource_owner_key": token,
        "resource_owner_secret": secret,
        "verifier": verifier,
        "timestamp": str(int(moment + 301)),
    }
    assert (await step(tiny, "getAccessToken", **more)).body == b"oauth_problem=token_expired"


async def test_a_wrong_code_is_refused_and_the_right_one_still_works(tiny: Asker) -> None:
    token, secret = tokens(await step(tiny, "getRequestToken", callback_uri="oob"))
    right = (await tiny.order("authorize", oauth_token=token))["verifier"]
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    more = {"resource_owner_key": token, "resource_owner_secret": secret}
    assert (await step(tiny, "getAccessToken", verifier=wrong, **more)).body == b"oauth_problem=verifier_invalid"
    assert (await step(tiny, "getAccessToken", verifier=right, **more)).status == 200


async def test_a_callback_address_gets_token_and_verifier(tiny: Asker) -> None:
    token, _ = tokens(await step(tiny, "getRequestToken", callback_uri="http://127.0.0.1:9/back?a=1"))
    form = urlencode({"oauth_token": token, "Access": "Full", "allow": "1"})
    done = await tiny.send(
        "POST", f"{tiny.sim.origin}{DANCE}authorize", {"Content-Type": "application/x-www-form-urlencoded"}, form
    )
    assert done.status == 302
    assert re.fullmatch(
        rf"http://127.0.0.1:9/back\?a=1&oauth_token={token}&oauth_verifier=\d{{6}}", done.headers["Location"]
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param({"resource_owner_secret": "wrong"}, "signature_invalid", id="wrong token secret"),
        pytest.param({"resource_owner_key": "nobody"}, "token_rejected", id="unknown token"),
        pytest.param({"timestamp": "1700000000"}, "timestamp_refused", id="old timestamp"),
        pytest.param({"timestamp": "4000000000"}, "timestamp_refused", id="future timestamp"),
        pytest.param(
            {"signature_method": oauth1.SIGNATURE_PLAINTEXT}, "signature_method_rejected", id="plaintext over http"
        ),
    ],
)
async def test_a_bad_signature_is_401_with_a_reason(tiny: Asker, change: dict[str, str], problem: str) -> None:
    url = f"{tiny.sim.origin}/api/v2!authuser"
    answer = await tiny.send("GET", url, {"Authorization": tiny.authorization("GET", url, **change)})
    assert (answer.status, answer.json()) == (401, {"Code": 401, "Message": f"oauth_problem={problem}"})


async def test_an_unknown_consumer_key_is_refused(tiny: Asker) -> None:
    url = f"{tiny.sim.origin}/api/v2!authuser"
    signed = tiny.authorization("GET", url).replace(tiny.sim.consumer_key, "somebody-else")
    assert (await tiny.send("GET", url, {"Authorization": signed})).json()[
        "Message"
    ] == "oauth_problem=consumer_key_unknown"


async def test_a_revoked_token_is_refused(tiny: Asker) -> None:
    await tiny.order("revoke_token", token=tiny.token)
    answer = await tiny.get("/api/v2!authuser")
    assert (answer.status, answer.json()["Message"]) == (401, "oauth_problem=token_revoked")


async def test_a_nonce_is_good_for_one_request(tiny: Asker) -> None:
    url = f"{tiny.sim.origin}/api/v2!authuser"
    header = {"Authorization": tiny.authorization("GET", url)}
    assert (await tiny.send("GET", url, header)).status == 200
    again = await tiny.send("GET", url, header)
    assert (again.status, again.body) == (401, b'{"Code":401,"Message":"oauth_problem=nonce_used"}')


async def test_following_a_301_with_the_same_authorization_says_nonce_used(tiny: Asker) -> None:
    key = (await tiny.image("rose.jpg"))["ImageKey"]
    url = f"{tiny.sim.origin}/api/v2/image/{key}?_verbosity=1"
    header = {"Authorization": tiny.authorization("GET", url)}
    moved = await tiny.send("GET", url, header)
    assert moved.headers["Location"] == f"{tiny.sim.origin}/api/v2/image/{key}-0?_verbosity=1"
    assert (await tiny.send("GET", moved.headers["Location"], header)).json()["Message"] == "oauth_problem=nonce_used"


@pytest.mark.parametrize("where", ["query", "both"])
async def test_oauth_parameters_may_come_in_the_query_or_in_both_places(tiny: Asker, where: str) -> None:
    client = oauth1.Client(
        tiny.sim.consumer_key,
        tiny.sim.consumer_secret,
        tiny.token,
        tiny.token_secret,
        signature_type=oauth1.SIGNATURE_TYPE_QUERY,
    )
    url = client.sign(f"{tiny.sim.origin}/api/v2!authuser")[0]
    if where == "query":
        assert (await tiny.send("GET", url, {})).status == 200
        return
    url = f"{tiny.sim.origin}/api/v2!authuser?_verbosity=1&oauth_token={tiny.token}"
    signer = oauth1.Client(tiny.sim.consumer_key, tiny.sim.consumer_secret, None, tiny.token_secret)
    header = str(signer.sign(url)[1]["Authorization"])
    assert (await tiny.send("GET", url, {"Authorization": header})).status == 200


async def test_the_signature_covers_the_url_the_client_believes_in(tiny: Asker) -> None:
    public = "https://api.smugmug.com/api/v2!authuser"
    header = {
        "Authorization": tiny.authorization("GET", public),
        "Host": "api.smugmug.com",
        "X-Forwarded-Proto": "https",
    }
    answer = await tiny.send("GET", f"{tiny.sim.origin}/api/v2!authuser", header)
    assert (answer.status, answer.thing["WebUri"]) == (200, "https://api.smugmug.com")


@pytest.mark.parametrize("path", ["/api/v2!authuser", "/api/v2/!authuser", "/api/v2%21authuser", "/api/v2/!siteuser"])
async def test_the_exclamation_mark_may_be_written_in_several_ways(tiny: Asker, path: str) -> None:
    assert (await tiny.get(path)).thing["NickName"] == "tiny"


async def test_a_key_that_never_accepted_the_terms_gets_the_known_words(tiny: Asker) -> None:
    answer = await tiny.send("GET", f"{tiny.sim.origin}/api/v2/user/tiny?APIKey={KEY_WITHOUT_TERMS}", {})
    assert answer.status == 401
    assert answer.json()["Message"].startswith("API key lacks v2 access; please accept")


@pytest.mark.parametrize("query", ["", "?APIKey=unknown"])
async def test_without_a_known_key_there_is_no_answer(tiny: Asker, query: str) -> None:
    assert (await tiny.send("GET", f"{tiny.sim.origin}/api/v2/user/tiny{query}", {})).status == 401


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT"])
async def test_a_token_for_reading_changes_nothing(tiny: Asker, method: str) -> None:
    url = f"{tiny.sim.origin}/api/v2/album/{tiny.album_key('Garden')}"
    answer = await tiny.send(method, url, {"Authorization": tiny.authorization(method, url)})
    assert (answer.status, answer.json()["Code"]) == (403, 403)
    assert (await tiny.send(method, f"{url}?APIKey={tiny.sim.api_key}", {})).status == 401
