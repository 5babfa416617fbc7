"""The bridge to Stable-Baselines3: extractors, windows, and the masked recurrent PPO."""

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces
from sb3_contrib import RecurrentPPO
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy
from stable_baselines3 import A2C, DQN, PPO
from stable_baselines3.common.env_checker import check_env
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy
from torch import Tensor, nn

from rlkit.nets import core_names, make_core
from rlkit.nets.sb3 import (
    ActionMaskObservation,
    CoreExtractor,
    MaskableRecurrentPolicy,
    MaskableRecurrentPPO,
    Window,
    WindowExtractor,
    policy_kwargs,
)

Space = gymnasium.Space[Any]


class Corridor(gymnasium.Env[Any, Any]):
    """Walk right five times; the action that repeats the step's number modulo 3 is illegal."""

    def __init__(self, space: Space | None = None) -> None:
        self.observation_space = space or spaces.Box(-1, 1, (3,), np.float32)
        self.action_space = spaces.Discrete(3)
        self.time = 0

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        """Start at step 0."""
        super().reset(seed=seed, options=options)
        self.observation_space.seed(seed)
        self.time = 0
        return self.observation_space.sample(), {}

    def step(self, action: int) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Reward 1 for action 0; an illegal action is an error."""
        if not self.action_masks()[int(action)]:
            raise ValueError(f"{action} is illegal")
        self.time += 1
        reward = float(action == 0)
        return self.observation_space.sample(), reward, self.time == 5, False, {}

    def action_masks(self) -> Any:
        """Return which actions are legal."""
        return (np.arange(3) != self.time % 3).astype(np.int8)


class Unmasked(Corridor):
    """Every action is legal."""

    def action_masks(self) -> Any:
        """Return ones."""
        return np.ones(3, np.int8)


def images(*shape: int) -> spaces.Box:
    return spaces.Box(0, 255, shape, np.uint8)


@pytest.mark.parametrize(
    ("space", "core", "policy"),
    [
        (spaces.Box(-1, 1, (4,), np.float32), "mlp", "MlpPolicy"),
        (spaces.Box(-1, 1, (4, 2), np.float32), "mlp", "MlpPolicy"),
        (spaces.Discrete(5), "mlp", "MlpPolicy"),
        (spaces.MultiDiscrete([2, 3]), "mlp", "MlpPolicy"),
        (spaces.MultiBinary(3), "mlp", "MlpPolicy"),
        (
            spaces.Dict(a=spaces.Discrete(2), b=spaces.Box(-1, 1, (2,)), c=spaces.MultiBinary(2)),
            "mlp",
            "MultiInputPolicy",
        ),
        (images(3, 36, 40), "cnn", "CnnPolicy"),
        (images(3, 36, 40), "impala", "CnnPolicy"),
        (images(36, 40, 3), "residual-cnn", "CnnPolicy"),
        (images(1, 36, 36), "inception", "CnnPolicy"),
        (spaces.Box(-1, 1, (1, 32, 32), np.float32), "lenet", "MlpPolicy"),
    ],
)
def test_extractors_fit_every_space_that_sb3_preprocesses(
    space: Space, core: str, policy: str
) -> None:
    env = Unmasked(space)
    model = PPO(policy, env, n_steps=8, batch_size=8, n_epochs=1, policy_kwargs=policy_kwargs(core))
    extractor = model.policy.features_extractor
    assert isinstance(extractor, CoreExtractor)
    before = {name: p.clone() for name, p in extractor.named_parameters()}
    model.learn(8)
    assert any(not torch.equal(before[name], p) for name, p in extractor.named_parameters())
    action, _ = model.predict(env.reset(seed=0)[0])
    assert env.action_space.contains(int(action))


@pytest.mark.parametrize(
    ("space", "core", "error", "message"),
    [
        (
            spaces.Box(-1, 1, (4,)),
            "cnn",
            ValueError,
            r"got the shape \(4,\)",
        ),
        (images(3, 20, 20), "cnn", ValueError, r"at least 36 x 36; got the shape \(3, 20, 20\)"),
        (spaces.Tuple([spaces.Discrete(2)]), "mlp", TypeError, r"Box, Discrete.*got Tuple"),
        (spaces.Text(3), "mlp", TypeError, r"got Text"),
        (spaces.Dict(action_mask=spaces.MultiBinary(2)), "mlp", ValueError, "nothing to read"),
        (spaces.Box(-1, 1, (4,)), "lstm", ValueError, "has memory, which a features extractor"),
        (spaces.Box(-1, 1, (4,)), "mlpp", KeyError, "Did you mean 'mlp'"),
    ],
)
def test_spaces_that_no_extractor_fits(
    space: Space, core: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        CoreExtractor(space, core)


@pytest.mark.parametrize(
    ("space", "frames"),
    [(spaces.Box(-1, 1, (4,)), None), (spaces.Box(-1, 1, (7,)), 2), (spaces.Discrete(3), None)],
)
def test_observations_without_a_window(space: Space, frames: int | None) -> None:
    with pytest.raises(ValueError, match=r"a window is a Dict .* got"):
        WindowExtractor(space, "lstm", frames=frames)


def constant_core(shape: tuple[int, ...]) -> Any:
    core = make_core("mlp", shape, hidden=(8,))
    for parameter in core.parameters():
        nn.init.constant_(parameter, 0.5)
    return core


def test_weights_survive_the_orthogonal_start_and_the_heads_get_it() -> None:
    model = PPO("MlpPolicy", Unmasked(), policy_kwargs=policy_kwargs(constant_core))
    assert model.policy.ortho_init
    for parameter in model.policy.features_extractor.parameters():
        assert torch.equal(parameter, torch.full_like(parameter, 0.5))
    W: Tensor = model.policy.action_net.weight  # type: ignore[assignment]
    torch.testing.assert_close(W @ W.T, 0.01**2 * torch.eye(3), atol=1e-7, rtol=0)
    separate = policy_kwargs(constant_core) | {"share_features_extractor": False}
    policy = A2C("MlpPolicy", Unmasked(), policy_kwargs=separate).policy
    for extractor in (policy.pi_features_extractor, policy.vf_features_extractor):
        assert all(torch.equal(p, torch.full_like(p, 0.5)) for p in extractor.parameters())


def test_apply_still_reaches_every_module() -> None:
    extractor = CoreExtractor(spaces.Box(-1, 1, (4,)), "mlp")
    seen: list[nn.Module] = []
    extractor.apply(seen.append)
    assert set(extractor.modules()) == set(seen)


def test_adams_epsilon_is_kept_and_nothing_stands_behind_the_core() -> None:
    for kwargs in (policy_kwargs(), policy_kwargs(optimizer_kwargs={"weight_decay": 0.1})):
        policy = PPO("MlpPolicy", Unmasked(), policy_kwargs=kwargs).policy
        assert policy.optimizer.defaults["eps"] == 1e-5
        assert not list(policy.mlp_extractor.parameters())
    assert policy.optimizer.defaults["weight_decay"] == 0.1
    own = policy_kwargs(optimizer_kwargs={"eps": 1e-3}, net_arch=[7])
    policy = PPO("MlpPolicy", Unmasked(), policy_kwargs=own).policy
    assert policy.optimizer.defaults["eps"] == 1e-3
    assert policy.mlp_extractor.latent_dim_pi == 7


def test_off_policy_algorithms_and_saved_models(tmp_path: Path) -> None:
    model = DQN(
        "MlpPolicy",
        Unmasked(),
        learning_starts=4,
        policy_kwargs=policy_kwargs("mlp", on_policy=False, optimizer_kwargs={}),
    )
    assert model.policy.optimizer.defaults["eps"] == 1e-8
    model.learn(16)
    model.save(tmp_path / "model")
    again = DQN.load(tmp_path / "model")
    observation = np.ones(3, np.float32)
    assert (
        model.predict(observation, deterministic=True)[0]
        == again.predict(observation, deterministic=True)[0]
    )


def test_a_window_holds_the_past_of_this_episode() -> None:
    inner = Unmasked()
    env = Window(inner, 4, actions_and_rewards=True)
    check_env(env, warn=False)  # it wonders at two dimensions
    first, _ = env.reset(seed=0)
    assert first["real"].tolist() == [0, 0, 0, 1]
    assert first["window"].shape == (4, 3 + 3 + 1)
    assert not first["window"][:3].any()
    assert not first["window"][3, 3:].any()
    second, *_ = env.step(0)
    third, *_ = env.step(2)
    assert third["real"].tolist() == [0, 1, 1, 1]
    np.testing.assert_array_equal(third["window"][1:3], second["window"][2:])
    assert third["window"][2, 3:].tolist() == [1, 0, 0, 1]
    assert third["window"][3, 3:].tolist() == [0, 0, 1, 0]
    for _ in range(3):
        last, *_ = env.step(1)
    assert last["real"].tolist() == [1, 1, 1, 1]
    assert env.reset(seed=1)[0]["real"].tolist() == [0, 0, 0, 1]
    with pytest.raises(ValueError, match="a length of at least 1"):
        Window(inner, 0)


VECTOR_CORES = sorted(set(core_names()) - {"cnn", "lenet", "impala", "residual-cnn", "inception"})


@pytest.mark.parametrize("core", VECTOR_CORES)
def test_a_window_is_read_as_the_episode_was(core: str) -> None:
    """Padding changes nothing: the features are those of a core that has just begun."""
    settings = {"memory": 8, "model_size": 8} if core in {"transformer", "gtrxl"} else {}
    space = Window(Unmasked(), 6).observation_space
    extractor = WindowExtractor(space, core, **settings).eval()  # dropout has masks an episode
    window, real = torch.randn(2, 6, 3), torch.ones(2, 6)
    real[1, :4] = 0
    features = extractor({"window": window, "real": real})
    inner = extractor.core
    for row, frames in ((0, window[0]), (1, window[1, 4:])):
        x = frames.unsqueeze(1)
        y, _ = inner.unroll(x, inner.initial_state(1), torch.zeros(len(x), 1))
        torch.testing.assert_close(features[row], y[-1, 0], atol=1e-5, rtol=0)
    assert extractor({"window": window, "real": 0 * real}).isfinite().all()


def test_windows_of_frame_stacks_and_boxes() -> None:
    stacked = WindowExtractor(spaces.Box(-1, 1, (8,)), "gru", frames=4, hidden_size=5)
    boxed = WindowExtractor(spaces.Box(-1, 1, (4, 2)), "gru", hidden_size=5)
    boxed.load_state_dict(stacked.state_dict())
    x = torch.randn(3, 4, 2)
    torch.testing.assert_close(stacked(x.flatten(1)), boxed(x))
    assert stacked.features_dim == 5


def test_ppo_learns_with_a_window_transformer() -> None:
    env = Window(Unmasked(), 4)
    kwargs = policy_kwargs("transformer", window=True, model_size=8, heads=2, memory=4)
    model = PPO("MultiInputPolicy", env, n_steps=8, batch_size=8, n_epochs=1, policy_kwargs=kwargs)
    model.learn(16)
    assert isinstance(model.policy.features_extractor, WindowExtractor)


def masked_env() -> ActionMaskObservation:
    return ActionMaskObservation(Corridor())


def test_the_mask_is_put_into_the_observation() -> None:
    env = masked_env()
    check_env(ActionMaskObservation(Unmasked()))
    observation, _ = env.reset(seed=0)
    assert observation["action_mask"].tolist() == [0, 1, 1]
    assert env.step(1)[0]["action_mask"].tolist() == [1, 0, 1]
    both = ActionMaskObservation(Window(Corridor(), 3)).reset()[0]
    assert set(both) == {"window", "real", "action_mask"}
    with pytest.raises(TypeError, match="for Discrete and MultiDiscrete actions; got Box"):
        ActionMaskObservation(gymnasium.make("Pendulum-v1"))


SMALL = {"n_steps": 16, "batch_size": 32, "n_epochs": 2, "seed": 0, "device": "cpu"}


def test_masked_recurrent_ppo_never_acts_illegally_and_learns() -> None:
    """The corridor raises on an illegal action, in the first rollout as later."""
    env = make_vec_env(masked_env, n_envs=2, seed=0)
    model = MaskableRecurrentPPO(
        "MultiInputLstmPolicy",
        env,
        learning_rate=2e-2,
        policy_kwargs={"lstm_hidden_size": 8},
        **SMALL,
    )
    model.learn(1_280)
    mean, _ = evaluate_policy(model, env, n_eval_episodes=4)
    assert mean == 3.0  # steps 0 and 3 forbid action 0


def test_an_argument_wins_over_the_observations_mask(tmp_path: Path) -> None:
    env = make_vec_env(masked_env, n_envs=2, seed=0)
    model = MaskableRecurrentPPO("MultiInputLstmPolicy", env, **SMALL)
    observation: Any = env.reset()
    only_two = np.tile([0, 0, 1], (2, 1))
    for _ in range(10):
        assert model.predict(observation, action_masks=only_two)[0].tolist() == [2, 2]
        assert 0 not in model.predict(observation)[0]
    model.save(tmp_path / "model")
    again = MaskableRecurrentPPO.load(tmp_path / "model")
    assert again.predict(observation, deterministic=True)[0].tolist() == (
        model.predict(observation, deterministic=True)[0].tolist()
    )


def test_probabilities_and_entropy_are_of_the_legal_actions() -> None:
    env = make_vec_env(masked_env, n_envs=2, seed=0)
    policy = MaskableRecurrentPPO("MultiInputLstmPolicy", env, **SMALL).policy
    assert isinstance(policy, MaskableRecurrentPolicy)
    mask = torch.tensor([[1, 0, 1], [0, 0, 0]])
    obs = {"observation": torch.randn(2, 3), "action_mask": mask}
    states = (torch.zeros(1, 2, 256), torch.zeros(1, 2, 256))
    distribution, _ = policy.get_distribution(obs, states, torch.ones(2))
    probs = distribution.distribution.probs
    assert probs[0, 1] == 0
    entropy = -sum(p * np.log(p) for p in probs[0, [0, 2]].tolist())
    assert distribution.entropy()[0].item() == pytest.approx(entropy, abs=1e-6)
    free, _ = policy.get_distribution(
        {**obs, "action_mask": torch.ones(2, 3)}, states, torch.ones(2)
    )
    torch.testing.assert_close(probs[1], free.distribution.probs[1])
    odds = free.distribution.probs[0]
    torch.testing.assert_close(probs[0, 0] / probs[0, 2], odds[0] / odds[2])


def test_masks_need_discrete_actions() -> None:
    space = spaces.Dict(x=spaces.Box(-1, 1, (2,)), action_mask=spaces.MultiBinary(2))
    with pytest.raises(TypeError, match="for Discrete and MultiDiscrete actions; got Box"):
        MaskableRecurrentPolicy(space, spaces.Box(-1, 1, (2,)), lambda _: 1e-3)


@pytest.mark.parametrize("middle", [False, True])
def test_one_kernel_call_gives_what_the_loop_gives(middle: bool) -> None:
    lstm = nn.LSTM(3, 4, num_layers=2)
    states = (torch.randn(2, 5, 4), torch.randn(2, 5, 4))
    starts = torch.zeros(5, 6)
    starts[[0, 3], 0] = 1
    starts[2, 4] = float(middle)
    features = torch.randn(30, 3)
    calls: list[int] = []
    lstm.register_forward_hook(lambda *_: calls.append(1))
    y, after = MaskableRecurrentPolicy._process_sequence(features, states, starts.flatten(), lstm)
    assert len(calls) == (6 if middle else 1)
    slow = RecurrentActorCriticPolicy._process_sequence
    expected, last = slow(features, states, starts.flatten(), lstm)
    torch.testing.assert_close(y, expected)
    torch.testing.assert_close(after, last)


def trained(algorithm: type[Any]) -> dict[str, Tensor]:
    env = make_vec_env("CartPole-v1", n_envs=4, seed=0)
    model = algorithm(
        "MlpLstmPolicy",
        env,
        n_steps=128,
        batch_size=256,
        n_epochs=2,
        seed=0,
        device="cpu",
        policy_kwargs={"lstm_hidden_size": 64},
    )
    model.learn(512)
    model.train()
    parameters: dict[str, Tensor] = model.policy.state_dict()
    return parameters


def test_without_masks_it_learns_what_recurrent_ppo_learns() -> None:
    torch.testing.assert_close(
        trained(MaskableRecurrentPPO), trained(RecurrentPPO), atol=1e-6, rtol=0
    )
