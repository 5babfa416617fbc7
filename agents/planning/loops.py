"""Discount 1: loops in which staying is free, taken out of a problem, and put back in.

The optimum at discount 1 is the best expected total reward of all policies that have one, whether
they end or not. A policy that never ends stays in an end component at last, and there

- with a positive gain (average reward) the optimum is infinite;
- with a negative one that policy is worth minus infinity, and nobody takes it;
- with a gain of zero the way through the component is free but for a potential h, and staying is
  worth nothing if every reward on the way is zero; else its return has no limit.

Where such a loop exists Bellman's equation has many solutions. Therefore each free component is
made one state, left by any action that leaves the component, and with one more action, to stay, if
staying has a value (as Brazdil et al. 2014 and Haddad and Monmege 2018 do for probabilities). Then
a policy either ends or is worth minus infinity, as in a stochastic shortest path problem, and
Bellman's equation has one solution, the optimum (Bertsekas and Tsitsiklis 1991).
"""

from typing import NamedTuple

import numpy as np
from scipy import sparse

from rlkit.agents.planning.components import Components, end_components, ending_rows
from rlkit.agents.planning.gains import largest_gain, threshold
from rlkit.arrays import Bools, Floats, Ints
from rlkit.model import TabularModel


class FreeLoops(NamedTuple):
    """The end components through which the way is free.

    Attributes:
        parts: The components.
        h: Their potentials, `(S,)`; 0 outside.
        idle: Within them, the components of actions that pay exactly nothing.
    """

    parts: Components
    h: Floats
    idle: Components


