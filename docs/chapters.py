"""Writes `docs/chapters.md`: where each item of the course stands in the code, and its test.

    python docs/chapters.py          # write the page
    python docs/chapters.py --check  # exit with 1 if the page is out of date

The first line of a docstring says what a class is, so the page repeats nothing: a row names the
code and the test, and both must exist.
"""

import ast
import inspect
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "chapters.md"


class Row(NamedTuple):
    """One item of a chapter."""

    id: str
    item: str
    code: str
    """Names in `rlkit.nets` or `torch`, separated by spaces."""
    test: str
    """`file::function`, without the folder and the suffix."""


TITLES = {
    "4": "Feed-forward networks",
    "5": "Convolutional networks",
    "6": "Recurrent networks",
    "8": "Attention and the Transformer",
}

ROWS = (
    Row("4.1", "logistic", "torch.nn.Sigmoid", "feedforward::logistic_and_its_derivative"),
    Row("4.2", "tanh", "torch.nn.Tanh", "feedforward::tanh_is_a_shifted_logistic"),
    Row(
        "4.3",
        "hard logistic",
        "HardLogistic",
        "feedforward::hard_logistic_has_slope_a_quarter_unlike_hardsigmoid",
    ),
    Row("4.4", "hard tanh", "torch.nn.Hardtanh", "feedforward::hard_tanh"),
    Row("4.5", "ReLU", "torch.nn.ReLU", "feedforward::relu"),
    Row("4.5", "dead units", "dead_units", "inspection::dead_units_are_those_that_never_fire"),
    Row("4.6", "leaky ReLU", "torch.nn.LeakyReLU", "feedforward::leaky_relu"),
    Row(
        "4.7",
        "parametric ReLU",
        "torch.nn.PReLU",
        "feedforward::prelu_learns_a_slope_a_channel_which_is_dimension_1",
    ),
    Row("4.8", "ELU", "torch.nn.ELU", "feedforward::elu"),
    Row("4.9", "softplus", "torch.nn.Softplus", "feedforward::softplus_and_its_derivative"),
    Row("4.10", "swish", "Swish", "feedforward::swish_between_half_the_identity_and_relu"),
    Row("4.10", "GELU", "torch.nn.GELU", "feedforward::gelu_and_its_approximation"),
    Row("4.11", "maxout", "Maxout", "feedforward::maxout_by_loops_and_as_a_relu"),
    Row(
        "4.12",
        "feed-forward network",
        "MLP",
        "feedforward::an_mlp_is_its_recursion_and_has_its_parameters",
    ),
    Row(
        "4.13",
        "universal approximation",
        "MLP",
        "feedforward::one_hidden_layer_approximates_better_the_wider_it_is",
    ),
    Row(
        "5.1",
        "convolution, cross-correlation",
        "convolve2d torch.nn.Conv2d",
        "convolution::true_convolution_and_cross_correlation",
    ),
    Row(
        "5.2",
        "output size",
        "conv2d_shape",
        "convolution::narrow_equal_width_and_wide_convolutions",
    ),
    Row("5.3", "convolutional layer", "torch.nn.Conv2d", "convolution::a_layer_by_loops"),
    Row("5.4", "parameters", "conv2d_shape", "convolution::the_examination_question"),
    Row(
        "5.5",
        "connections",
        "conv2d_shape summary",
        "convolution::output_sizes_parameters_and_macs",
    ),
    Row(
        "5.6",
        "weight sharing",
        "torch.nn.Conv2d",
        "convolution::sharing_needs_m_plus_1_parameters_where_full_connection_needs_n_m",
    ),
    Row(
        "5.6",
        "unshared weights",
        "LocallyConnected2d",
        "convolution::unshared_weights_by_loops_and_as_a_convolution_when_equal",
    ),
    Row("5.7", "pooling", "torch.nn.MaxPool2d torch.nn.AvgPool2d", "convolution::pooling"),
    Row("5.7b", "trainable pooling", "TrainablePooling", "convolution::trainable_pooling"),
    Row("5.7c", "connection table", "TableConv2d", "convolution::a_connection_table_by_loops"),
    Row(
        "5.8",
        "LeNet-5",
        "LeNet5 FixedCodes",
        "convolution::lenet_has_the_figures_of_the_chapter",
    ),
    Row(
        "5.9",
        "residual unit",
        "ResidualUnit PreActivationUnit",
        "convolution::a_residual_unit_starts_as_the_identity_and_passes_gradients",
    ),
    Row(
        "5.10",
        "1 x 1 convolution, bottleneck",
        "Bottleneck torch.nn.Conv2d",
        "convolution::a_one_by_one_convolution_is_a_linear_layer_on_channels",
    ),
    Row(
        "5.10b",
        "exercise 5-3",
        "conv2d_shape",
        "convolution::a_bottleneck_saves_most_of_the_work",
    ),
    Row(
        "5.11",
        "Inception module",
        "Inception InceptionCNN",
        "convolution::inception_is_four_paths_side_by_side",
    ),
    Row(
        "5.12",
        "networks of deep RL",
        "NatureCNN ImpalaCNN ResidualCNN",
        "convolution::networks_of_deep_rl_have_their_sizes",
    ),
    Row("6.1", "simple recurrent network", "SRN", "recurrent::srn_is_its_formula"),
    Row("6.1", "logistic SRN", "SRNCell", "recurrent::a_logistic_srn_is_its_formula"),
    Row(
        "6.2",
        "backpropagation through time",
        "Recurrent",
        "recurrent::backpropagation_through_time_by_the_formula",
    ),
    Row(
        "6.2",
        "truncated backpropagation",
        "Recurrent",
        "recurrent::truncated_backpropagation_stops_where_the_state_is_detached",
    ),
    Row(
        "6.3",
        "long-term dependence",
        "gradient_through_time",
        "inspection::the_gradient_through_time_is_a_product_of_jacobians",
    ),
    Row(
        "6.4",
        "residual recurrence",
        "LinearResidualCell ResidualCell",
        "recurrent::residual_cells_are_their_formulas",
    ),
    Row(
        "6.5",
        "gates",
        "gate_traces",
        "recurrent::gates_let_nothing_or_everything_pass",
    ),
    Row("6.6", "LSTM", "LSTM", "recurrent::lstm_is_its_formula_with_gates_in_pytorchs_order"),
    Row(
        "6.7",
        "forget bias",
        "LSTM",
        "recurrent::the_forget_bias_stands_in_every_layer_and_keeps_memories",
    ),
    Row(
        "6.7b",
        "LSTM variants",
        "NoForgetLSTMCell PeepholeLSTMCell CoupledLSTMCell",
        "recurrent::peephole_coupled_and_forgetless_lstm_are_their_formulas",
    ),
    Row("6.8", "GRU", "TextbookGRUCell", "recurrent::the_chapters_gru_is_its_formula"),
    Row(
        "6.8",
        "PyTorch's GRU",
        "GRU",
        "recurrent::both_grus_agree_where_the_reset_gate_is_open_and_only_there",
    ),
    Row(
        "6.9",
        "layer-normalised SRN",
        "LayerNormSRNCell",
        "recurrent::layer_norm_srn_is_its_formula",
    ),
    Row(
        "6.9",
        "layer-normalised LSTM",
        "LayerNormLSTMCell",
        "recurrent::layer_norm_lstm_is_its_formula",
    ),
    Row(
        "6.9",
        "layer-normalised GRU",
        "LayerNormGRUCell",
        "recurrent::layer_norm_gru_is_its_formula",
    ),
    Row("6.10", "stacked layers", "Cells", "recurrent::a_stack_reads_the_layer_below"),
    Row(
        "6.11",
        "bidirectional network",
        "Bidirectional",
        "recurrent::both_directions_are_pytorchs_and_mirror_each_other",
    ),
    Row(
        "6.12",
        "sequence to class",
        "SequenceClassifier LastState MeanState",
        "seq2seq::a_classifier_reads_the_last_or_the_mean_state_before_the_padding",
    ),
    Row(
        "6.12",
        "synchronous sequences",
        "SynchronousSeq2Seq",
        "seq2seq::synchronous_outputs_depend_on_the_past_alone",
    ),
    Row(
        "6.13",
        "asynchronous sequences",
        "Seq2Seq LastKey",
        "seq2seq::the_decoder_is_its_formula",
    ),
    Row("8.1", "attention distribution", "masked_softmax", "attention::the_attention_distribution"),
    Row("8.2", "additive score", "AdditiveScore", "attention::additive_score"),
    Row("8.3", "dot score", "DotScore", "attention::dot_score"),
    Row(
        "8.4",
        "scaled dot score",
        "ScaledDotScore",
        "attention::scaled_dot_score_divides_by_the_root_of_the_size",
    ),
    Row("8.5", "bilinear score", "BilinearScore", "attention::bilinear_score_is_asymmetric"),
    Row("8.5b", "cosine score", "CosineScore", "attention::cosine_score"),
    Row(
        "8.6",
        "soft attention",
        "SoftAttention",
        "attention::soft_attention_is_an_expectation_over_keys",
    ),
    Row(
        "8.7",
        "hard attention",
        "HardAttention",
        "attention::the_score_function_gradient_of_hard_attention_is_unbiased",
    ),
    Row(
        "8.8",
        "key-value attention",
        "SoftAttention",
        "attention::key_value_attention_reads_other_values",
    ),
    Row(
        "8.9",
        "multi-head attention",
        "MultiHeadAttention",
        "attention::multi_head_attention_is_pytorchs_with_the_masks_turned_round",
    ),
    Row("8.10", "self-attention", "self_attention", "attention::self_attention_by_hand"),
    Row("8.11", "padding mask", "padding_mask", "attention::padding_changes_nothing"),
    Row(
        "8.12",
        "sequence mask",
        "causal_mask",
        "attention::the_sequence_mask_hides_the_future_and_is_aligned_with_cached_keys",
    ),
    Row(
        "8.13",
        "positions",
        "sinusoids SinusoidalPositions LearnedPositions",
        "attention::sinusoidal_positions",
    ),
    Row(
        "8.14",
        "feed-forward network",
        "PositionwiseFFN",
        "transformer::the_feed_forward_network_is_its_formula",
    ),
    Row(
        "8.15",
        "layer normalisation",
        "torch.nn.LayerNorm",
        "transformer::layer_norm_is_its_formula",
    ),
    Row(
        "8.16",
        "residual and norm",
        "PostNorm PreNorm Gated",
        "transformer::residual_connections_are_their_formulas",
    ),
    Row(
        "8.17",
        "encoder and decoder blocks",
        "EncoderBlock DecoderBlock",
        "transformer::a_decoder_block_is_pytorchs",
    ),
    Row(
        "8.17",
        "encoder and decoder stacks",
        "TransformerEncoder TransformerDecoder",
        "transformer::the_stacks_have_the_papers_size_without_pytorchs_last_norms",
    ),
    Row(
        "8.17",
        "Transformer with memory",
        "Transformer",
        "transformer::the_core_is_its_definition",
    ),
    Row(
        "8.18",
        "training recipe",
        "noam_rate",
        "attention::the_learning_rate_rises_to_its_peak_and_falls_with_the_root",
    ),
    Row(
        "8.19",
        "cost of a layer",
        "self_attention torch.nn.Conv1d",
        "transformer::costs_of_a_layer_grow_as_the_chapters_table_says",
    ),
)


