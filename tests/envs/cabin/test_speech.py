"""What is said: sentences of the shipped ontologies, and templates of one's own."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlkit.envs.cabin.language.phrases import default_sentences
from rlkit.envs.cabin.language.speech import sentence
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.ontology.loading import load_ontology
from rlkit.envs.cabin.ontology.templates import SPEAKERS, fill
from rlkit.envs.cabin.scenario.options import find_domain
from rlkit.envs.cabin.state.acts import USER_ACTS, add_item
from tests.envs.cabin.support import act

CSV = """name,food,area,phone,stars
Rice House,thai,north,01 02,
Apple Inn,italian,city_centre,,4
"""
YAML = """name: restaurants
table: venues.csv
informable: [food, area, stars]
requestable: [name, phone]
"""


def load(folder: Path, extra: str = "") -> Domain:
    (folder / "venues.csv").write_text(CSV, "utf-8")
    path = folder / "venues.yaml"
    path.write_text(YAML + extra, "utf-8")
    return load_ontology(path)


@pytest.mark.parametrize(
    ("speaker", "notation", "expected"),
    [
        ("driver", "inform(type=)", "I am looking for a place."),
        ("driver", "inform(food=thai)", "I am looking for a place with thai food."),
        ("driver", "inform(area=north, type=)", "I am looking for a place in the north."),
        ("driver", "inform(stars=4)", "I am looking for a place with stars 4."),
        ("driver", "inform(area=city_centre)", "I am looking for a place in the city centre."),
        ("driver", "inform(food=dontcare)", "I am looking for a place, whatever the food."),
        ("driver", "inform(=dontcare)", "I do not mind."),
        ("driver", "hello()", "Hello."),
        ("driver", "hello(type=)", "Hello. I am looking for a place."),
        ("driver", "request(phone)", "What is the phone?"),
        ("driver", "request(name=Rice House, phone)", "What is the phone of Rice House?"),
        ("driver", "request(phone, area)", "What is the phone and area?"),
        ("driver", "confirm(food=thai)", "Is it a place with thai food?"),
        ("driver", "affirm()", "Yes."),
        ("driver", "affirm(food=thai)", "Yes, thai."),
        ("driver", "deny(food=thai, food=italian)", "Not thai, but italian."),
        ("driver", "deny(food=thai)", "Not thai."),
        ("driver", "null()", ""),
        ("assistant", "wait()", ""),
        ("assistant", "request(food)", "What food would you like?"),
        ("assistant", "confirm(food=dontcare)", "Did you say any food?"),
        ("assistant", "select(food=thai, food=italian)", "Would you like thai or italian?"),
        (
            "assistant",
            "inform(name=Rice House, food=thai)",
            "Rice House is a place with thai food.",
        ),
        ("assistant", "inform(name=Rice House, phone)", "Rice House: the phone is 01 02."),
        ("assistant", "inform(name=Apple Inn, phone)", "Apple Inn: I do not know the phone."),
        (
            "assistant",
            "inform(name=Rice House, area=north, phone)",
            "Rice House is a place in the north: the phone is 01 02.",
        ),
        ("assistant", "no_venue(food=thai)", "I cannot find a place with thai food."),
        ("assistant", "no_venue()", "I cannot find anything."),
    ],
)
def test_sentences_without_templates(
    tmp_path: Path, speaker: str, notation: str, expected: str
) -> None:
    domain = load(tmp_path)

    assert sentence(domain, speaker, act(domain, notation)) == expected


def test_descriptions_of_places() -> None:
    domain = find_domain("venues3")
    wanted = act(domain, "inform(type=, area=north, pricerange=cheap)")
    dear = act(domain, "inform(pricerange=expensive)")

    assert sentence(domain, "driver", wanted) == "I am looking for a cheap place in the north."
    assert sentence(domain, "driver", dear) == "I am looking for an expensive place."


@pytest.mark.parametrize(
    ("speaker", "notation", "english", "german"),
    [
        (
            "assistant",
            "confirm(function=window, zone=rear left, position=half)",
            "Shall I open the rear left window half way?",
            "Fenster, hinten links, halb auf, ist das richtig?",
        ),
        (
            "assistant",
            "confirm(position=closed, function=window)",
            "Shall I close the window?",
            "Fenster, zu, ist das richtig?",
        ),
        (
            "driver",
            "inform(function=temperature, degrees=twenty one)",
            "Set the temperature to twenty one degrees.",
            "Temperatur auf einundzwanzig Grad, bitte.",
        ),
        (
            "driver",
            "inform(function=navigate, place_type=coffee shop, distance=one kilometre)",
            "Take me to a coffee shop within one kilometre.",
            "Ich suche ein Café in höchstens einem Kilometer.",
        ),
        (
            "assistant",
            "execute(function=phone, contact=Mum, number=home)",
            "I call Mum at home.",
            "Ich rufe Mama zu Hause an.",
        ),
        (
            "driver",
            "inform(function=media, genre=jazz)",
            "Play jazz.",
            "Musik, Jazz, bitte.",
        ),
        (
            "driver",
            "inform(contact=Anna, number=work)",
            "Anna, at work, please.",
            "Anna, auf der Arbeit, bitte.",
        ),
    ],
)
def test_sentences_of_the_cabin(speaker: str, notation: str, english: str, german: str) -> None:
    domain = find_domain("cabin")
    said = act(domain, notation)

    assert sentence(domain, speaker, said) == english
    assert sentence(domain, speaker, said, "de") == german


@pytest.mark.parametrize("name", ["cabin", "venues3", "venues6"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_each_value_is_said_in_its_own_way(name: str, language: str) -> None:
    domain = find_domain(name)
    for slot, values in zip(domain.slots, domain.values, strict=True):
        for speaker, kind in (("driver", "inform"), ("assistant", "confirm")):
            said = {
                sentence(domain, speaker, act(domain, f"{kind}({slot}={value})"), language)
                for value in (*values, "dontcare")
            }
            assert len(said) == len(values) + 1, (slot, kind)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_cabin_has_a_sentence_for_every_command(language: str) -> None:
    domain = find_domain("cabin")
    for function in domain.functions:
        if function.setting is None:
            continue
        slot = domain.slots[function.setting]
        for speaker, kind in (
            ("driver", "inform"),
            ("assistant", "confirm"),
            ("assistant", "execute"),
        ):
            said = {
                sentence(
                    domain,
                    speaker,
                    act(domain, f"{kind}(function={function.name}, {slot}={value})"),
                    language,
                )
                for value in domain.values[function.setting]
            }
            assert len(said) == len(domain.values[function.setting]), (function.name, kind)


@settings(max_examples=200)
@given(data=st.data(), name=st.sampled_from(["cabin", "venues3"]))
def test_any_act_has_a_sentence_that_says_its_values(data: st.DataObject, name: str) -> None:
    domain = find_domain(name)
    speaker, language = data.draw(st.sampled_from([*SPEAKERS])), "en"
    said = act(domain, f"{data.draw(st.sampled_from(SPEAKERS[speaker]))}()")
    values = []
    for _ in range(data.draw(st.integers(0, 4))):
        slot = data.draw(st.integers(0, len(domain.requestables) - 1))
        known = (*domain.values, domain.venues)[slot] if slot <= len(domain.slots) else ()
        value = data.draw(st.integers(-2 if slot < len(domain.slots) else -1, len(known) - 1))
        add_item(said, slot, value)
        values += [known[value]] if value >= 0 else []

    text = sentence(domain, speaker, said, language)

    assert text or not values
    assert not set("{}[]|~") & set(text)
    if name == "venues3":  # which has no words for values but their own
        assert all(value.lower() in text.lower() for value in values if value not in "01")
    if text:
        assert text[0] == text[0].upper()
        assert text[-1] in ".?!"


OWN = """sentences:
  en:
    words: {food=thai: Thai}
    phrases: {stars: "~ rated {value}"}
    driver:
      inform(food=thai): Something spicy[ in the {area}], please.
      inform(food): "{food} food, please."
      reqalts: "Other ones[ in the {area} for {stars}]?"
      thankyou: Great. | Never said.
    assistant:
      request(food): "What would you like to eat?"
  tlh:
    driver: {bye: Qapla}
