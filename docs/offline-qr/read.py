#!/usr/bin/env python3
"""A reader of offline QR written from docs/offline-qr.md alone, in Python's standard library: texts of codes in, message out.

`python3 read.py` checks it against the vectors beside it. What an answer proves is verified in `proofs.py`.
"""
import base64, hashlib, json, pathlib, struct, unicodedata, zlib

HERE = pathlib.Path(__file__).parent / "vectors"
DICTIONARY = bytes.fromhex(json.loads((HERE / "deflate.json").read_text())["dictionary"])
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def base45(text):
    out = b""
    for at in range(0, len(text), 3):
        group = text[at : at + 3]
        number = sum(BASE45.index(letter) * 45**place for place, letter in enumerate(group))
        if len(group) == 1 or number >= 256 ** (len(group) - 1):
            raise ValueError("no base45")
        out += number.to_bytes(len(group) - 1, "big")
    return out


# Dubeolsik (KS X 5002): the keys of the jamo, of initials, vowels and finals as Unicode orders them. A vowel or final of two keys is two jamo.
INITIALS = "r R s e E f a q Q t T d w W c z x v g".split()
VOWELS = "k o i O j p u P h hk ho hl y n nj np nl b m ml l".split()
FINALS = "r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g".split()
JAMO = {chr(first + at): key for first, keys in ((0x1100, INITIALS), (0x1161, VOWELS), (0x11A8, FINALS)) for at, key in enumerate(keys)}
# U+3131 to U+3163 stand for the same letters, in an order of their own.
LETTERS = "r R rt s sw sg e E f fr fa fq ft fx fv fg a q Q qt t T d w W c z x v g".split() + VOWELS
JAMO |= {chr(0x3131 + at): key for at, key in enumerate(LETTERS)}


def untype(text):
    """What was struck in Hangul mode, as the keys; a composed syllable is its jamo first."""
    return "".join(JAMO.get(letter, letter) for letter in unicodedata.normalize("NFD", text))


def code(typed):
    """The ten characters and the question's number."""
    letters = [letter for letter in untype(typed).upper() if not letter.isspace() and letter not in "-\u2010\u2011\u2013\u2014_"]
    values = [CROCKFORD.index({"O": "0", "I": "1", "L": "1"}.get(letter, letter)) for letter in letters]
    total = 0
    for value in values:
        total <<= 1
        total = (total ^ 0b100101 if total & 32 else total) ^ value
    if len(values) != 10 or total or not values[0]:
        raise ValueError("no code")
    return "".join(CROCKFORD[value] for value in values), values[0]


def refused(read, text):
    try:
        read(text)
    except ValueError:
        return
    raise AssertionError(f"{text} was read")


def cbor(data):
    def item(at):
        kind, short = data[at] >> 5, data[at] & 31
        at += 1
        if kind == 7:
            return {20: False, 21: True, 22: None}[short], at
        width = {24: 1, 25: 2, 26: 4, 27: 8}.get(short, 0)
        number = int.from_bytes(data[at : at + width], "big") if width else short
        at += width
        if kind < 2:
            return (number if kind == 0 else -1 - number), at
        if kind < 4:
            raw = data[at : at + number]
            return (raw if kind == 2 else raw.decode()), at + number
        if kind == 6:
            value, at = item(at)
            return (number, value), at
        values = []
        for _ in range(number * (kind - 3)):
            value, at = item(at)
            values.append(value)
        return (values if kind == 4 else dict(zip(values[::2], values[1::2]))), at

    value, end = item(0)
    assert end == len(data)
    return value


def inflate(data):
    stream = zlib.decompressobj(-15, zdict=DICTIONARY)
    out = stream.decompress(data, 65536)
    assert stream.eof and not stream.unused_data
    return out


def unpack(packed):
    def raw(value):
        return "".join(map(one, value)).encode() if isinstance(value, list) else value

    def one(value):
        if isinstance(value, str):
            return value
        if isinstance(value, tuple):
            assert value[0] == 22
            return base64.b64encode(raw(value[1])).decode()
        return base64.urlsafe_b64encode(raw(value)).decode().rstrip("=")

    return "".join(map(one, packed)) if isinstance(packed, list) else one(packed)


def answer(data):
    issued_at, question, nonce, queries = cbor(inflate(data))
    return issued_at, question, nonce, {name: list(map(unpack, all_)) for name, all_ in queries.items()}


def message(data):
    version, mode, body = cbor(data)
    assert version == 1
    return mode, body


def rotate(word, by):
    return (word << by | word >> (64 - by)) & (2**64 - 1)


def xoshiro(seed):
    a, b, c, d = struct.unpack(">4Q", hashlib.sha256(seed).digest())
    while True:
        number = rotate(b * 5 & (2**64 - 1), 7) * 9 & (2**64 - 1)
        yield number / 2.0**64
        t = b << 17 & (2**64 - 1)
        c, d = c ^ a, d ^ b
        a, b, c, d = a ^ d, b ^ c, c ^ t, rotate(d, 45)


