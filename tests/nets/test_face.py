"""What `rlkit.nets` offers: a short face, every name of the chapters, nothing early."""

from importlib import import_module

import pytest

pytest.importorskip("torch")

import rlkit.nets
from tests.scripts.support import python

FACE = 20
"""Names at most that `from rlkit.nets import *` brings."""
NAMES = """
GRU LENET_TABLE LSTM MLP SRN AdditiveScore Average Bidirectional BilinearScore Bottleneck Cell
Cells ConvolutionShape Core CoreFactory Cosine CosineScore CoupledLSTMCell DecoderBlock DotScore
EarlyStopping Encoded EncoderBlock Exponential Feedforward FixedCodes Gated GeneralOptimizer
HardAttention HardLogistic Held History ImpalaCNN Inception InceptionCNN InverseTime LSTMCell
LastKey LastState Latest LayerNormGRUCell LayerNormLSTMCell LayerNormSRNCell LayerSummary LeNet5
LearnedPositions LinearResidualCell LocallyConnected2d LogisticRegression Maxout MeanState
MemoryAttention MinMax Moment MultiHeadAttention NaturalExponential NatureCNN NoForgetLSTMCell
Noam Normaliser PeepholeLSTMCell PiecewiseConstant PositionwiseFFN PostNorm PreActivationUnit
PreNorm RandomShift Recurrent RecurrentLayer ResidualCNN ResidualCell ResidualUnit RunningStandard
SRNCell ScaledDotScore ScaledTanh Schedule Seq2Seq SequenceClassifier SinusoidalPositions
SoftAttention SoftmaxRegression Standard State StructuralRisk Sum Summary Swish SynchronousSeq2Seq
TableConv2d TextbookAdaDelta TextbookAdagrad TextbookAdam TextbookDropout TextbookGRUCell
TextbookMomentum TextbookNesterov TextbookRMSprop TrainablePooling Transformer TransformerDecoder
TransformerEncoder Triangular VariationalDropout WarmRestarts WarmUp Whitening attention_maps
bayesian_search causal_mask clip_by_norm clip_by_value conv2d_shape convolve2d core_names
cross_entropy dead_units decay_before decay_groups draw_attention draw_dead_units draw_gates
draw_gradient elastic_net_penalty fit fourier_features gain gate_traces gaussian_
gradient_through_time grid hinge_loss initialise l1_penalty l2_penalty lambda_lr least_squares
make_core make_optimizer masked_softmax minibatches monte_carlo noam_rate optimizer_names
padding_mask polynomial_features pytorch_smoothing radial_features random_search register_core
remember_up_to sb3_schedule self_attention sinusoids smooth_labels soft_threshold
soft_threshold_after squared_loss successive_halving summary uniform_ zero_one_loss
"""
"""Promised: all of them stay importable from `rlkit.nets`."""


def test_the_face_is_short() -> None:
    assert {"Core", "State", "make_core", "register_core", "MLP"} <= {*rlkit.nets.__all__}
    assert len(rlkit.nets.__all__) <= FACE


@pytest.mark.parametrize("name", NAMES.split())
def test_every_name_is_there(name: str) -> None:
    assert getattr(rlkit.nets, name) is not None
    assert name in dir(rlkit.nets)


def test_a_name_that_is_not_there_is_an_error() -> None:
    assert len(NAMES.split()) == 162
    with pytest.raises(AttributeError, match=r"'rlkit\.nets' has no attribute 'LSTMM'"):
        getattr(rlkit.nets, NAMES.split()[2] + "M")


def test_late_names_are_those_that_the_sub_packages_offer() -> None:
    for module, names in rlkit.nets._OFFERED.items():
        offered = getattr(import_module(module), "__all__", names.split())
        assert {*names.split()} == {*offered} - {"MLP", "by_name", "make", "optimizer_names"}


def test_an_mlp_and_its_optimizer_import_no_other_network() -> None:
    program = """
import sys
import rlkit.nets
core = rlkit.nets.make_core("mlp", (4,))
rlkit.nets.make_optimizer("adam", core.parameters(), lr=1e-3)
print(sorted(name.removeprefix("rlkit.nets.") for name in sys.modules if "rlkit.nets." in name))
"""
    finished = python(program)

    needed = ["core", "feedforward", "optimizers", "optimizers.checks", "optimizers.factory"]
    assert finished.stdout == f"{[*needed, 'registry', 'shipped']}\n", finished.stderr
