"""Networks: cores for agents, recurrent and convolutional networks, attention. PyTorch only.

A network maps tensors to tensors. A core is a network with memory on one protocol, which agents
and Stable-Baselines3 (`rlkit.nets.sb3`) take by name. `__all__` is what agents need; every other
name of the chapters (`dir(rlkit.nets)`) is imported on its first use.
"""

from typing import TYPE_CHECKING

from rlkit.lazy import homes_of, offering
from rlkit.nets.core import Core, Encoded, Feedforward, State
from rlkit.nets.feedforward import MLP
from rlkit.nets.optimizers import make as make_optimizer
from rlkit.nets.optimizers import optimizer_names
from rlkit.nets.registry import CoreFactory, core_names, make_core, register_core

if TYPE_CHECKING:
    from rlkit.nets.attention import *
    from rlkit.nets.bayesian import *
    from rlkit.nets.convolution import *
    from rlkit.nets.costs import *
    from rlkit.nets.drawing import *
    from rlkit.nets.feedforward import *
    from rlkit.nets.initialisers import *
    from rlkit.nets.inspection import *
    from rlkit.nets.linear_models import *
    from rlkit.nets.losses import *
    from rlkit.nets.normalisers import *
    from rlkit.nets.optimizers import *
    from rlkit.nets.recurrent import *
    from rlkit.nets.regularisers import *
    from rlkit.nets.schedules import *
    from rlkit.nets.search import *
    from rlkit.nets.seq2seq import *
    from rlkit.nets.training import *

__all__ = [
    "GRU",
    "LSTM",
    "MLP",
    "SRN",
    "Core",
    "CoreFactory",
    "Encoded",
    "Feedforward",
    "ImpalaCNN",
    "NatureCNN",
    "Recurrent",
    "ResidualCNN",
    "State",
    "Transformer",
    "core_names",
    "make_core",
    "make_optimizer",
    "optimizer_names",
    "register_core",
]

_OFFERED = {
    "rlkit.nets.attention": (
        "AdditiveScore BilinearScore CosineScore DecoderBlock DotScore EncoderBlock Gated "
        "HardAttention LearnedPositions MemoryAttention MultiHeadAttention PositionwiseFFN "
        "PostNorm PreNorm ScaledDotScore SinusoidalPositions SoftAttention Transformer "
        "TransformerDecoder TransformerEncoder causal_mask masked_softmax noam_rate "
        "padding_mask self_attention sinusoids"
    ),
    "rlkit.nets.bayesian": "bayesian_search",
    "rlkit.nets.convolution": (
        "LENET_TABLE Bottleneck ConvolutionShape FixedCodes ImpalaCNN Inception InceptionCNN "
        "LeNet5 LocallyConnected2d NatureCNN PreActivationUnit ResidualCNN ResidualUnit "
        "ScaledTanh TableConv2d TrainablePooling conv2d_shape convolve2d"
    ),
    "rlkit.nets.costs": "LayerSummary Summary summary",
    "rlkit.nets.drawing": "draw_attention draw_dead_units draw_gates draw_gradient",
    "rlkit.nets.feedforward": "HardLogistic Maxout Swish",
    "rlkit.nets.initialisers": "gain gaussian_ initialise uniform_",
    "rlkit.nets.inspection": "attention_maps dead_units gate_traces gradient_through_time",
    "rlkit.nets.linear_models": (
        "LogisticRegression SoftmaxRegression fourier_features least_squares "
        "polynomial_features radial_features"
    ),
    "rlkit.nets.losses": (
        "cross_entropy hinge_loss pytorch_smoothing smooth_labels squared_loss zero_one_loss"
    ),
    "rlkit.nets.normalisers": "MinMax Normaliser RunningStandard Standard Whitening",
    "rlkit.nets.optimizers": (
        "Average GeneralOptimizer Latest Moment Sum TextbookAdaDelta TextbookAdagrad "
        "TextbookAdam TextbookMomentum TextbookNesterov TextbookRMSprop clip_by_norm "
        "clip_by_value"
    ),
    "rlkit.nets.recurrent": (
        "GRU LSTM SRN Bidirectional Cell Cells CoupledLSTMCell LSTMCell LayerNormGRUCell "
        "LayerNormLSTMCell LayerNormSRNCell LinearResidualCell NoForgetLSTMCell "
        "PeepholeLSTMCell Recurrent RecurrentLayer ResidualCell SRNCell TextbookGRUCell "
        "remember_up_to"
    ),
    "rlkit.nets.regularisers": (
        "EarlyStopping RandomShift StructuralRisk TextbookDropout VariationalDropout "
        "decay_before decay_groups elastic_net_penalty l1_penalty l2_penalty monte_carlo "
        "soft_threshold soft_threshold_after"
    ),
    "rlkit.nets.schedules": (
        "Cosine Exponential Held InverseTime NaturalExponential Noam PiecewiseConstant "
        "Schedule Triangular WarmRestarts WarmUp lambda_lr sb3_schedule"
    ),
    "rlkit.nets.search": "grid random_search successive_halving",
    "rlkit.nets.seq2seq": (
        "LastKey LastState MeanState Seq2Seq SequenceClassifier SynchronousSeq2Seq"
    ),
    "rlkit.nets.training": "History fit minibatches",
}
"""Names that are imported late, by the module or sub-package that has them in its `__all__`."""

if not TYPE_CHECKING:  # which would take any name for one of ours
    __getattr__ = offering(__name__, homes_of(_OFFERED))


def __dir__() -> list[str]:
    return sorted({*__all__, *" ".join(_OFFERED.values()).split()})
