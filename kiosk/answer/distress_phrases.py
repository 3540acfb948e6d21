"""How people say that they are in need: a table to be read and added to, one utterance a line.

The notation, on text in normal form (lower case, no punctuation, "do not" for "don't"):

- ``word`` stands for itself, ``word?`` may be missing, ``*`` is up to three words of any kind;
- ``(a|b_c)`` is one of several, ``_`` for a space inside; ``(a|b)?`` may be missing;
- ``!(a|b)`` forbids what comes next; ``<want>`` is one of a list below;
- ``^`` at the start and ``$`` at the end tie the line to the whole utterance.
"""

from __future__ import annotations

import re

LISTS = {
    "want": """
        want to, wants to, want two, want too, want a, wanted to, going to, would like to,
        would rather, wish to, wish i could, need to, plan to, planning to, think of, thinking of,
        think about, thinking about, thought about, feel like, try to, trying to, tried to,
        decided to, intend to, am about to, might, will, planned, planning, how to, considered,
        considering""",
    # Recognition writes "dye" for "die" and parts "myself".
    "die": """
        die, dye, be dead, commit suicide, suicide, kill me, kill <myself>, end it, end it all,
        end my life, end everything, take my life, take my own life, taking my life,
        taking my own life, ending my life, ending things, ending it, killing <myself>,
        give up on life, hang <myself>, drown <myself>,
        shoot <myself>, hurt <myself>, harm <myself>, cut <myself>, jump off a bridge,
        jump off the bridge, jump off a roof, jump off the roof, jump off a cliff,
        jump off the cliff, jump off that cliff, jump off this cliff, jump off a building,
        jumping off a bridge, jumping off the bridge, jumping off a roof, jumping off the roof,
        jumping off a cliff, jumping off the cliff, jumping off that cliff, jumping off a building,
        jumping in front of a train, jump in front of a train,
        step in front of a train, step in front of a car, disappear for ever,
        be gone for ever, not live,
        not exist, not wake up, not be alive, not be here, never wake up""",
    "harming": "killing, hurting, harming, hanging, cutting, drowning",
    "myself": "myself, my self",
    "go-on": """
        go on, carry on, keep going, take it, take this, bear it, bear this, bear life, cope,
        stand it, stand this, stand my life, live like this, live any more, live anymore""",
    "unbearable": """
        another day, one more day, another night, tomorrow, living, life, being alive, my life,
        the pain any, this pain, any more of this""",
    "live": "live, be alive, exist, wake up, go on, carry on, be here any",
    "so": """
        so, very, really, just, only, completely, totally, too, simply, always, often, please""",
    "near-one": """
        friend, best friend, brother, sister, son, daughter, mother, father, mum, mom, dad,
        wife, husband, partner, child, girlfriend, boyfriend, stepfather, stepmother, stepdad,
        stepmum, stepbrother, grandfather, grandad, granddad, grandmother, gran, uncle, aunt,
        cousin, teacher, coach, boss, neighbour, ex, carer, flatmate""",
    "hurts": """
        hits, is hitting, beats, is beating, hurts, is hurting, keeps hurting, keeps hitting,
        keeps beating, abuses, is abusing, rapes, raped, molests, touches, is touching,
        keeps touching, threatens, is threatening, strangles, chokes, kicks, locks up""",
    "wounding": """
        cut, cutting, burn, burning, scratch, scratching, slash, slashing, slit, slitting""",
    "limbs": "my arms, my wrists, my wrist, my legs, my thighs, my skin",
    "everyone": "everyone, everybody, they, people, the world, my family, you all",
    # After "do not want to live" and "can not go on": then it is about a place or a thing.
    "elsewhere": """
        in, at, with, there, like, to, the, a, this, that, your, my, early, up, home, off""",
}

