"""netwright: trains neural networks, shows what holds them back, and takes them to the Bayes limit.

Public names are resolved when first used, so that ``import netwright`` and ``netwright --help`` import no JAX.
"""

from importlib.metadata import version as _version

from netwright.core import lazy
from netwright.core.allocator import keep_memory

keep_memory()
__version__ = _version("netwright")

_CONTROLS = (
    "Architecture",
    "Controls",
    "DataControls",
    "EarlyStopping",
    "Initialization",
    "Optimization",
    "Regularization",
    "Schedule",
    "Targets",
)

__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        **{name: f"netwright.core.controls:{name}" for name in _CONTROLS},
        "Comparison": "netwright.compare.comparison:Comparison",
        "Choice": "netwright.tune.dimensions:Choice",
        "Dataset": "netwright.data.dataset:Dataset",
        "Diagnosis": "netwright.diagnose.diagnosis:Diagnosis",
        "Float": "netwright.tune.dimensions:Float",
        "GradientCheck": "netwright.watch.gradient_check:GradientCheck",
        "Improvement": "netwright.improve.story:Improvement",
        "Int": "netwright.tune.dimensions:Int",
        "NetClassifier": "netwright.estimators.classifier:NetClassifier",
        "NetRegressor": "netwright.estimators.regressor:NetRegressor",
        "Run": "netwright.train.run:Run",
        "ShiftReport": "netwright.diagnose.shift.report:ShiftReport",
        "Space": "netwright.tune.space:Space",
        "Study": "netwright.tune.study:Study",
        "Xray": "netwright.watch.xray:Xray",
        "bayes": "netwright.diagnose.bayes",
        "bias_variance": "netwright.measure.bias_variance:bias_variance",
        "check_gradients": "netwright.watch.gradient_check:check_gradients",
        "compare": "netwright.compare.compare:compare",
        "compare_runs": "netwright.compare.runs:compare_runs",
        "example": "netwright.data.examples:example",
        "examples": "netwright.data.examples:examples",
        "fit": "netwright.console.session:fit",
        "improve": "netwright.improve.improve:improve",
        "initializers": "netwright.nn.initializers",
        "learning_curve": "netwright.measure.learning_curve:learning_curve",
        "load": "netwright.train.restore:load",
        "losses": "netwright.losses",
        "metrics": "netwright.metrics",
        "negative_transfer": "netwright.measure.negative_transfer:negative_transfer",
        "nn": "netwright.nn",
        "optim": "netwright.optim",
        "orthogonality": "netwright.improve.orthogonality:orthogonality",
        "penalties": "netwright.optim.penalties",
        "range_test": "netwright.measure.range_test:range_test",
        "read": "netwright.data.read:read",
        "resume": "netwright.console.session:resume",
        "schedules": "netwright.optim.schedules",
        "shift": "netwright.diagnose.shift",
        "trackers": "netwright.train.trackers",
        "train": "netwright.train",
        "transfer": "netwright.transfer",
        "tune": "netwright.tune.tune:tune",
        "verify": "netwright.improve.verify:verify",
        "xray": "netwright.watch.xray:xray",
    },
)
