"""Write what the reference implementations compute, for tests that run without them.

python scripts/golden_backbones.py [NAME …], with netwright[reference] installed. Small models at random weights are
written as transformers itself saves them; of the fetched assets, only outputs are.
"""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

GOLDEN = Path(__file__).parents[1] / "tests" / "transfer" / "golden"
TEXTS = (
    "a small text",
    "Words, words & words: none of them is the same as the others!",
    "Ünïcode wörds, and 12 numbers",
    "end",
)
TRAINED_ON = (
    *TEXTS,
    "the quick brown fox jumps over the lazy dog",
    "pack my box with five dozen liquor jugs",
)


def bert(folder: Path) -> dict[str, np.ndarray]:
    import torch
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    tokenizer = BertWordPieceTokenizer()
    tokenizer.train_from_iterator(TRAINED_ON, vocab_size=150, min_frequency=1, show_progress=False)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = BertConfig(
        vocab_size=160,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=48,
        max_position_embeddings=24,
    )
    model = _random(BertModel(config))
    model.save_pretrained(folder)
    fast = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    )
    words = fast(list(TEXTS), padding=True, truncation=True, max_length=24, return_tensors="pt")
    with torch.no_grad():
        hidden = model(input_ids=words["input_ids"], attention_mask=words["attention_mask"]).last_hidden_state
    return {"features": _mean(hidden, words["attention_mask"]), "first": hidden[:, 0].numpy()}


def gpt2(folder: Path) -> dict[str, np.ndarray]:
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import GPT2Config, GPT2LMHeadModel

    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(TRAINED_ON, vocab_size=300, min_frequency=1, show_progress=False)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = GPT2Config(vocab_size=310, n_positions=64, n_embd=32, n_layer=2, n_head=4)
    model = _random(GPT2LMHeadModel(config))
    model.save_pretrained(folder)
    with torch.no_grad():  # each text by itself: GPT-2 knows no padding
        rows = [model.transformer(torch.tensor([tokenizer.encode(text).ids])) for text in TEXTS]
    return {"features": np.stack([row.last_hidden_state[0, -1].numpy() for row in rows])}


def vit(folder: Path) -> dict[str, np.ndarray]:
    from transformers import ViTConfig, ViTModel

    config = ViTConfig(
        image_size=32,
        patch_size=8,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=48,
    )
    model = _random(ViTModel(config, add_pooling_layer=False))
    model.save_pretrained(folder)
    return _images(folder, model, "ViTImageProcessor", lambda out: out.last_hidden_state[:, 0], size=32)


def resnet_bottleneck(folder: Path) -> dict[str, np.ndarray]:
    return _resnet(folder, "bottleneck", (16, 32))


def resnet_basic(folder: Path) -> dict[str, np.ndarray]:
    return _resnet(folder, "basic", (8, 16))


def _resnet(folder: Path, layer_type: str, widths: tuple[int, ...]) -> dict[str, np.ndarray]:
    from transformers import ResNetConfig, ResNetForImageClassification

    config = ResNetConfig(embedding_size=8, hidden_sizes=list(widths), depths=[1, 2], layer_type=layer_type)
    model = _random(ResNetForImageClassification(config))
    model.save_pretrained(folder)
    return _images(
        folder, model.resnet, "ConvNextImageProcessor", lambda out: out.pooler_output.flatten(1), size=36
    )


def minilm(folder: Path) -> dict[str, np.ndarray]:
    import torch
    from transformers import AutoModel, AutoTokenizer

    asset = _asset("minilm")
    fast, model = AutoTokenizer.from_pretrained(asset), AutoModel.from_pretrained(asset)
    words = fast(list(TEXTS), padding=True, truncation=True, max_length=256, return_tensors="pt")
    with torch.no_grad():
        hidden = model(**words).last_hidden_state
    return {"features": _mean(hidden, words["attention_mask"])}