"""


@pytest.mark.parametrize(
    ("speaker", "notation", "language", "expected"),
    [
        ("driver", "inform(food=thai)", "en", "Something spicy, please."),
        ("driver", "inform(food=thai, area=north)", "en", "Something spicy in the north, please."),
        ("driver", "inform(food=italian)", "en", "Italian food, please."),
        # So is one whose group lacks a field, though the group names what is said.
        ("driver", "reqalts(stars=4)", "en", "Is there anything else, maybe a place rated 4?"),
        # A template that leaves something out gives way to one that does not.
        (
            "driver",
            "inform(food=thai, stars=4)",
            "en",
            "I am looking for a place with Thai food rated 4.",
        ),
        ("driver", "thankyou()", "en", "Great."),
        ("assistant", "request(food)", "en", "What would you like to eat?"),
        ("assistant", "confirm(food=thai)", "en", "Did you say Thai?"),
        ("driver", "bye()", "tlh", "Qapla."),
        ("driver", "thankyou()", "tlh", "Thank you."),
    ],
)
def test_own_templates(
    tmp_path: Path, speaker: str, notation: str, language: str, expected: str
) -> None:
    domain = load(tmp_path, OWN)

    assert sentence(domain, speaker, act(domain, notation), language) == expected


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("inform(food):", "infrom(food):", "line 11, .*unknown act.*Did you mean 'inform'"),
        ("inform(food):", "inform(foot):", "line 11, .*unknown slot.*Did you mean 'food'"),
        ("inform(food):", "inform(food=thia):", "line 11, .*value of food.*Did you mean 'thai'"),
        ("inform(food):", "inform(phone=1):", "'phone' has no values"),
        ("inform(food):", "inform food:", "is no act such as"),
        ("{food} food", "{fod} food", "line 11, .*unknown field.*Did you mean 'food'"),
        ("{food} food", "{food food", "line 11, .*do not match"),
        ("[ in the {area}]", "[ in [the {area}]]", "line 10, .*nested"),
        ("words:", "wordz:", "line 7, .*unknown speaker.*Did you mean 'words'"),
        ("stars: ", "stras: ", "line 8, .*Did you mean 'stars'"),
        ("bye: Qapla", "execute: Qapla", "line 17, .*unknown act 'execute'"),
        ("Qapla", "x" * 201, "at most 200"),
    ],
)
def test_wrong_templates(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load(tmp_path, OWN.replace(old, new))


def test_unknown_speaker_and_language(tmp_path: Path) -> None:
    domain = load(tmp_path)
    hello = act(domain, "hello()")

    with pytest.raises(ValueError, match="Did you mean 'driver'"):
        sentence(domain, "drivr", hello)
    with pytest.raises(ValueError, match="unknown language 'fr'"):
        sentence(domain, "driver", hello, "fr")


def test_every_act_has_a_shipped_template() -> None:
    for language, templates in default_sentences().items():
        for speaker, acts in SPEAKERS.items():
            missing = [name for name in acts if f"{speaker}/{name}" not in templates]
            # The first fourteen acts of the assistant are the driver's, most of them not its own.
            assert set(missing) <= ({*USER_ACTS} if speaker == "assistant" else set()), language


def test_fill() -> None:
    assert fill("a {x}[ b {y}]", {"x": "{y}"}) == ("a {y}", {"x"})
    assert fill("a {x}[ b {y}]", {"x": "1", "y": "2"}) == ("a 1 b 2", {"x", "y"})
    assert fill("a {x}", {}) is None