class LoopFree:
    """A problem at discount 1 with every free component made one state.

    States keep their numbers. A component is entered at the root of a tree of new states; its
    leaves are the states in which it can be left, or stayed in for ever.

    Args:
        original: The problem.
        loops: Its free components.

    Attributes:
        model: The problem without free loops.
        error: What rounding in the potentials may add to an error of the values.

    Raises:
        ValueError: If a component can neither be left nor be stayed in for nothing.
    """

    def __init__(self, original: TabularModel, loops: FreeLoops) -> None:
        self.original, self.loops = original, loops
        parts = loops.parts
        self._within = parts.label >= 0
        self._first = first_rows(loops.idle.inside, original)
        self._rest = self._resting_states()
        legal = original.legal & ~parts.inside.reshape(original.legal.shape)
        legal.flat[self._first[self._rest]] = True
        leaves = self._within & legal.any(axis=1)
        self._roots, self._children = self._trees(leaves)
        self._hub = np.arange(original.num_states)
        self._hub[self._within] = self._roots[parts.label[self._within]]
        self.model = self._build(legal, leaves)
        drift = np.abs(self._rewards().ravel())[parts.inside]
        self.error = float(drift.max(initial=0.0)) * original.num_states

    def values(self, values: Floats) -> Floats:
        """Return the values of the original problem, `(S,)`."""
        return np.asarray(values[self._hub] + self.loops.h)

    def policy(self, policy: Ints) -> Ints:
        """Return the policy of the original problem, `(S,)`.

        In a component it goes to where it leaves, or to where it idles.
        """
        from rlkit.agents.planning.graphs import route, rows_into

        model, parts, idle = self.original, self.loops.parts, self.loops.idle
        chosen = np.arange(model.num_states) * model.num_actions + policy[: model.num_states]
        leaf = self._chosen_leaves(policy)
        goals = ~self._within
        goals[leaf] = True
        resting = np.intersect1d(self._rest, leaf)
        resting = resting[chosen[resting] == self._first[resting]]
        at_rest = self._within & np.isin(idle.label, idle.label[resting])
        chosen[at_rest] = self._first[at_rest]
        into = rows_into(model.P.indptr, model.P.indices, model.num_states)
        route(*into, owners(model), parts.inside, goals | at_rest, chosen)
        return chosen % model.num_actions

    def _rewards(self) -> Floats:
        """Return r + P h - h, `(S, A)`."""
        model, h = self.original, self.loops.h
        return np.asarray(model.R + (model.P @ h).reshape(model.R.shape) - h[:, None])

    def _resting_states(self) -> Ints:
        """Return, for each component where idling has a value, the state where it is best."""
        label, idle, h = self.loops.parts.label, self.loops.idle.label, self.loops.h
        states = np.flatnonzero(idle >= 0)
        states = states[np.lexsort((h[states], label[states]))]
        return states[np.flatnonzero(np.diff(label[states], prepend=-1))]

    def _trees(self, leaves: Bools) -> tuple[Ints, Ints]:
        """Return the root of each component and the children of the new states, -1 for none."""
        model, label = self.original, self.loops.parts.label
        children: list[list[int]] = []
        roots = np.empty(self.loops.parts.number, dtype=np.int64)
        states = np.flatnonzero(leaves)
        states = states[np.argsort(label[states], kind="stable")]
        ends = np.searchsorted(label[states], np.arange(len(roots)), "right")
        for part, level in enumerate(np.split(states, ends[:-1])):
            nodes = level.tolist()
            if not nodes:
                raise ValueError(
                    f"at discount 1 no policy has a value in state {int((label == part).argmax())}:"
                    " none leaves a loop there whose rewards go up and down, so that the return of "
                    "staying has no limit. Use a discount below 1 or let the episode end."
                )
            while len(nodes) > 1:
                arity = model.num_actions
                groups = [nodes[i : i + arity] for i in range(0, len(nodes), arity)]
                nodes = []
                for group in groups:
                    children.append(group)
                    nodes.append(model.num_states + len(children) - 1)
            roots[part] = nodes[0]
        padded = [group + [-1] * (model.num_actions - len(group)) for group in children]
        return roots, np.array(padded, dtype=np.int64).reshape(-1, model.num_actions)

    def _build(self, legal: Bools, leaves: Bools) -> TabularModel:
        model, new = self.original, len(self._children)
        size, num_actions = model.num_states + new, model.num_actions
        rest = self._first[self._rest]
        taken = legal.ravel() & (~model.over)[owners(model)]
        taken[rest] = False
        rows = np.repeat(np.arange(len(taken)), np.diff(model.P.indptr))
        kept = taken[rows]
        branches = np.flatnonzero(self._children.ravel() >= 0)
        places = (
            np.concatenate([rows[kept], branches + len(taken)]),
            np.concatenate([self._hub[model.P.indices[kept]], self._children.ravel()[branches]]),
        )
        probs = np.concatenate([model.P.data[kept], np.ones(len(branches))])
        rewards, ends = self._rewards(), model.terminates * taken.reshape(legal.shape)
        rewards.flat[rest], ends.flat[rest] = -self.loops.h[self._rest], 1.0
        grown = np.zeros((new, num_actions))
        return TabularModel(
            sparse.coo_array((probs, places), shape=(size * num_actions, size)).tocsr(),
            np.concatenate([rewards, grown]),
            1.0,
            terminal=np.concatenate([model.over | (self._within & ~leaves), grown[:, 0] > 0]),
            terminates=np.concatenate([ends, grown]),
            legal=np.concatenate([legal, self._children >= 0]),
        )

    def _chosen_leaves(self, policy: Ints) -> Ints:
        """Return the leaf to which a policy goes in each component."""
        at, size = self._roots.copy(), self.original.num_states
        while (at >= size).any():
            above = at >= size
            at[above] = self._children[at[above] - size, policy[at[above]]]
        return at


def without_free_loops(model: TabularModel) -> LoopFree | None:
    """Return a problem at discount 1 without free loops; None if it has none.

    Raises:
        ValueError: If the optimum is infinite, or in some state no policy has a value.
    """
    ending = ending_rows(model.P, model.over)
    loops = free_loops(model, ending)
    if not loops.parts.number:
        refuse_hopeless(model, ending)
        return None
    problem = LoopFree(model, loops)
    refuse_hopeless(problem.model, ending_rows(problem.model.P, problem.model.over))
    return problem


