"""What staff edit: persona.toml (who speaks) and site.toml (the machine), both read strictly."""

from kiosk.persona.assets import lips_path, loop_path, optional_loop, resolve_asset
from kiosk.persona.lastgood import load_or_last_good
from kiosk.persona.loader import LoadedPersona, load_persona
from kiosk.persona.schema import Answer, Persona
from kiosk.persona.site import Site, check_pin, hash_pin, load_site, site_template
from kiosk.persona.watch import PersonaWatch

__all__ = [
    "Answer",
    "LoadedPersona",
    "Persona",
    "PersonaWatch",
    "Site",
    "check_pin",
    "hash_pin",
    "lips_path",
    "load_or_last_good",
    "load_persona",
    "load_site",
    "loop_path",
    "optional_loop",
    "resolve_asset",
    "site_template",
]