def alias(weights):
    weights = [weight * (len(weights) / sum(weights)) for weight in weights]
    own, other = [1.0] * len(weights), [0] * len(weights)
    small = [i for i in reversed(range(len(weights))) if weights[i] < 1]
    large = [i for i in reversed(range(len(weights))) if weights[i] >= 1]
    while small and large:
        less, more = small.pop(), large.pop()
        own[less], other[less] = weights[less], more
        weights[more] += weights[less] - 1
        (small if weights[more] < 1 else large).append(more)
    return own, other


def pieces_of(sequence, count, checksum):
    if sequence < count:
        return {sequence}
    random = xoshiro(struct.pack(">II", sequence + 1, checksum))
    own, other = alias([1 / degree for degree in range(1, count + 1)])
    hit = int(next(random) * count)
    degree = (hit if next(random) < own[hit] else other[hit]) + 1
    left, chosen = list(range(count)), []
    while left:
        chosen.append(left.pop(int(next(random) * len(left))))
    return set(chosen[:degree])


def collect(texts):
    rows = {}
    for text in texts:
        data = base45(untype(text).upper().removeprefix("OQ1:"))
        assert zlib.crc32(data[:-4]) == int.from_bytes(data[-4:], "big")
        _, _, length, count, sequence, checksum = struct.unpack(">BIHBHI", data[:14])
        chosen, mixed = pieces_of(sequence, count, checksum), int.from_bytes(data[14:-4], "big")
        while chosen and min(chosen) in rows:
            known, value = rows[min(chosen)]
            chosen, mixed = chosen ^ known, mixed ^ value
        if chosen:
            rows[min(chosen)] = chosen, mixed
        if len(rows) < count:
            continue
        size, solved = -(-length // count), {}
        for piece in reversed(range(count)):
            chosen, mixed = rows[piece]
            for one in chosen - {piece}:
                mixed ^= solved[one]
            solved[piece] = mixed
        whole = b"".join(solved[piece].to_bytes(size, "big") for piece in range(count))[:length]
        assert zlib.crc32(whole) == checksum
        return whole


def check():
    frames = json.loads((HERE / "frames.json").read_text())
    texts = [one["text"] for one in frames["frames"]]
    for order in (texts, texts[::-1]):
        assert collect(order).hex() == frames["message"]
    typed = [text.lower() for text in texts]
    assert collect(typed).hex() == frames["message"]
    known = json.loads((HERE / "base45.json").read_text())
    for pair in known["pairs"]:
        assert base45(pair["text"]).hex() == pair["bytes"]
    for text in known["refused"]:
        refused(base45, text)
    known = json.loads((HERE / "code.json").read_text())
    for one in known["codes"]:
        assert code(one["shown"]) == code(one["nonce"].lower()) == (one["nonce"], one["question"])
        refused(code, one["mistyped"])
        for mark in " \t\u3000-\u2010\u2011\u2013\u2014_":
            assert code(mark + one["shown"].replace("-", mark)) == (one["nonce"], one["question"])
        for mark in ".\u00b7\u2212":
            refused(code, one["shown"].replace("-", mark))
    for one in known["typed"]:
        assert untype(one["text"]) == one["keys"]
    for pair in json.loads((HERE / "pack.json").read_text())["pairs"]:
        assert unpack(cbor(bytes.fromhex(pair["packed"]))) == pair["text"]
    for pair in json.loads((HERE / "deflate.json").read_text())["pairs"]:
        assert inflate(bytes.fromhex(pair["deflated"])).hex() == pair["bytes"]
    messages = json.loads((HERE / "messages.json").read_text())
    mode, body = message(bytes.fromhex(messages["request"]["message"]))
    assert (mode, unpack(cbor(inflate(body)))) == (0, messages["request"]["request_object"])
    mode, body = message(bytes.fromhex(messages["sealed"]["message"]))
    assert (mode, unpack(cbor(inflate(body)))) == (0, messages["sealed"]["jwe"])
    issued_at, asked, nonce, vp_token = answer(bytes.fromhex(messages["sealed"]["plaintext"]))
    assert (issued_at, vp_token) == (messages["sealed"]["issued_at"], messages["sealed"]["vp_token"])
    assert asked is None and nonce is None
    for name, number, question in (("code", 1, 7), ("one-way", 2, 9)):
        known = messages[name]["answer"]
        mode, body = message(bytes.fromhex(known["message"]))
        issued_at, asked, nonce, vp_token = answer(body)
        assert (mode, issued_at, asked, vp_token) == (number, known["issued_at"], question, known["vp_token"])
        drawn = nonce and base64.urlsafe_b64encode(nonce).decode().rstrip("=")
        assert drawn == messages[name].get("nonce") and (nonce is None) == (name == "code")
    print("every vector is read")


if __name__ == "__main__":
    check()
