"""The driver's temper: ranges of the behaviour probabilities, drawn once per dialogue.

The agenda-based user is that of Schatzmann et al. (2007), "Agenda-based user simulation for
bootstrapping a POMDP dialogue system", with the sampled parameters of PyDial (Ultes et al. 2017)
and its benchmark (Casanueva et al. 2017).
"""

from dataclasses import dataclass, fields, replace

Range = tuple[float, float]


@dataclass(frozen=True)
class Driver:
    """Ranges (low, high) of probabilities; each is drawn uniformly when a dialogue begins."""

    inform_combination: Range = (0.2, 0.7)
    """Adds the next waiting inform to what is being said, again and again."""
    affirm_combination: Range = (0.2, 0.7)
    """Adds the next waiting inform to a yes."""
    greeting: Range = (0.3, 0.7)
    """Opens with hello."""
    constraint_relax: Range = (0.5, 0.8)
    """Drops a constraint that cannot be met, instead of choosing another value."""
    tell_about_change: Range = (0.4, 0.6)
    """Says which constraint changed."""
    no_slot_with_dontcare: Range = (0.7, 0.9)
    """Says "I don't mind" without naming the slot that was asked for."""
    alternative_after_offer: Range = (0.01, 0.3)
    """Asks for something else at the first good offer (ReqAltsAfterVenRec1)."""
    change_after_offer: Range = (0.01, 0.3)
    """Changes the goal at the first good offer (ReqAltsAfterVenRec2)."""
    confirm_random_constraint: Range = (0.01, 0.3)
    """Asks whether an unmentioned constraint holds."""
    overrule_correction: Range = (0.01, 0.2)
    """Asks whether a constraint holds instead of correcting the assistant."""
    thank: Range = (0.01, 0.2)
    """Thanks for an offer or answer before going on (ThankAck1)."""
    acknowledge: Range = (0.01, 0.2)
    """Else says "okay" (ThankAck2)."""
    inform_to_confirm: Range = (0.01, 0.2)
    """Turns all waiting informs into questions."""
    add_slot_to_request: Range = (0.2, 0.4)
    """Adds a further open question to a question."""
    no_after_reqmore: Range = (0.8, 0.9)
    """Says no when asked for more and content."""
    yes_after_reqmore: Range = (0.2, 0.3)
    """Says a bare yes when asked for more and not content."""
    deal_with_pending: Range = (0.4, 0.6)
    """Says what was waiting instead of asking a question."""
    add_venue_name_to_request: Range = (0.01, 0.2)
    """Names the venue in a question."""
    affirm_with_agenda_item: Range = (0.01, 0.2)
    """Turns a waiting inform into a yes when asked for more."""
    new_request_repeat: Range = (0.1, 0.4)
    """Asked for a slot that does not matter: repeats a constraint (NewRequestResp1)."""
    new_request_dontcare: Range = (0.1, 0.4)
    """Asked for a slot that does not matter: "I don't mind" (NewRequestResp2)."""
    correct_by_negate: Range = (0.3, 0.5)
    """Corrects with "no, x" (CorrectingAct1)."""
    correct_by_deny: Range = (0.3, 0.5)
    """Else corrects with "not y, x" (CorrectingAct2)."""
    patience: tuple[int, int] = (4, 5)
    """Smallest and largest patience at the start [repetitions]."""

    def __post_init__(self) -> None:
        for name in PROBABILITIES:
            low, high = getattr(self, name)
            if not 0.0 <= low <= high <= 1.0:
                raise ValueError(
                    f"user.{name} is a range of probabilities 0 <= low <= high <= 1, "
                    f"got ({low}, {high})"
                )
        low, high = self.patience
        if not 1 <= low <= high <= 100:
            raise ValueError(
                f"user.patience is a range 1 <= low <= high <= 100, got {self.patience}"
            )


PROBABILITIES = tuple(field.name for field in fields(Driver) if field.name != "patience")
"""The behaviour probabilities, in the order of their columns in a dialogue's record."""

STANDARD = Driver()
UNFRIENDLY = Driver(
    inform_combination=(0.0, 0.4),
    affirm_combination=(0.0, 0.4),
    greeting=(0.1, 0.4),
    constraint_relax=(0.2, 0.5),
    tell_about_change=(0.2, 0.4),
)
DRIVERS = {"standard": STANDARD, "unfriendly": UNFRIENDLY}


def in_car(driver: Driver) -> Driver:
    """Return the driver as people speak to their cars: straight to the point, all at once.

    The ranges are assumptions, set so that dialogues have the lengths of the KVRET corpus.
    """
    low, high = driver.inform_combination
    return replace(
        driver,
        inform_combination=(0.7 + 0.3 * low, 0.7 + 0.3 * high),
        add_slot_to_request=(0.4, 0.8),
        greeting=(0.0, 0.1),
        alternative_after_offer=(0.01, 0.1),
        change_after_offer=(0.01, 0.05),
        confirm_random_constraint=(0.0, 0.05),
        thank=(0.0, 0.1),
        acknowledge=(0.0, 0.1),
        inform_to_confirm=(0.0, 0.05),
    )


# Columns of the record's `behaviour`; a test holds them to the fields above.
(
    INFORM_COMBINATION,
    AFFIRM_COMBINATION,
    GREETING,
    CONSTRAINT_RELAX,
    TELL_ABOUT_CHANGE,
    NO_SLOT_WITH_DONTCARE,
    ALTERNATIVE_AFTER_OFFER,
    CHANGE_AFTER_OFFER,
    CONFIRM_RANDOM_CONSTRAINT,
    OVERRULE_CORRECTION,
    THANK,
    ACKNOWLEDGE,
    INFORM_TO_CONFIRM,
    ADD_SLOT_TO_REQUEST,
    NO_AFTER_REQMORE,
    YES_AFTER_REQMORE,
    DEAL_WITH_PENDING,
    ADD_VENUE_NAME_TO_REQUEST,
    AFFIRM_WITH_AGENDA_ITEM,
    NEW_REQUEST_REPEAT,
    NEW_REQUEST_DONTCARE,
    CORRECT_BY_NEGATE,
    CORRECT_BY_DENY,
) = range(23)
