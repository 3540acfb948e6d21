"""Models on this machine: what may be fetched, what is installed, and how it travels on a stick."""

from kiosk.modelstore.exporting import export_models
from kiosk.modelstore.importing import Imported, import_models
from kiosk.modelstore.inventory import ModelState
from kiosk.modelstore.manifest import Download, Manifest, Model, load_manifest
from kiosk.modelstore.store import Fetched, Store, open_store

__all__ = [
    "Download",
    "Fetched",
    "Imported",
    "Manifest",
    "Model",
    "ModelState",
    "Store",
    "export_models",
    "import_models",
    "load_manifest",
    "open_store",
]
