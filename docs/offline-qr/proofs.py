#!/usr/bin/env python3
"""What an answer of offline QR proves, from docs/offline-qr.md and the texts it names, in Python's standard library: opens the encrypted
answer and verifies the holder's and the issuer's signatures, audience, nonce and moment, for SD-JWT VC and mdoc.

`python3 proofs.py` does so for the vectors beside it. Certificate chains, status and trust lists are left to those who have a library for
them: the key in the issuer's certificate is believed. Written to be read, not to be fast or to resist side channels.
"""
import base64, hashlib, json, struct

from read import HERE, answer, cbor, inflate, message, unpack

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


class Refused(Exception):
    pass


def need(holds, why):
    if not holds:
        raise Refused(why)


def raw(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def sha256(data):
    return hashlib.sha256(data).digest()


# P-256 (FIPS 186-5), points as pairs, None for infinity


def add(p, q):
    if p is None or q is None:
        return p or q
    if p[0] == q[0]:
        if (p[1] + q[1]) % P == 0:
            return None
        slope = (3 * p[0] * p[0] - 3) * pow(2 * p[1], -1, P) % P
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P) % P
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def times(k, p):
    product = None
    for bit in bin(k)[2:]:
        product = add(product, product)
        if bit == "1":
            product = add(product, p)
    return product


def point(x, y):
    x, y = int.from_bytes(x, "big"), int.from_bytes(y, "big")
    need(x < P and y < P and (y * y - x * x * x + 3 * x - B) % P == 0, "a point off the curve")
    return x, y


def es256(key, signed, signature):
    need(len(signature) == 64, "a signature of another length")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    need(0 < r < N and 0 < s < N, "a signature out of range")
    w = pow(s, -1, N)
    e = int.from_bytes(sha256(signed), "big")
    found = add(times(e * w % N, G), times(r * w % N, key))
    need(found is not None and found[0] % N == r, "a signature that does not hold")


# AES-GCM (FIPS 197, SP 800-38D)


def sbox():
    box, p, q = [0x63] * 256, 1, 1
    while True:
        p ^= (p << 1 & 255) ^ (0x1B if p & 128 else 0)
        q ^= q << 1
        q ^= q << 2
        q = (q ^ q << 4) & 255
        q ^= 9 if q & 128 else 0
        turned = q * 0x101
        box[p] = (turned ^ turned >> 7 ^ turned >> 6 ^ turned >> 5 ^ turned >> 4) & 255 ^ 0x63
        if p == 1:
            return box


SBOX = sbox()


def double(byte):
    return byte << 1 & 255 ^ (0x1B if byte & 128 else 0)


def schedule(key):
    words, size, constant = [list(key[at : at + 4]) for at in range(0, len(key), 4)], len(key) // 4, 1
    while len(words) < 4 * (size + 7):
        word = words[-1]
        if len(words) % size == 0:
            word = [SBOX[byte] for byte in word[1:] + word[:1]]
            word[0] ^= constant
            constant = double(constant)
        elif size > 6 and len(words) % size == 4:
            word = [SBOX[byte] for byte in word]
        words.append([left ^ right for left, right in zip(word, words[-size])])
    return [sum(words[at : at + 4], []) for at in range(0, len(words), 4)]


def aes(keys, block):
    state = [byte ^ key for byte, key in zip(block, keys[0])]
    for number, key in enumerate(keys[1:], 1):
        state = [SBOX[state[(at + 4 * (at % 4)) % 16]] for at in range(16)]
        if number < len(keys) - 1:
            mixed = []
            for at in range(0, 16, 4):
                a = state[at : at + 4]
                every = a[0] ^ a[1] ^ a[2] ^ a[3]
                mixed += [a[i] ^ every ^ double(a[i] ^ a[(i + 1) % 4]) for i in range(4)]
            state = mixed
        state = [byte ^ one for byte, one in zip(state, key)]
    return bytes(state)


