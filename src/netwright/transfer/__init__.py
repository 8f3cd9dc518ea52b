"""Transfer learning: pretrained backbones, and what of them is trained on."""

from netwright.core import lazy

__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "Backbone": "netwright.transfer.backbone:Backbone",
        "backbone": "netwright.transfer.backbone:backbone",
        "discriminative_rates": "netwright.transfer.freezing:discriminative_rates",
        "freeze": "netwright.transfer.freezing:freeze",
        "gain": "netwright.measure.gain:gain",
        "unfreeze": "netwright.transfer.freezing:unfreeze",
    },
)