UTTERANCES = """
i * <want> * <die>
^ (just|really|please|only|so|and|but|honestly)? (want|going) to <die>
i <so>? (do_not|dont|no_longer) (want|wish|wanna) to? <live> !<elsewhere>
(do_not|dont|no_longer) want to (live|be_alive|exist|go_on_living) !<elsewhere>
i <so>? (can_not|cant|could_not|am_not_able_to) <go-on> !<elsewhere>
^ (can_not|cant) <go-on> (any_more|anymore|any_longer|like_this)? $
i have had enough of (life|living|being_alive|my_life|this_life)
i am (sick|tired) of (life|living|being_alive|my_life)
i * (wish|wished) that? i (was|were|had_been) (dead|never_born|not_alive|gone)
i * wish i had (never|not) been born
(i_am|i_feel|i_have_been|i_was|am_i) <so>? suicidal
^ suicidal thoughts? $
i have * (suicidal|dark) thoughts
thoughts of (suicide|killing_myself|ending_it|ending_my_life)
<harming> <myself>
i * (hurt|harm|cut|hang) <myself>
kill <myself>
(end|ending) it all
(end|ending) my own? life
help me to? die
(no|not_any|any|see_the|see_a|see_no) (reason|point|sense) (to_live|in_living|of_living|for_living|to_go_on|in_going_on|to_carry_on)
no point living
(not|no_reason|nothing) (left_to_live_for|to_live_for)
my? life (is_not|is_no_longer|has_no|does_not_have|isnt|has_lost_all) (worth|point|meaning|sense|worth_living)
my? life is <so>? (pointless|worthless|meaningless|unbearable|over_for_me)
i want my life to be over
i * want (it|this|everything) all? to (end|stop|be_over)
(better_off|would_be_better) (dead|without_me|if_i_was_dead|if_i_were_dead|if_i_was_gone|if_i_were_gone)
(nobody|no_one|noone) (would|will) (even|ever)? (miss_me|care_if_i|notice_if_i)
i hate (myself|my_self|my_life|living|being_alive)
i (am|feel|feel_like) <so>? (desperate|hopeless|in_despair|worthless|a_burden|depressed)
i am done with (life|living|everything|it_all)
(i_am|i_feel) <so>? (tired|sick|weary) of (living|life|being_alive|everything)
^ tired of living $
no hope (left|for_me|any_more)
i (have|see|got) no (hope|way_out|future)
i have? (given|gave|give) up on (life|living|everything)
i have lost all hope
lost (my|the|all) will to live
why should i (live|be_alive|go_on|carry_on|keep_on)
i <so>? think (about|of) my? own? (death|dying) (all|every|so|a_lot)
i * not feel like (living|being_alive|going_on)
i (took|have_taken|swallowed|have_swallowed) * (whole|full|entire|all|bottle_of|packet_of|box_of|pack_of) * (pills|tablets|paracetamol|aspirin|bleach|sleeping_pills|medicine|poison)
i (took|have_taken|swallowed|am_going_to_take) (too_many|some|all_my|many|a_lot_of)? (pills|tablets|an_overdose|poison)
(he|she|they|somebody|someone|dad|mum|my_<near-one>) <hurts> me !(at|by|in|to)
my <near-one> * * * and <hurts> me !(at|by|in|to)
i (am_being|was|have_been|got) (abused|raped|molested|sexually_assaulted)
i am being (beaten|hurt|hit)
(he|she|they|dad|mum|my_<near-one>) * (will|wants_to|is_going_to|threatened_to|said_he_will) (kill|hurt|beat) me
my <near-one> * (cutting|harming|hurting|killing|cuts|harms) (herself|himself|themselves)
my <near-one> * (she|he|they)? (wants|want|is_going|plans) to (die|kill_himself|kill_herself|end_his_life|end_her_life)
i want to (be_with|join) my (dead|late) <near-one>
(living|life|being_alive) hurts
i * (am|feel|feel_like) * a burden
i * (afraid|scared|frightened) (to_go|of_going|to_be|of_being) (home|at_home) because (of_my|my|he|she|dad|mum) !(bus|train|car|bike)
i * (scared|afraid|frightened) of what i (might|could|will|would) do
(going_to|might|could|will|want_to) do something (bad|terrible|awful|stupid)? to <myself>
i * (keep|been|started|stop|like|love|want_to|going_to) <wounding> <limbs>
i <wounding> <limbs> until
(suicide|goodbye|farewell) (note|letter) to my? (family|parents|mum|dad|children|kids|friends|husband|wife|everyone)
^ i * (written|wrote|writing) * (suicide|goodbye|farewell) (note|letter)
i * want * to * * (never|not) wake up
i * (want|wish|hope|pray) * * * (never|not) (wake|waking|woken) up
i * (want|wish) * (fall_asleep|go_to_sleep|sleep) (for_good|for_ever|forever)
i wish my (heart|life) would * (stop|end)
i * (can_not|cant|could_not) (bear|face|stand|endure|take|get_through) <unbearable> !(at|in|of|with|trip|museum|stop|story)
i * want (this|the|my|all_this) pain to (stop|end|be_over|go_away)
i (do_not|dont) deserve to (live|be_alive|exist)
(nobody|no_one|noone) (wants|needs|would_want) me (alive|here|around)
<everyone> (would|will) be * (better|happier|better_off) (without_me|if_i_was_dead|if_i_were_dead|if_i_was_gone|if_i_were_gone|if_i_was_not_here)
(easier|better|best) if i (was|were|am) (dead|gone|not_here|not_alive|not_around|no_longer_here|no_longer_alive)
(nothing|no_one|nobody) (worth|left_worth)? living for
lost (all|every|any) (reason|will|wish) to (live|be_alive|go_on|carry_on)
(do_not|dont|can_not|cant|no_longer) see (any|a) (future|way_forward) !(of|in|here|to)
no way out (for_me|for_myself|of_my_life|of_this_life)
how (many|much) * (pills|tablets|paracetamol|poison) * to (die|kill|overdose)
is it (easy|painless|quick|better) to (die|kill_myself)
(my_<near-one>|somebody_here|someone_here) (wants_to|is_going_to|is_trying_to|is_about_to|tried_to) (die|commit_suicide|kill_himself|kill_herself|kill_themselves|kill_themself|end_his_life|end_her_life)
help me i (am|can_not|want|do_not) !(see|hear|find|understand|know|read|looking|lost_in|to|a)
ich (will|möchte) (nur|einfach)? (sterben|nicht_mehr_leben|mich_umbringen|mich_töten)
ich bringe mich um
ich kann nicht mehr leben? $
je (veux|voudrais) (mourir|me_tuer|en_finir)
je ne? veux plus vivre
je n en peux plus
me? quiero (morir|morirme|matarme|suicidarme)
no quiero (seguir_viviendo|vivir)
ya no puedo más
я (больше|очень|просто)? хочу (умереть|покончить)
не хочу больше жить
я больше? не хочу больше? жить
"""  # noqa: E501 - an utterance stays on one line