def render() -> str:
    """Return the page.

    Raises:
        LookupError: If a row names code or a test that does not exist.
    """
    lines = [
        "# The course, item by item",
        "",
        "Written by `python docs/chapters.py`; a test fails when it is out of date. Chapters are",
        "those of Xipeng Qiu, *Neural Networks and Deep Learning*; equations have the numbers of",
        "the author's chapters of April 2019, the Transformer's section that of the printed book.",
        "Where the code is PyTorch's own, the test shows that it is the chapter's formula.",
    ]
    for chapter, title in TITLES.items():
        lines += ["", f"## Chapter {chapter}: {title}", ""]
        lines += ["| row | item | code | what it is | test |", "|---|---|---|---|---|"]
        lines += [_line(row) for row in ROWS if row.id.split(".")[0] == chapter]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    codes = row.code.split()
    links = ", ".join(_link(code) for code in codes)
    ours = [_object(code) for code in codes if not code.startswith("torch.")]
    what = _first_line(ours[0]) if ours else "PyTorch's own"
    return f"| {row.id} | {row.item} | {links} | {what} | {_test(row.test)} |"


def _object(code: str) -> Any:
    module, _, name = code.rpartition(".")
    try:
        return getattr(import_module(module or "rlkit.nets"), name)
    except AttributeError:
        raise LookupError(f"{code} does not exist") from None


def _link(code: str) -> str:
    found = _object(code)
    if code.startswith("torch."):
        return f"`{code}`"
    path = found.__module__.removeprefix("rlkit.").replace(".", "/") + ".py"
    line = inspect.getsourcelines(found)[1]
    return f"[`{code}`](../{path}#L{line})"


def _first_line(found: Any) -> str:
    return (found.__doc__ or "").strip().split("\n")[0].replace("|", "\\|")


def _test(test: str) -> str:
    file, _, name = test.partition("::")
    path = f"tests/nets/test_{file}.py"
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == f"test_{name}":
            return f"[{name.replace('_', ' ')}](../{path}#L{node.lineno})"
    raise LookupError(f"{path} has no test_{name}")


def main() -> None:
    """Write the page, or check it."""
    page = render()
    if "--check" not in sys.argv:
        PAGE.write_text(page, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page:
        sys.exit("docs/chapters.md is out of date; run python docs/chapters.py")


if __name__ == "__main__":
    main()
