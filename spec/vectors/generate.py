"""Makes the vectors beside it. Written from spec/leaf.md, RFC 6962 and the C2SP specifications, sharing no code with
the packages: Python's standard library, and `cryptography` for Ed25519. Run it as `python3 spec/vectors/generate.py`."""

import base64
import hashlib
import hmac
import json
import pathlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

here = pathlib.Path(__file__).parent


def sha(data):
    return hashlib.sha256(data).digest()


def b64(data):
    return base64.b64encode(data).decode()


# RFC 6962, section 2.1, word for word.


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(d):
    if not d:
        return sha(b"")
    if len(d) == 1:
        return sha(b"\x00" + d[0])
    k = split(len(d))
    return sha(b"\x01" + mth(d[:k]) + mth(d[k:]))


def path(m, d):
    if len(d) == 1:
        return []
    k = split(len(d))
    if m < k:
        return path(m, d[:k]) + [mth(d[k:])]
    return path(m - k, d[k:]) + [mth(d[:k])]


def subproof(m, d, whole):
    if m == len(d):
        return [] if whole else [mth(d)]
    k = split(len(d))
    if m <= k:
        return subproof(m, d[:k], whole) + [mth(d[k:])]
    return subproof(m - k, d[k:], False) + [mth(d[:k])]


def entries(n):
    return [f"entry {i}".encode() for i in range(n)]