def open_gcm(key, iv, ciphertext, tag, associated):
    keys = schedule(key)
    h = int.from_bytes(aes(keys, bytes(16)), "big")

    def hashed(data):
        value = 0
        for at in range(0, len(data), 16):
            x, v, product = value ^ int.from_bytes(data[at : at + 16], "big"), h, 0
            for bit in range(127, -1, -1):
                if x >> bit & 1:
                    product ^= v
                v = v >> 1 ^ (0xE1 << 120 if v & 1 else 0)
            value = product
        return value.to_bytes(16, "big")

    def filled(data):
        return data + bytes(-len(data) % 16)

    lengths = struct.pack(">QQ", 8 * len(associated), 8 * len(ciphertext))
    expected = hashed(filled(associated) + filled(ciphertext) + lengths)
    mask = aes(keys, iv + struct.pack(">I", 1))
    need(bytes(a ^ b for a, b in zip(expected, mask)) == tag, "a ciphertext for another key, or damaged")
    plain = b""
    for number in range(0, len(ciphertext), 16):
        stream = aes(keys, iv + struct.pack(">I", 2 + number // 16))
        plain += bytes(a ^ b for a, b in zip(ciphertext[number : number + 16], stream))
    return plain


# Section 5: the encrypted answer (RFC 7516, RFC 7518 section 4.6)


def decrypt(jwe, private):
    protected, key, iv, ciphertext, tag = jwe.split(".")
    header = json.loads(raw(protected))
    need(header["alg"] == "ECDH-ES" and key == "", "another key agreement")
    size = {"A128GCM": 16, "A256GCM": 32}[header["enc"]]
    shared = times(private, point(raw(header["epk"]["x"]), raw(header["epk"]["y"])))[0].to_bytes(32, "big")

    def field(data):
        return struct.pack(">I", len(data)) + data

    parties = [raw(header.get(name, "")) for name in ("apu", "apv")]
    info = field(header["enc"].encode()) + b"".join(map(field, parties)) + struct.pack(">I", 8 * size)
    derived = sha256(struct.pack(">I", 1) + shared + info)[:size]
    return open_gcm(derived, raw(iv), raw(ciphertext), raw(tag), protected.encode())


def thumbprint(jwk):
    return sha256(json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":")).encode())


# JWS, and the key of a certificate: the bytes that say "a point of P-256 follows"


def key_of(certificate):
    _, found, rest = certificate.partition(bytes.fromhex("06082a8648ce3d03010703420004"))
    need(found, "a certificate without a key of P-256")
    return point(rest[:32], rest[32:64])


def jws(compact, typ, key=None):
    head, payload, signature = compact.split(".")
    header = json.loads(raw(head))
    need(header["alg"] == "ES256" and header["typ"] == typ, "another type or algorithm")
    leaf = base64.b64decode(header["x5c"][0]) if key is None else None
    es256(key or key_of(leaf), f"{head}.{payload}".encode(), raw(signature))
    return json.loads(raw(payload)), leaf


def jwk_point(jwk):
    return point(raw(jwk["x"]), raw(jwk["y"]))


# Section 1: what a proof is bound to


def sd_jwt(presentation, audience, nonce, issued_at):
    whole, proof = presentation.rsplit("~", 1)
    credential, *disclosures = whole.split("~")
    claims, _ = jws(credential, "dc+sd-jwt")
    proven, _ = jws(proof, "kb+jwt", jwk_point(claims["cnf"]["jwk"]))
    need(proven["aud"] == audience, "another audience")
    need(proven["nonce"] == nonce, "another nonce")
    need(proven["iat"] == issued_at, "another moment")
    need(proven["sd_hash"] == b64(sha256(f"{whole}~".encode())), "a proof for another presentation")
    told = {}
    for disclosure in disclosures:
        need(b64(sha256(disclosure.encode())) in claims["_sd"], "a disclosure of another credential")
        _, name, value = json.loads(raw(disclosure))
        told[name] = value
    return told


def encode(value):
    def head(kind, number):
        for short, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
            if number < 24:
                return bytes([kind << 5 | number])
            if number < 256**width:
                return bytes([kind << 5 | short]) + number.to_bytes(width, "big")

    if value is None:
        return b"\xf6"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, tuple):
        return head(6, value[0]) + encode(value[1])
    return head(4, len(value)) + b"".join(map(encode, value))


def transcript(audience, nonce, issued_at, print_of_key):
    info = encode([audience, nonce, issued_at, print_of_key])
    return [None, None, ["OfflineQRHandover", sha256(info)]]


