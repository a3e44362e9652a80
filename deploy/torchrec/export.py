#!/usr/bin/env python3
"""Exports a TorchRec SimpleDeepFMNN as a model directory that flink-deepfm reads.

From a training script (all ranks call it; rank 0 writes):

    from export import export_model
    export_model(model, "models/000042", dense, kjt,
                 features="features.json", sample_events=events)

or from the command line, with the model made by a function of yours that returns
(model, dense_features, kjt, sample_events), where sample_events may be None:

    python export.py --factory my_training:make_model --features features.json --out models/000042

Writes
    model.json, model.safetensors      hyper-parameters and weights
    features.json                      a copy of yours, if given
    input.json, input.safetensors,     parity sample of the model: the given batch, and the
    expected.safetensors               model's own output for it
    sample.jsonl, sample_scores.jsonl  parity sample of the encoding: raw events (the rows of the
                                       batch, in order) and the model's scores for them
Then: flink-deepfm verify models/000042

A model wrapped by DistributedModelParallel and/or DistributedDataParallel is gathered first:
ShardedTensor and DTensor parameters are collected on rank 0, and the wrappers' prefixes
(`module.`, `_dmp_wrapped_module.`, `_fsdp_wrapped_module.`, `_orig_mod.`) are stripped.

Needs Python 3.9+, torch, torchrec, safetensors and numpy; fbgemm_gpu for sharded models.

What has been run: `--self-test` (names, prefixes, model.json, input.json, JSON lines, on stand-in
objects, without torch) and `--help`. What has not been run by this project: everything that
touches torch, that is gathering, safetensors writing and the forward pass for the samples.
"""
import argparse
import importlib
import json
import math
import pathlib
import shutil
import sys

WRAPPERS = ("module.", "_dmp_wrapped_module.", "_fsdp_wrapped_module.", "_orig_mod.")
BAGS = "sparse_arch.embedding_bag_collection.embedding_bags."
DENSE = (
    "dense_arch.model.0.weight", "dense_arch.model.0.bias",
    "dense_arch.model.2.weight", "dense_arch.model.2.bias",
    "inter_arch.deep_fm.dense_module.0.weight", "inter_arch.deep_fm.dense_module.0.bias",
    "over_arch.model.0.weight", "over_arch.model.0.bias",
)  # fmt: skip


class ExportError(Exception):
    """The model is not one that flink-deepfm scores."""


# ------------------------------------------------------------------ names and JSON: no torch here
def strip_wrappers(name):
    """`module._dmp_wrapped_module.over_arch.model.0.bias` -> `over_arch.model.0.bias`.

    Wrappers inside a path (`sparse_arch.module.…`) are stripped too; no part of a SimpleDeepFMNN
    is called like one. A table may be: the part after `embedding_bags.` stays as it is.
    """
    path, found, table = name.partition("embedding_bags.")
    parts = path.split(".")
    kept = [p for p in parts if p + "." not in WRAPPERS]
    return ".".join(kept) + found + table


def strip_all(names):
    """{wrapped name: plain name}; two wrapped names must not become one."""
    plain = {}
    for name in names:
        short = strip_wrappers(name)
        if short in plain.values():
            raise ExportError(f"expected one parameter {short}, got two ({name} is the second)")
        plain[name] = short
    return plain


def model_json(tables, is_weighted, shapes):
    """The document of model.json.

    tables: objects with the fields of EmbeddingBagConfig, in the model's order
    shapes: {state_dict name: shape}; the layer sizes are taken from it
    """
    expected = {BAGS + t.name + ".weight" for t in tables} | set(DENSE)
    if set(shapes) != expected:
        raise ExportError(
            f"expected the tensors of a SimpleDeepFMNN, got unexpected "
            f"{sorted(set(shapes) - expected)} and missing {sorted(expected - set(shapes))}"
        )
    hidden, num_dense = shapes["dense_arch.model.0.weight"]
    document = {
        "model": "SimpleDeepFMNN",
        "num_dense_features": num_dense,
        "hidden_layer_size": hidden,
        "deep_fm_dimension": shapes["inter_arch.deep_fm.dense_module.0.weight"][0],
        "is_weighted": bool(is_weighted),
        "tables": [table_json(t) for t in tables],
    }
    for table, t in zip(document["tables"], tables):
        want = [table["num_embeddings"], table["embedding_dim"]]
        got = list(shapes[BAGS + t.name + ".weight"])
        if got != want:
            raise ExportError(f"table {t.name}: expected shape {want}, got {got} (not gathered?)")
    return document


