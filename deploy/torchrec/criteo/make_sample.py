#!/usr/bin/env python3
"""Writes features.json and the parity samples of this directory, without any library.

The columns are those that TorchRec's Criteo reader (torchrec/datasets/criteo.py,
BinaryCriteoUtils.tsv_to_npys, then InMemoryBinaryCriteoIterDataPipe with `hashes`) makes of a
line of Criteo's TSV files:

    dense    missing -> 0, then log(x + 3)
    sparse   missing -> 0, read as hexadecimal into an int32, then the floor modulus

The model is a small SimpleDeepFMNN of random weights: it stands for yours, so that
`flink-deepfm verify deploy/torchrec/criteo` has something to score. Values are computed in double.

    python3 make_sample.py [DIR]      default: the directory of this file
"""
import json
import math
import pathlib
import random
import struct
import sys

DENSE, SPARSE = 13, 26
ROWS, D, H, DI = 100, 2, 4, 3  # num_embeddings, embedding, hidden and deep sizes
BAGS = "sparse_arch.embedding_bag_collection.embedding_bags."


def dense_column(field):
    return f32(math.log(int(field or "0") + 3))


def sparse_column(field, rows=ROWS):
    bits = int(field or "0", 16) & 0xFFFFFFFF
    as_int32 = bits - (1 << 32) if bits >= 1 << 31 else bits
    return as_int32 % rows  # Python's % is the floor modulus, as NumPy's


def lines(rng):
    """Lines of a TSV file: 13 integers and 26 hexadecimal strings, either may be missing."""
    edges = ["-2", "-1", "0", "3", "1", "", "2147483644", "98765"]
    tsv = []
    for i in range(12):
        dense = [str(rng.randrange(0, 1 << rng.randrange(1, 18))) for _ in range(DENSE)]
        sparse = [f"{rng.getrandbits(32):08x}" for _ in range(SPARSE)]
        for j in range(DENSE):
            dense[j] = rng.choice(edges) if rng.random() < 0.3 else dense[j]
        for j in range(SPARSE):
            sparse[j] = "" if rng.random() < 0.2 else sparse[j]
        if i == 0:
            sparse[:4] = ["80e26c9b", "ffffffff", "80000000", "7fffffff"]
        if i == 1:
            dense, sparse = [""] * DENSE, [""] * SPARSE
        tsv.append((i % 2, dense, sparse))
    return tsv


def event(number, label, dense, sparse):
    """The line as an event. A missing field is absent, null or empty: all the same."""
    fields = {}
    for j, field in enumerate(sparse):
        missing = [None, "", [], [""]][(number + j) % 4]
        if field or (number + j) % 5:
            value = field if j % 2 else [field]
            fields[f"C{j + 1}"] = value if field else missing
    numbers = {f"I{j + 1}": int(f) if f else None for j, f in enumerate(dense) if f or j % 2}
    return {"event_id": f"criteo-{number}", "label": label, "dense": numbers, "sparse": fields}


def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def random_weights(rng):
    shapes = {BAGS + f"t_C{j + 1}.weight": [ROWS, D] for j in range(SPARSE)}
    shapes |= {
        "dense_arch.model.0.weight": [H, DENSE], "dense_arch.model.0.bias": [H],
        "dense_arch.model.2.weight": [D, H], "dense_arch.model.2.bias": [D],
        "inter_arch.deep_fm.dense_module.0.weight": [DI, D * (SPARSE + 1)],
        "inter_arch.deep_fm.dense_module.0.bias": [DI],
        "over_arch.model.0.weight": [1, D + DI + 1], "over_arch.model.0.bias": [1],
    }  # fmt: skip
    return {
        name: (shape, [f32(rng.gauss(0, 0.3)) for _ in range(math.prod(shape))])
        for name, shape in shapes.items()
    }


def linear(weights, name, x):
    (out, n), w = weights[name + ".weight"]
    bias = weights[name + ".bias"][1]
    return [bias[o] + sum(w[o * n + i] * x[i] for i in range(n)) for o in range(out)]