IDIOMS = """
(die|dye|dying|killing_myself|kill_myself) (for_a|for_an|for_one|for_some|for_that|for_this|for_it)
(die|dye|dying|killing_myself|kill_myself) (laughing|of_laughter|of_curiosity|of_boredom|of_thirst)
(die|dying) of (hunger|embarrassment|shame|excitement)
(die|dying) to (know|see|hear|meet|find)
(die|dye) my hair
"""
"""Ways to speak of dying without meaning it."""


def compile_lines(lines: str) -> tuple[re.Pattern[str], ...]:
    """Regular expressions of the lines; they are matched against text with a space at its end."""
    return tuple(re.compile(_expression(line)) for line in lines.strip().splitlines())


def _expression(line: str) -> str:
    return r"(?<!\S)" + "".join(_token(token) for token in line.split())


def _token(token: str) -> str:
    if token in "^$":
        return token
    if token == "*":
        return r"(?:\w+ ){0,3}?"
    if token.startswith("!"):
        return f"(?!{_token(token[1:])})"
    optional = "?" if token.endswith("?") else ""
    core = token.removesuffix("?").replace("_", " ")
    choices = core[1:-1].split("|") if core.startswith("(") else [core]
    return f"(?:(?:{'|'.join(map(_named, choices))}) ){optional}"


def _named(text: str) -> str:
    """Names in angle brackets replaced by their lists."""
    found = re.search(r"<([\w-]+)>", text)
    if found is None:
        return text
    choices = (_named(" ".join(choice.split())) for choice in LISTS[found[1]].split(","))
    return _named(f"{text[: found.start()]}(?:{'|'.join(choices)}){text[found.end() :]}")