def table_json(config):
    pooling = enum_name(config.pooling)
    data_type = enum_name(config.data_type)
    if pooling not in ("SUM", "MEAN") or data_type not in ("FP32", "FP16"):
        raise ExportError(
            f"table {config.name}: expected pooling SUM or MEAN and data type FP32 or FP16, "
            f"got {pooling} and {data_type}"
        )
    return {
        "name": config.name,
        "num_embeddings": int(config.num_embeddings),
        "embedding_dim": int(config.embedding_dim),
        "feature_names": list(config.feature_names) or [config.name],
        "pooling": pooling,
        "data_type": data_type,
    }


def enum_name(value):
    """PoolingType.SUM, whether an enum's member or its text."""
    return getattr(value, "name", str(value)).rsplit(".", 1)[-1].upper()


def input_json(keys, batch_size):
    return {"keys": list(keys), "batch_size": int(batch_size)}


def score_lines(events, logits, scores):
    """The lines of sample_scores.jsonl for the events of sample.jsonl, row by row."""
    if not len(events) == len(logits) == len(scores):
        raise ExportError(
            f"expected one raw event for each of the {len(scores)} rows of the batch, "
            f"got {len(events)}"
        )
    lines = []
    for event, logit, score in zip(events, logits, scores):
        if "event_id" not in event:
            raise ExportError(f"expected an event_id in every sample event, got {event}")
        if not math.isfinite(logit):
            raise ExportError(f"expected a finite logit, got {logit} (event {event['event_id']})")
        lines.append(compact({"event_id": event["event_id"], "logit": logit, "score": score}))
    return lines


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_lines(path, lines):
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


# ------------------------------------------------------------------------------ with torch
def export_model(model, out, dense=None, kjt=None, features=None, sample_events=None):
    """Writes the model directory `out`; on every rank of a distributed job, rank 0 writes.

    dense: float32 [B, N]; kjt: KeyedJaggedTensor with the model's features, on the model's device.
    Both are needed for the parity sample; without them only the model is written.
    features: path of a features.json. sample_events: B raw events (dicts), the rows of the batch.
    """
    import torch
    from safetensors.torch import save_file

    if (dense is None) != (kjt is None) or (sample_events is not None and dense is None):
        raise ExportError("expected dense, kjt (and sample_events) together, got a part of them")
    rank = torch.distributed.get_rank() if torch.distributed.is_initialized() else 0
    state = gather_state(model, rank)
    # Every rank takes part in a sharded model's forward pass.
    outputs = None if dense is None else forward(model, dense, kjt)
    if rank != 0:
        return
    tables, is_weighted = embedding_bag_configs(model)
    document = model_json(tables, is_weighted, {k: list(v.shape) for k, v in state.items()})

    directory = pathlib.Path(out)
    directory.mkdir(parents=True, exist_ok=True)
    write_json(directory / "model.json", document)
    save_file(state, str(directory / "model.safetensors"))
    if features is not None:
        shutil.copyfile(features, directory / "features.json")
    if outputs is not None:
        write_samples(directory, dense, kjt, outputs, is_weighted, sample_events)


def gather_state(model, rank):
    """{plain name: CPU tensor, contiguous}; complete on rank 0 only."""
    import torch

    state = model.state_dict()
    plain = strip_all(state)
    gathered = {}
    with torch.no_grad():
        for name, value in state.items():
            value = full_tensor(value, rank)
            if value is not None:
                # A copy each: safetensors refuses tensors that share memory.
                gathered[plain[name]] = value.detach().cpu().contiguous().clone()
    return gathered


