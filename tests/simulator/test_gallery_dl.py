"""A client we did not write: gallery-dl, unmodified, downloads a whole world through a proxy that plays smugmug.com."""

import asyncio
import datetime as dt
import hashlib
import ipaddress
import os
import ssl
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from smugmug_simulator import Fault, Simulator, World, worlds


def certificate(folder: Path) -> Path:
    """A certificate for all of smugmug.com that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Simulated SmugMug")])
    now = dt.datetime.now(dt.UTC)
    hosts: list[x509.GeneralName] = [x509.DNSName("smugmug.com"), x509.DNSName("*.smugmug.com")]
    hosts.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    usage = x509.KeyUsage(True, False, False, False, False, True, False, False, False)
    made = (
        x509.CertificateBuilder(
            issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=x509.random_serial_number()
        )
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "smugmug.pem"
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return file


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


class Proxy:
    """Answers CONNECT to any host with a connection to one server, and writes down which hosts were asked for."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.hosts: set[str] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        self.hosts.add(request.split()[1].decode())
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))


async def gallery_dl(sim: Simulator, folder: Path, *options: str) -> tuple[set[str], dict[str, str]]:
    """Run it; the hosts it asked for and the MD5 of each file by image key."""
    pem = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    secure = await sim.listen(tls=context)
    proxy = Proxy(int(secure.rpartition(":")[2]))
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    environment |= {
        "HTTPS_PROXY": address,
        "REQUESTS_CA_BUNDLE": str(pem),
        "SSL_CERT_FILE": str(pem),
        "HOME": str(folder),
    }
    arguments = ["--config-ignore", "-D", str(folder / "got"), "-f", "{Image[ImageKey]}.{extension}", *options]
    arguments += [f"https://{sim.world.user.nick}.smugmug.com/"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gallery_dl",
        *arguments,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    server.close()
    assert process.returncode == 0, output.decode()
    return proxy.hosts, {path.stem: hashlib.md5(path.read_bytes()).hexdigest() for path in (folder / "got").iterdir()}


def truth(world: World) -> dict[str, str]:
    return {asset.image_key: asset.md5 for asset in world.assets()}


def credentials(sim: Simulator, *, signed: bool) -> list[str]:
    given = {"api-key": sim.api_key, "api-secret": sim.consumer_secret if signed else "unused"}
    given |= {"access-token": sim.token, "access-token-secret": sim.token_secret} if signed else {}
    return [part for name, value in given.items() for part in ("-o", f"extractor.smugmug.{name}={value}")]


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "with an API key"])
async def test_gallery_dl_downloads_a_whole_account_byte_for_byte(tmp_path: Path, signed: bool) -> None:
    async with Simulator(worlds.tiny()) as sim:
        hosts, got = await gallery_dl(sim, tmp_path, *credentials(sim, signed=signed))
        assert got == truth(sim.world)
        assert hosts == {"api.smugmug.com:443"}
        assert {seen.status for seen in sim.requests} == {200}
        assert {seen.signed for seen in sim.requests if seen.kind == "api"} == {signed}


async def test_gallery_dl_pages_through_long_albums_and_resumes_cut_bodies(tmp_path: Path) -> None:
    async with Simulator(worlds.flat(1, 104, 3000)) as sim:
        sim.faults.add(Fault(action="short", kind="media", amount=1000, times=2))
        options = [*credentials(sim, signed=True), "-o", "downloader.retries=5", "-o", "extractor.sleep-request=0"]
        _, got = await gallery_dl(sim, tmp_path, *options)
        assert got == truth(sim.world)
        assert 206 in {seen.status for seen in sim.requests}