def tree_vectors():
    sizes = list(range(0, 34)) + [255, 256, 257, 511, 512, 600]
    inclusion, consistency = [], []
    for size in [1, 2, 3, 5, 8, 13, 31, 32, 33, 257, 600]:
        d = entries(size)
        for index in sorted({0, 1, size // 2, size - 2, size - 1} & set(range(size))):
            inclusion.append({"index": index, "size": size, "proof": [h.hex() for h in path(index, d)]})
        for first in sorted({1, 2, 3, size // 2, size - 1, size} & set(range(1, size + 1))):
            proof = subproof(first, d, True)
            consistency.append({"first": first, "second": size, "proof": [h.hex() for h in proof]})
    d = entries(600)
    tiles = []
    for level, index, width in [(0, 0, 256), (0, 1, 256), (0, 2, 88), (1, 0, 2)]:
        span = 256**level
        start = index * 256 * span
        hashes = [mth(d[start + i * span : start + (i + 1) * span]) for i in range(width)]
        tiles.append({"level": level, "index": index, "width": width, "sha256": sha(b"".join(hashes)).hex()})
    bundle = b"".join(len(e).to_bytes(2, "big") + e for e in d[512:])
    return {
        "about": 'Leaf i is the text "entry i". Roots, proofs and tiles by RFC 6962 and C2SP tlog-tiles.',
        "roots": [{"size": n, "root": mth(entries(n)).hex()} for n in sizes],
        "inclusion": inclusion,
        "consistency": consistency,
        "tiles": {"size": 600, "tiles": tiles, "bundle": {"index": 2, "width": 88, "sha256": sha(bundle).hex()}},
    }


def jcs(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def key(salt, label):
    return hmac.new(bytes.fromhex(salt.replace("-", "")), label, hashlib.sha256).digest()[:16]


envelope_keys = """id timestamp event_type entity_type status severity service_name execution_id execution_seq
workflow_name workflow_version step_name step_id operation_type duration_ms retry_count parent_event_id schema_version
recorder_id recorder_seq""".split()
body_keys = """correlation_id tenant trace_id span_id actor_type actor_id resource_type resource_id action reason message
details""".split()


def record(envelope, body):
    return (
        {**dict.fromkeys(envelope_keys), "severity": "info", "schema_version": 1, **envelope},
        {**dict.fromkeys(body_keys), "tenant": "default", **body},
    )


def leaf_vectors():
    first = record(
        {
            "id": "019a4f0c-5c7b-7000-8000-000000000001",
            "timestamp": "2025-11-04T17:03:12.123Z",
            "event_type": "STEP_SUCCESS",
            "entity_type": "STEP",
            "status": "SUCCESS",
            "service_name": "identity-service",
            "execution_id": "019a4f0c-5c7b-7000-8000-0000000000aa",
            "execution_seq": 3,
            "workflow_name": "tenant-provisioning",
            "workflow_version": "1.0.0",
            "step_name": "createClient",
            "step_id": "019a4f0c-5c7b-7000-8000-0000000000bb",
            "operation_type": "DO",
            "duration_ms": 245,
            "retry_count": 0,
            "parent_event_id": "019a4f0c-5c7b-7000-8000-000000000000",
        },
        {
            "correlation_id": "rr-2026-001",
            "actor_type": "worker",
            "actor_id": "019a4f0c-5c7b-7000-8000-0000000000cc",
            "message": "Step completed successfully",
            "details": {"worker": "identity-service", "retryCount": 0, "Übergröße": ["\u20ac", "\n\u007f\u0001", None, True]},
        },
    )
    second = record(
        {
            "id": "019a4f0c-5c7c-7000-8000-000000000002",
            "timestamp": "2025-11-04T17:03:12.124Z",
            "event_type": "OPERATION",
            "entity_type": "OPERATION",
            "schema_version": 0,
            "duration_ms": "9223372036854775807",
        },
        {"action": "config_update", "details": '{"n": 12345678901234567890}'},
    )
    vectors = []
    for (envelope, body), salt in zip([first, second], ["00112233-4455-6677-8899-aabbccddeeff", "ffffffff-ffff-4fff-bfff-ffffffffffff"]):
        keys = key(salt, b"envelope"), key(salt, b"body")
        commitments = sha(keys[0] + jcs(envelope)).hex(), sha(keys[1] + jcs(body)).hex()
        entry = jcs({"v": 1, "envelope": commitments[0], "body": commitments[1]})
        hexed = keys[0].hex()
        vectors.append(
            {
                "salt": salt,
                "envelope": envelope,
                "body": body,
                "canonicalEnvelope": jcs(envelope).decode(),
                "canonicalBody": jcs(body).decode(),
                "envelopeKey": "-".join([hexed[:8], hexed[8:12], hexed[12:16], hexed[16:20], hexed[20:]]),
                "envelopeCommitment": commitments[0],
                "bodyCommitment": commitments[1],
                "entry": entry.decode(),
                "leafHash": sha(b"\x00" + entry).hex(),
            }
        )
    return {"about": "Events, and what the log commits to of them, by spec/leaf.md.", "leaves": vectors}


def key_id(name, kind, public):
    return sha(name.encode() + b"\n" + bytes([kind]) + public)[:4]


def note_vectors():
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = private.public_key().public_bytes_raw()
    origin = "log.example/steptrail"
    text = f"{origin}\n600\n{b64(mth(entries(600)))}\n"
    time = 1762275792
    plain = private.sign(text.encode())
    cosigned = private.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
    lines = [
        f"\u2014 {origin} {b64(key_id(origin, 1, public) + plain)}\n",
        f"\u2014 {origin} {b64(key_id(origin, 4, public) + time.to_bytes(8, 'big') + cosigned)}\n",
    ]
    checkpoint = text + "\n" + "".join(lines)
    hashes = "".join(b64(h) + "\n" for h in path(300, entries(600)))
    return {
        "about": "A checkpoint of the 600 leaves of tree.json, signed with the key whose seed is 00 01 02 … 1f, and a proof for leaf 300.",
        "seed": bytes(range(32)).hex(),
        "vkey": f"{origin}+{key_id(origin, 1, public).hex()}+{b64(bytes([1]) + public)}",
        "cosignatureVkey": f"{origin}+{key_id(origin, 4, public).hex()}+{b64(bytes([4]) + public)}",
        "time": time,
        "checkpoint": checkpoint,
        "proof": f"c2sp.org/tlog-proof@v1\nindex 300\n{hashes}\n{checkpoint}",
    }


for name, vectors in [("tree", tree_vectors()), ("leaf", leaf_vectors()), ("note", note_vectors())]:
    text = json.dumps(vectors, indent=1, ensure_ascii=False) + "\n"
    (here / f"{name}.json").write_text(text, encoding="utf-8")