def full_tensor(value, rank):
    """A ShardedTensor or DTensor as one tensor (None on the other ranks), a tensor as it is."""
    import torch

    if hasattr(value, "full_tensor"):  # torch.distributed.tensor.DTensor
        return value.full_tensor()
    if hasattr(value, "local_shards"):  # torch.distributed._shard.sharded_tensor.ShardedTensor
        out = None
        if rank == 0:
            out = torch.empty(value.size(), dtype=value.dtype, device=collective_device())
        value.gather(dst=0, out=out)
        return out
    return value


def collective_device():
    import torch

    nccl = torch.distributed.get_backend() == "nccl"
    return torch.device("cuda", torch.cuda.current_device()) if nccl else torch.device("cpu")


def embedding_bag_configs(model):
    """(configs in the model's order, is_weighted) of the one collection in the model."""
    for module in model.modules():
        configs = read_either(module, "embedding_bag_configs")
        if configs is not None:
            return list(configs), bool(read_either(module, "is_weighted"))
    raise ExportError("expected an EmbeddingBagCollection in the model, got none")


def read_either(module, name):
    """A public method or a private field: the sharded collection keeps only the latter."""
    value = getattr(module, name, getattr(module, "_" + name, None))
    return value() if callable(value) else value


def forward(model, dense, kjt):
    """(scores [B,1], logits [B,1]) in eval mode; the logit is what enters the last sigmoid."""
    import torch

    logits = []
    linear = [m for n, m in model.named_modules() if strip_wrappers(n) == "over_arch.model.0"]
    if len(linear) != 1:
        raise ExportError(f"expected one over_arch.model.0 in the model, got {len(linear)}")
    hook = linear[0].register_forward_hook(lambda _module, _in, out: logits.append(out))
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            scores = model(dense_features=dense, sparse_features=kjt)
    finally:
        hook.remove()
        model.train(training)
    return scores.detach().cpu(), logits[0].detach().cpu()


def write_samples(directory, dense, kjt, outputs, is_weighted, sample_events):
    import torch
    from safetensors.torch import save_file

    scores, logits = (t.float().contiguous() for t in outputs)
    write_json(directory / "input.json", input_json(kjt.keys(), dense.shape[0]))
    inputs = {
        "dense_features": dense.float(),
        "values": kjt.values().to(torch.int64),
        "lengths": kjt.lengths().to(torch.int32),
        "offsets": kjt.offsets().to(torch.int64),
    }
    if is_weighted:
        inputs["weights"] = kjt.weights().float()
    inputs = {k: v.detach().cpu().contiguous().clone() for k, v in inputs.items()}
    save_file(inputs, str(directory / "input.safetensors"))
    expected = {"scores": scores.clone(), "logits": logits.clone()}
    save_file(expected, str(directory / "expected.safetensors"))
    if sample_events is not None:
        lines = score_lines(sample_events, logits[:, 0].tolist(), scores[:, 0].tolist())
        write_lines(directory / "sample.jsonl", [compact(event) for event in sample_events])
        write_lines(directory / "sample_scores.jsonl", lines)