def free_loops(model: TabularModel, ending: Bools) -> FreeLoops:
    """Return the free components of a problem at discount 1.

    Args:
        model: The problem.
        ending: Which rows may end the episode, `(S * A,)`.

    Raises:
        ValueError: If the optimum is infinite.
    """
    owner, rewards = owners(model), model.R.ravel()
    endless = model.legal.ravel() & ~model.over[owner] & ~ending
    free, h = endless & (rewards == 0), np.zeros(model.num_states)
    if (endless & (rewards > 0)).any():
        whole = end_components(model.P, owner, endless)
        for rows in _paying_components(whole, owner, rewards):
            _weigh(model, rows, free, h)
    parts = end_components(model.P, owner, free)
    paid = np.unique(parts.label[owner[parts.inside & (rewards != 0)]])
    h[~np.isin(parts.label, paid)] = 0.0
    if not len(paid):
        return FreeLoops(parts, h, parts)
    return FreeLoops(parts, h, end_components(model.P, owner, parts.inside & (rewards == 0)))


def refuse_hopeless(model: TabularModel, ending: Bools) -> None:
    """Refuse a problem without free loops in which some state never comes to an end.

    Raises:
        ValueError: With such a state.
    """
    from rlkit.agents.planning.graphs import route, rows_into

    owner = owners(model)
    allowed = model.legal.ravel() & ~model.over[owner]
    goals = model.over.copy()
    goals[owner[allowed & ending]] = True
    into = rows_into(model.P.indptr, model.P.indices, model.num_states)
    reached = route(*into, owner, allowed, goals, np.zeros(model.num_states, dtype=np.int64))
    if not reached.all():
        raise ValueError(
            f"at discount 1 the optimum is minus infinity: the problem is improper, since from "
            f"state {int((~reached).argmax())} no policy ever ends the episode, and each one pays "
            "for ever. Use a discount below 1."
        )


def owners(model: TabularModel) -> Ints:
    """Return the state of each row of P, `(S * A,)`."""
    return np.arange(model.num_states * model.num_actions) // model.num_actions


def first_rows(inside: Bools, model: TabularModel) -> Ints:
    """Return the first row inside of each state, `(S,)`; any where there is none."""
    actions = inside.reshape(model.legal.shape).argmax(axis=1)
    return np.asarray(np.arange(model.num_states) * model.num_actions + actions)


def _paying_components(whole: Components, owner: Ints, rewards: Floats) -> list[Ints]:
    """Return the rows of each component in which something is gained."""
    rows = np.flatnonzero(whole.inside)
    label = whole.label[owner[rows]]
    paying = np.zeros(whole.number, dtype=np.bool_)
    paying[label[rewards[rows] > 0]] = True
    if not paying.any():
        return []
    rows, label = rows[paying[label]], label[paying[label]]
    rows = rows[np.argsort(label, kind="stable")]
    return np.split(rows, np.cumsum(np.bincount(label, minlength=whole.number)[paying])[:-1])


def _weigh(model: TabularModel, rows: Ints, free: Bools, h: Floats) -> None:
    """Note which rows of a component are free, and its potential.

    Raises:
        ValueError: If its gain is positive.
    """
    states, owner = np.unique(owners(model)[rows], return_inverse=True)
    rewards = model.R.ravel()[rows]
    gain, potential = np.inf, np.zeros(len(states))
    if (rewards < 0).any():
        gain, potential = largest_gain(model.P[rows][:, states], rewards, owner)
    least = threshold(rewards, potential)
    if gain > least:
        raise ValueError(
            f"at discount 1 the optimum is infinite: from state {states[0]} a policy gains for "
            "ever without ending the episode. Use a discount below 1."
        )
    if gain >= -least:
        steps = model.P[rows][:, states]
        free[rows] = rewards + steps @ potential - potential[owner] >= -least
        h[states] = potential