def relu(x):
    return [max(v, 0.0) for v in x]


def logit(weights, dense, ids):
    """SimpleDeepFMNN up to its sigmoid."""
    x = relu(linear(weights, "dense_arch.model.0", dense))
    x = relu(linear(weights, "dense_arch.model.2", x))
    everything = list(x)
    for j, i in enumerate(ids):
        everything += weights[BAGS + f"t_C{j + 1}.weight"][1][i * D : i * D + D]
    deep = relu(linear(weights, "inter_arch.deep_fm.dense_module.0", everything))
    fm = 0.5 * (sum(everything) ** 2 - sum(v * v for v in everything))
    return linear(weights, "over_arch.model.0", x + deep + [fm])[0]


def write_safetensors(path, tensors):
    """tensors: {name: (dtype, shape, struct code, values)}"""
    header, body = {}, b""
    for name, (dtype, shape, code, values) in tensors.items():
        data = struct.pack(f"<{len(values)}{code}", *values)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def compact(value):
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def features():
    """features.json, one feature a line."""
    dense = [
        {"name": f"I{j + 1}", "default": 0,
         "transforms": [{"standardize": {"mean": -2, "std": 1}}, "log1p"]}
        for j in range(DENSE)
    ]  # fmt: skip
    sparse = [
        {"name": f"C{j + 1}", "encoding": "hex", "width": 32, "default": "0"} for j in range(SPARSE)
    ]
    joined = [",\n  ".join(map(compact, part)) for part in (dense, sparse)]
    return '{"dense":[\n  %s],\n "sparse":[\n  %s]}\n' % tuple(joined)


def model():
    tables = [
        {"name": f"t_C{j + 1}", "num_embeddings": ROWS, "embedding_dim": D,
         "feature_names": [f"C{j + 1}"], "pooling": "SUM", "data_type": "FP32"}
        for j in range(SPARSE)
    ]  # fmt: skip
    head = {"num_dense_features": DENSE, "hidden_layer_size": H, "deep_fm_dimension": DI}
    text = compact(head | {"is_weighted": False, "tables": []})
    return text.replace("[]", "[\n  " + ",\n  ".join(map(compact, tables)) + "]") + "\n"


def main(directory):
    rng = random.Random(20)
    weights = random_weights(rng)
    tsv = lines(rng)
    dense = [[dense_column(f) for f in d] for _, d, _ in tsv]
    ids = [[sparse_column(f) for f in s] for _, _, s in tsv]
    logits = [logit(weights, d, i) for d, i in zip(dense, ids)]
    scores = [1 / (1 + math.exp(-x)) for x in logits]
    events = [event(n, *line) for n, line in enumerate(tsv)]
    b = len(tsv)

    (directory / "features.json").write_text(features())
    (directory / "model.json").write_text(model())
    write_safetensors(
        directory / "model.safetensors",
        {name: ("F32", shape, "f", values) for name, (shape, values) in weights.items()},
    )
    keys = [f"C{j + 1}" for j in range(SPARSE)]
    (directory / "input.json").write_text(compact({"keys": keys, "batch_size": b}) + "\n")
    by_key = [row[j] for j in range(SPARSE) for row in ids]
    write_safetensors(
        directory / "input.safetensors",
        {
            "dense_features": ("F32", [b, DENSE], "f", sum(dense, [])),
            "values": ("I64", [len(by_key)], "q", by_key),
            "lengths": ("I32", [len(by_key)], "i", [1] * len(by_key)),
        },
    )
    write_safetensors(
        directory / "expected.safetensors",
        {"scores": ("F32", [b, 1], "f", scores), "logits": ("F32", [b, 1], "f", logits)},
    )
    (directory / "sample.jsonl").write_text("".join(compact(e) + "\n" for e in events))
    rows = zip(events, logits, scores)
    (directory / "sample_scores.jsonl").write_text(
        "".join(compact({"event_id": e["event_id"], "logit": x, "score": s}) + "\n" for e, x, s in rows)
    )


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