# ------------------------------------------------------------------------------ self-test
def self_test():
    """The parts that need no torch, on stand-in objects."""
    import enum
    import tempfile
    import types

    def raises(part, call):
        try:
            call()
        except ExportError as e:
            assert part in str(e), f"expected '{part}' in: {e}"
        else:
            raise AssertionError(f"expected an error with '{part}', got none")

    wrapped = "module._dmp_wrapped_module.module." + BAGS + "module.weight"
    assert strip_wrappers(wrapped) == BAGS + "module.weight"
    assert strip_wrappers("over_arch.model.0.bias") == "over_arch.model.0.bias"
    assert strip_wrappers("_orig_mod.dense_arch.model.2.weight") == "dense_arch.model.2.weight"
    raises("got two", lambda: strip_all(["module.a", "a"]))

    pooling = enum.Enum("PoolingType", ["SUM", "MEAN", "NONE"])
    data_type = enum.Enum("DataType", ["FP32", "FP16", "INT8"])

    def table(name, features, pool=pooling.SUM, kind=data_type.FP32):
        return types.SimpleNamespace(
            name=name, num_embeddings=10, embedding_dim=4, feature_names=features,
            pooling=pool, data_type=kind)  # fmt: skip

    tables = [table("t1", ["f1", "f3"]), table("t2", [], pooling.MEAN, data_type.FP16)]
    shapes = dict.fromkeys(DENSE, [1])
    shapes["dense_arch.model.0.weight"] = [8, 3]
    shapes["inter_arch.deep_fm.dense_module.0.weight"] = [5, 16]
    shapes[BAGS + "t1.weight"] = [10, 4]
    shapes[BAGS + "t2.weight"] = [10, 4]
    document = model_json(tables, False, shapes)
    assert document["num_dense_features"] == 3
    assert document["hidden_layer_size"] == 8
    assert document["deep_fm_dimension"] == 5
    assert document["tables"][1] == {
        "name": "t2", "num_embeddings": 10, "embedding_dim": 4, "feature_names": ["t2"],
        "pooling": "MEAN", "data_type": "FP16"}  # fmt: skip
    raises("extra", lambda: model_json(tables, False, {**shapes, "extra": [1]}))
    raises("not gathered", lambda: model_json(tables, False, {**shapes, BAGS + "t1.weight": [5, 4]}))
    raises("INT8", lambda: table_json(table("t", [], kind=data_type.INT8)))
    assert enum_name("PoolingType.SUM") == "SUM"

    class Plain(types.SimpleNamespace):
        def is_weighted(self):
            return True

    assert read_either(Plain(), "is_weighted") is True
    assert read_either(types.SimpleNamespace(_is_weighted=True), "is_weighted") is True
    assert read_either(types.SimpleNamespace(), "embedding_bag_configs") is None
    assert input_json(("f1", "f2"), 2) == {"keys": ["f1", "f2"], "batch_size": 2}
    event = {"event_id": "é1", "dense": {"I1": None}}
    assert score_lines([event], [-0.5], [0.25]) == ['{"event_id":"é1","logit":-0.5,"score":0.25}']
    raises("one raw event", lambda: score_lines([event], [0.0, 1.0], [0.5, 0.7]))
    raises("event_id", lambda: score_lines([{}], [0.0], [0.5]))
    raises("finite", lambda: score_lines([event], [math.inf], [1.0]))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.json"
        write_json(path, document)
        assert json.loads(path.read_text(encoding="utf-8")) == document
        write_lines(path, [compact(event)])
        assert path.read_bytes() == '{"event_id":"é1","dense":{"I1":null}}\n'.encode()
    print("self-test passed (without torch)")


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description="Exports a TorchRec SimpleDeepFMNN as a flink-deepfm model directory.")
    parser.add_argument("--factory", metavar="MODULE:FUNCTION",
                        help="returns (model, dense_features, kjt, sample_events or None)")
    parser.add_argument("--out", metavar="DIR", help="the model directory to write")
    parser.add_argument("--features", metavar="FILE", help="features.json to copy")
    parser.add_argument("--self-test", action="store_true", help="test what needs no torch")
    options = parser.parse_args(arguments)
    if options.self_test:
        self_test()
        return
    if not options.factory or not options.out or ":" not in options.factory:
        parser.error("expected --factory MODULE:FUNCTION and --out DIR")
    module, function = options.factory.split(":", 1)
    sys.path.insert(0, ".")
    model, dense, kjt, events = getattr(importlib.import_module(module), function)()
    try:
        export_model(model, options.out, dense, kjt, options.features, events)
    except ExportError as e:
        sys.exit(f"export.py: {e}")


if __name__ == "__main__":
    main()