def efficientnet_lite0(folder: Path) -> dict[str, np.ndarray]:
    import timm
    import torch

    model = timm.create_model("tf_efficientnet_lite0", pretrained=False).eval()
    published = torch.load(_asset("efficientnet_lite0") / "pytorch_model.bin", weights_only=True)
    ours = model.state_dict()  # in the order of the layers, as the published one is
    assert [a.shape for a in ours.values()] == [a.shape for a in published.values()]
    model.load_state_dict(dict(zip(ours, published.values(), strict=True)))
    with torch.no_grad():
        x = torch.tensor(np.moveaxis(_normal(65, 64), 3, 1).copy())
        features = model.forward_head(model.forward_features(x), pre_logits=True)
    return {"features": features.numpy()}


def mobilenet_v2(folder: Path) -> dict[str, np.ndarray]:
    import keras

    model = keras.models.load_model(_asset("mobilenet_v2") / "tf_model.h5", compile=False)
    maps = model.get_layer("mobilenetv2_1.00_160")(_normal(160, 160), training=False)
    return {"features": np.asarray(maps).mean(axis=(1, 2))}


def torch_files(folder: Path) -> dict[str, np.ndarray]:
    """Both of PyTorch's layouts, of several types, with a transposed tensor, a shared one and one of no axes."""
    import torch

    base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 7
    state = torch.nn.Linear(3, 2).state_dict()  # with the attributes that layers leave on it
    state |= {
        "transposed": base.T,
        "window": base[1:3, ::2],
        "half": base.half(),
        "bfloat16": base.bfloat16(),
        "count": torch.tensor(3),
        "scalar": torch.tensor(0.5),
        "parameter": torch.nn.Parameter(base[0]),
        "empty": torch.zeros(0, 3),
    }
    torch.save(state, folder / "archive.bin")
    torch.save(state, folder / "run.bin", _use_new_zipfile_serialization=False)
    torch.save({"state_dict": state, "epoch": 3}, folder / "within.bin")
    return {name: one.detach().float().numpy() for name, one in state.items()}


def _normal(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(2, height, width, 3)).astype(np.float32)


def _asset(name: str) -> Path:
    return Path.home() / ".cache" / "netwright" / "assets" / name


def _random(model: Any) -> Any:
    """Draw all parameters and statistics anew, none of them at its start, so that each has a part in the output."""
    import torch

    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, one in model.state_dict().items():
            if one.is_floating_point():
                drawn = torch.randn(one.shape, generator=generator) * 0.2
                positive = name.endswith("running_var") or ("norm" in name and name.endswith("weight"))
                one.copy_(drawn.abs() + 0.5 if positive else drawn)
    return model.eval()


def _mean(hidden: Any, mask: Any) -> np.ndarray:
    mask = mask[:, :, None].float()
    return ((hidden * mask).sum(1) / mask.sum(1)).numpy()


def _images(folder: Path, model: Any, kind: str, features: Callable[[Any], Any], size: int) -> dict[str, Any]:
    import torch
    import transformers

    options = {"size": {"shortest_edge": size}, "crop_pct": 0.9} if "Conv" in kind else {"size": size}
    processor = getattr(transformers, kind)(**options)
    processor.save_pretrained(folder)
    images = np.random.default_rng(0).integers(0, 256, (2, 40, 48, 3), np.uint8)
    pixels = processor(images=list(images), return_tensors="np")["pixel_values"]
    with torch.no_grad():
        out = features(model(torch.tensor(pixels)))
    return {"images": images, "pixels": np.moveaxis(pixels, 1, 3).copy(), "features": out.numpy()}


MEMBERS = (
    *(bert, gpt2, vit, resnet_bottleneck, resnet_basic),
    *(minilm, efficientnet_lite0, mobilenet_v2, torch_files),
)


def main() -> None:
    known = {member.__name__: member for member in MEMBERS}
    for name in sys.argv[1:] or known:
        folder = GOLDEN / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        np.savez_compressed(folder / "golden.npz", **known[name](folder))
        print(folder)


if __name__ == "__main__":
    main()