def mdoc(presentation, audience, nonce, issued_at, print_of_key):
    told = {}
    for document in cbor(raw(presentation))["documents"]:
        signed = document["issuerSigned"]
        protected, unprotected, payload, signature = signed["issuerAuth"]
        leaf = unprotected[33][0] if isinstance(unprotected[33], list) else unprotected[33]
        es256(key_of(leaf), encode(["Signature1", protected, b"", payload]), signature)
        mso = cbor(cbor(payload)[1])
        need(mso["docType"] == document["docType"], "another document")
        for name_space, items in signed["nameSpaces"].items():
            for item in items:
                known = cbor(item[1])
                digest = mso["valueDigests"][name_space][known["digestID"]]
                need(digest == sha256(encode(item)), "an element of another document")
                told[known["elementIdentifier"]] = known["elementValue"]
        device = document["deviceSigned"]
        key = mso["deviceKeyInfo"]["deviceKey"]
        protected, _, payload, signature = device["deviceAuth"]["deviceSignature"]
        need(payload is None, "a signature over something else")
        bound = transcript(audience, nonce, issued_at, print_of_key)
        authenticated = encode((24, encode(["DeviceAuthentication", bound, document["docType"], device["nameSpaces"]])))
        es256(point(key[-2], key[-3]), encode(["Signature1", protected, b"", authenticated]), signature)
    return told


def proofs(vp_token, *binding):
    """What each presentation tells. An mdoc is base64url of CBOR, an SD-JWT has tildes."""
    told = {}
    for query, presentations in vp_token.items():
        for one in presentations:
            told[query] = sd_jwt(one, *binding[:3]) if "~" in one else mdoc(one, *binding)
    return told


def fresh(issued_at, now):
    need(issued_at - 5 <= now <= issued_at + 60, "too old, or of a clock ahead")


def refused(check, *given):
    try:
        check(*given)
    except Refused:
        return
    raise AssertionError(f"{check.__name__} took what it should refuse")


def check():
    vectors = json.loads((HERE / "messages.json").read_text())
    for name, number in (("code", 1), ("one-way", 2)):
        known = vectors[name]
        mode, body = message(bytes.fromhex(known["answer"]["message"]))
        issued_at, question, nonce, vp_token = answer(body)
        nonce = known["code"] if nonce is None else b64(nonce)
        audience = f"offline-qr:v1:{name}:{question}"
        assert (mode, audience) == (number, known["audience"])
        assert proofs(vp_token, audience, nonce, issued_at, None) == known["told"]
        for other in (
            (f"offline-qr:v1:{name}:{question + 1}", nonce, issued_at, None),
            (audience, nonce[::-1], issued_at, None),
            (audience, nonce, issued_at + 1, None),
        ):
            refused(proofs, vp_token, *other)
    # The request: who asks, what its nonce is, and the key that is encrypted to.
    _, body = message(bytes.fromhex(vectors["request"]["message"]))
    asked, leaf = jws(unpack(cbor(inflate(body))), "oauth-authz-req+jwt")
    assert asked["client_id"] == "x509_hash:" + b64(sha256(leaf)) and asked["response_mode"] == "offline_qr"
    (key,) = asked["client_metadata"]["jwks"]["keys"]
    # Its answer: only the private key opens it.
    sealed = vectors["sealed"]
    private = int.from_bytes(bytes.fromhex(sealed["recipient_private_key"]), "big")
    assert times(private, G) == jwk_point(key)
    _, body = message(bytes.fromhex(sealed["message"]))
    jwe = unpack(cbor(inflate(body)))
    plaintext = decrypt(jwe, private)
    assert plaintext.hex() == sealed["plaintext"]
    refused(decrypt, jwe, private + 1)
    issued_at, question, nonce, vp_token = answer(plaintext)
    assert (issued_at, question, nonce, vp_token) == (sealed["issued_at"], None, None, sealed["vp_token"])
    binding = (asked["client_id"], asked["nonce"], issued_at, thumbprint(key))
    assert proofs(vp_token, *binding) == sealed["told"]
    refused(proofs, vp_token, *binding[:3], None)
    fresh(issued_at, issued_at + 60)
    fresh(issued_at, issued_at - 5)
    refused(fresh, issued_at, issued_at + 61)
    refused(fresh, issued_at, issued_at - 6)
    print("every proof holds")


if __name__ == "__main__":
    check()
