"""Writes `docs/chapters.md`: where each item of the course stands in the code, and its test.

    python -m studies.pages.chapters          # write the page
    python -m studies.pages.chapters --check  # exit with 1 if the page is out of date

The first line of a docstring says what a class is, so the page repeats nothing: a row names the
code and the test, and both must exist.
"""

import ast
import inspect
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "chapters.md"


class Row(NamedTuple):
    """One item of a chapter."""

    id: str
    item: str
    code: str
    """Names in `rlkit.nets`, or full names in `rlkit` and other libraries, between spaces."""
    test: str
    """`file::function` without prefix and suffix; the folder stands before, unless it is nets."""


FOLDERS = ("agents", "envs", "nets", "scripts")
"""Those that are imported as `rlkit.FOLDER`."""
FOREIGN = {"torch": "PyTorch", "stable_baselines3": "Stable-Baselines3"}
"""Libraries whose own classes a row may name."""

TITLES = {
    "2": "Machine learning",
    "3": "Linear models",
    "4": "Feed-forward networks",
    "5": "Convolutional networks",
    "6": "Recurrent networks",
    "7": "Optimisation and regularisation",
    "8": "Attention and the Transformer",
    "14": "Reinforcement learning",
}

ROWS = (
    Row(
        "2.1",
        "generalised linear model",
        "polynomial_features radial_features fourier_features least_squares",
        "linear_models::a_generalised_linear_model_fits_what_its_features_span",
    ),
    Row(
        "2.2",
        "expected risk",
        "squared_loss",
        "linear_models::the_expected_risk_is_what_the_empirical_risk_tends_to",
    ),
    Row(
        "2.3",
        "empirical risk",
        "squared_loss",
        "linear_models::the_expected_risk_is_what_the_empirical_risk_tends_to",
    ),
    Row(
        "2.4",
        "structural risk",
        "StructuralRisk least_squares",
        "linear_models::ridge_regression_minimises_the_structural_risk",
    ),
    Row(
        "2.4b",
        "losses",
        "zero_one_loss squared_loss cross_entropy hinge_loss",
        "linear_models::losses_by_hand",
    ),
    Row("2.5", "batch gradient descent", "fit", "linear_models::a_batch_step_is_its_formula"),
    Row(
        "2.6",
        "stochastic gradient descent",
        "fit",
        "linear_models::the_mean_of_stochastic_gradients_is_the_batch_gradient",
    ),
    Row(
        "2.7",
        "mini-batches",
        "minibatches",
        "linear_models::the_variance_of_a_minibatch_gradient_falls_with_its_size",
    ),
    Row("2.8", "early stopping", "EarlyStopping", "regularisers::stopping_by_hand"),
    Row(
        "2.9",
        "L1",
        "l1_penalty soft_threshold_after soft_threshold",
        "regularisers::the_proximal_step_solves_the_lasso_on_an_orthogonal_design",
    ),
    Row("2.10", "L2", "l2_penalty", "regularisers::l2_is_the_weight_decay_of_sgd"),
    Row(
        "2.11",
        "elastic net",
        "elastic_net_penalty",
        "regularisers::penalties_and_their_gradients_by_hand",
    ),
    Row(
        "2.12",
        "weight decay",
        "decay_before decay_groups",
        "regularisers::decay_of_the_chapter_is_not_scaled_by_the_learning_rate",
    ),
    Row(
        "2.12",
        "PyTorch's weight decay",
        "torch.optim.AdamW",
        "regularisers::adamw_decays_by_rate_times_strength_and_adam_by_a_step",
    ),
    Row(
        "2.13",
        "data augmentation",
        "RandomShift",
        "regularisers::random_shift_is_a_crop_of_the_padded_image",
    ),
    Row(
        "2.14",
        "label smoothing",
        "smooth_labels pytorch_smoothing",
        "linear_models::label_smoothing_is_pytorchs_with_another_epsilon",
    ),
    Row(
        "2.15",
        "no free lunch",
        "studies.course.theorems.mean_best",
        "studies/course::no_search_is_better_over_all_problems",
    ),
    Row(
        "2.15",
        "ugly duckling",
        "studies.course.theorems.shared_predicates",
        "studies/course::every_pair_shares_as_many_predicates",
    ),
    Row(
        "3.1",
        "logistic regression",
        "LogisticRegression",
        "linear_models::logistic_regression_scores_are_log_odds_and_start_at_zero",
    ),
    Row(
        "3.2",
        "its risk and update",
        "LogisticRegression fit",
        "linear_models::one_step_of_logistic_regression_by_hand",
    ),
    Row(
        "3.3",
        "softmax regression",
        "SoftmaxRegression",
        "linear_models::softmax_regression_of_two_classes_is_logistic_regression",
    ),
    Row(
        "3.4",
        "its risk and gradient",
        "SoftmaxRegression",
        "linear_models::the_gradient_of_softmax_regression_is_its_formula",
    ),
    Row(
        "3.5",
        "redundancy and overflow",
        "torch.nn.CrossEntropyLoss",
        "linear_models::softmax_is_redundant_and_does_not_overflow",
    ),
    Row(
        "3.6",
        "squared loss for classes",
        "studies.course.fits.gradients",
        "linear_models::squared_loss_saturates_where_cross_entropy_does_not",
    ),
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
    Row(
        "7.1",
        "mini-batch gradient",
        "torch.optim.SGD minibatches",
        "linear_models::the_variance_of_a_minibatch_gradient_falls_with_its_size",
    ),
    Row("7.2", "piecewise constant rate", "PiecewiseConstant", "schedules::values_by_hand"),
    Row("7.3", "inverse time", "InverseTime", "schedules::values_by_hand"),
    Row("7.4", "exponential", "Exponential", "schedules::they_are_pytorchs_where_both_exist"),
    Row(
        "7.5",
        "natural exponential",
        "NaturalExponential",
        "schedules::they_are_pytorchs_where_both_exist",
    ),
    Row("7.6", "cosine", "Cosine Held", "schedules::pytorchs_cosine_climbs_again_and_ours_ends"),
    Row("7.7", "warm-up", "WarmUp", "schedules::they_are_pytorchs_where_both_exist"),
    Row(
        "7.8",
        "triangular cycles",
        "Triangular",
        "schedules::peaks_of_cycles_shrink_and_periods_grow",
    ),
    Row(
        "7.9", "warm restarts", "WarmRestarts", "schedules::peaks_of_cycles_shrink_and_periods_grow"
    ),
    Row(
        "7.9",
        "adapters",
        "lambda_lr sb3_schedule",
        "schedules::lambda_lr_gives_every_update_its_rate_and_resumes",
    ),
    Row(
        "7.9b",
        "plateau",
        "EarlyStopping torch.optim.lr_scheduler.ReduceLROnPlateau",
        "regularisers::stopping_by_hand",
    ),
    Row("7.10", "Adagrad", "TextbookAdagrad", "optimizers::adagrad_is_its_formula"),
    Row("7.11", "RMSprop", "TextbookRMSprop", "optimizers::rmsprop_is_its_formula"),
    Row(
        "7.11",
        "TensorFlow's RMSprop",
        "TextbookRMSprop",
        "optimizers::tensorflows_rmsprop_is_stable_baselines3s",
    ),
    Row(
        "7.12",
        "AdaDelta",
        "TextbookAdaDelta",
        "optimizers::adadelta_is_its_formula_and_pytorchs_where_both_rates_are_equal",
    ),
    Row(
        "7.13",
        "momentum",
        "TextbookMomentum",
        "optimizers::momentum_keeps_its_last_step_under_a_schedule_where_pytorch_rescales_it",
    ),
    Row("7.14", "Nesterov", "TextbookNesterov", "optimizers::nesterov_takes_the_gradient_ahead"),
    Row(
        "7.14",
        "PyTorch's Nesterov",
        "torch.optim.SGD",
        "optimizers::pytorchs_nesterov_holds_the_look_ahead_point_for_a_constant_rate",
    ),
    Row("7.15", "Adam", "TextbookAdam", "optimizers::adam_is_its_formula"),
    Row(
        "7.15",
        "epsilon inside the root",
        "TextbookAdam",
        "optimizers::epsilon_inside_the_root_is_a_floor_for_small_gradients",
    ),
    Row(
        "7.15b",
        "Nadam, AMSGrad, by name",
        "make_optimizer",
        "optimizers::every_name_makes_an_optimizer_that_descends",
    ),
    Row(
        "7.15c", "general form", "GeneralOptimizer", "optimizers::the_general_form_reduces_to_each"
    ),
    Row(
        "7.16", "clip by value", "clip_by_value", "optimizers::clipping_by_value_may_be_asymmetric"
    ),
    Row(
        "7.17",
        "clip by norm",
        "clip_by_norm",
        "optimizers::clipping_by_norm_is_joint_exact_and_only_above_the_limit",
    ),
    Row("7.18", "Gaussian start", "gaussian_", "initialisers::the_variance_is_the_chapters"),
    Row("7.19", "uniform start", "uniform_", "initialisers::the_variance_is_the_chapters"),
    Row(
        "7.20",
        "Xavier",
        "initialise gain",
        "initialisers::the_logistic_needs_four_times_the_weights_of_tanh",
    ),
    Row(
        "7.21",
        "He",
        "initialise",
        "initialisers::he_keeps_signals_alive_where_pytorchs_default_loses_them",
    ),
    Row("7.22", "orthogonal", "initialise", "initialisers::orthogonal_weights_keep_the_norm"),
    Row("7.22b", "constants", "initialise LSTM", "initialisers::the_variance_is_the_chapters"),
    Row(
        "7.22c",
        "PyTorch's defaults",
        "torch.nn.Linear",
        "initialisers::he_keeps_signals_alive_where_pytorchs_default_loses_them",
    ),
    Row("7.23", "min-max", "MinMax", "normalisers::min_max_fills_the_unit_interval"),
    Row(
        "7.24",
        "standardisation",
        "Standard",
        "normalisers::standard_data_have_mean_0_and_deviation_1",
    ),
    Row(
        "7.24",
        "running standardisation",
        "RunningStandard",
        "normalisers::running_moments_are_those_of_all_data",
    ),
    Row(
        "7.25",
        "PCA and ZCA whitening",
        "Whitening",
        "normalisers::whitened_data_have_covariance_one",
    ),
    Row(
        "7.26",
        "batch normalisation",
        "torch.nn.BatchNorm1d",
        "normalisers::batch_norm_is_its_formula_and_its_running_variance_unbiased",
    ),
    Row(
        "7.27",
        "layer normalisation",
        "torch.nn.LayerNorm",
        "normalisers::layer_norm_goes_over_the_units_of_one_example",
    ),
    Row(
        "7.27b",
        "why not batch norm in an RNN",
        "torch.nn.LayerNorm torch.nn.BatchNorm1d",
        "normalisers::batch_norm_depends_on_the_other_rows_and_layer_norm_does_not",
    ),
    Row(
        "7.27c",
        "before or after the product",
        "torch.nn.BatchNorm1d",
        "normalisers::batch_norm_before_the_activation_fixes_the_net_input",
    ),
    Row(
        "7.28",
        "weight norm, local response norm",
        "torch.nn.utils.parametrizations.weight_norm torch.nn.LocalResponseNorm",
        "normalisers::weight_norm_and_local_response_norm",
    ),
    Row(
        "7.29",
        "dropout",
        "TextbookDropout",
        "regularisers::dropout_is_pytorchs_up_to_the_factor_keep",
    ),
    Row(
        "7.30",
        "dropout between layers",
        "torch.nn.LSTM",
        "regularisers::dropout_between_layers_of_an_lstm_spares_the_last",
    ),
    Row(
        "7.31",
        "variational dropout",
        "VariationalDropout LSTMCell",
        "regularisers::one_mask_an_episode_on_input_hidden_state_and_output",
    ),
    Row(
        "7.31",
        "and PPO's ratio",
        "VariationalDropout",
        "regularisers::ppos_ratio_is_one_before_the_first_gradient_step",
    ),
    Row(
        "7.32",
        "Monte Carlo dropout",
        "monte_carlo",
        "regularisers::monte_carlo_dropout_has_the_mean_and_spread_of_its_masks",
    ),
    Row(
        "7.33",
        "saddle points",
        "studies.course.surfaces.leave_saddle",
        "studies/course::noise_leaves_a_saddle_and_plain_descent_does_not",
    ),
    Row(
        "7.33",
        "flat and sharp minima",
        "studies.course.minima.share_that_leaves",
        "studies/course::a_large_step_leaves_a_sharp_minimum",
    ),
    Row(
        "7.34",
        "search for hyper-parameters",
        "grid random_search bayesian_search successive_halving",
        "search::a_model_finds_the_best_of_many_with_few_trials",
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
    Row(
        "14.1",
        "five elements",
        "rlkit.elements.Elements",
        "contracts/environments::the_five_elements_are_named",
    ),
    Row(
        "14.2",
        "trajectory probability",
        "rlkit.mdp.MDP",
        "policy_gradient::trajectory_probabilities_sum_to_one",
    ),
    Row("14.3", "return", "rlkit.returns.discounted_returns", "rlkit/returns::targets_by_hand"),
    Row(
        "14.4",
        "value functions, Bellman",
        "rlkit.model.TabularModel",
        "agents/planning::example_3_5_random_policy",
    ),
    Row(
        "14.5",
        "optimality",
        "rlkit.agents.planning.ValueIteration",
        "agents/planning::random_problems_against_a_linear_program",
    ),
    Row(
        "14.6",
        "policy and value iteration",
        "rlkit.agents.planning.PolicyIteration rlkit.agents.planning.ValueIteration",
        "agents/planning::published_optima",
    ),
    Row(
        "14.7",
        "Monte Carlo, epsilon-greedy",
        "rlkit.agents.tabular.MonteCarlo",
        "agents/tabular_learning::epsilon_greedy_has_the_textbook_odds_and_keeps_the_mask",
    ),
    Row(
        "14.8",
        "SARSA, Q-learning",
        "rlkit.agents.tabular.SARSA rlkit.agents.tabular.QLearning",
        "agents/tabular_learning::targets_by_hand",
    ),
    Row("14.9", "DQN", "rlkit.agents.deep.DQN", "agents/deep/dqn::targets_by_hand"),
    Row(
        "14.10",
        "REINFORCE, with a baseline",
        "rlkit.agents.deep.REINFORCE",
        "agents/deep/learning::reinforce_follows_the_box",
    ),
    Row(
        "14.11",
        "actor-critic",
        "rlkit.agents.deep.OneStepActorCritic rlkit.agents.deep.ActorCritic",
        "agents/deep/learning::one_step_actor_critic_follows_the_box",
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
        "Written by `python -m studies.pages.chapters`; a test fails when it is out of date.",
        "Chapters are those of Xipeng Qiu, *Neural Networks and Deep Learning*; equations have",
        "the numbers of the author's chapters of April 2019, the Transformer's section that of",
        "the printed book.",
        "Where the code is PyTorch's own, the test shows that it is the chapter's formula.",
        "",
        "The course's questions are answered [on a page of their own](exam.md), and",
        "[optimisation has pictures](optimisation.md).",
    ]
    for chapter, title in TITLES.items():
        lines += ["", f"## Chapter {chapter}: {title}", ""]
        lines += ["| row | item | code | what it is | test |", "|---|---|---|---|---|"]
        lines += [_line(row) for row in ROWS if row.id.split(".")[0] == chapter]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    codes = row.code.split()
    links = ", ".join(_link(code) for code in codes)
    ours = [_object(code) for code in codes if not code.startswith(tuple(FOREIGN))]
    what = _first_line(ours[0]) if ours else f"{FOREIGN[codes[0].split('.')[0]]}'s own"
    return f"| {row.id} | {row.item} | {links} | {what} | {_test(row.test)} |"


def _object(code: str) -> Any:
    module, _, name = code.rpartition(".")
    try:
        return getattr(import_module(module or "rlkit.nets"), name)
    except AttributeError:
        raise LookupError(f"{code} does not exist") from None


def _link(code: str) -> str:
    found = _object(code)
    if code.startswith(tuple(FOREIGN)):
        return f"`{code}`"
    path = found.__module__.replace(".", "/") + ".py"
    if path.split("/")[1] in FOLDERS:  # import names begin with rlkit, the folders stand at the top
        path = path.removeprefix("rlkit/")
    line = inspect.getsourcelines(found)[1]
    return f"[`{code.rpartition('.')[2]}`](../{path}#L{line})"


def _first_line(found: Any) -> str:
    return (found.__doc__ or "").strip().split("\n")[0].replace("|", "\\|")


def _test(test: str) -> str:
    file, _, name = test.partition("::")
    folder, _, stem = f"nets/{file}".rpartition("/") if "/" not in file else file.rpartition("/")
    path = f"tests/{folder}/test_{stem}.py"
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
        sys.exit("docs/chapters.md is out of date; run python -m studies.pages.chapters")


if __name__ == "__main__":
    main()
