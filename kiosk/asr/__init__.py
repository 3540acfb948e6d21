"""Speech recognition: Vosk, on an official model or on one built from the persona's own words."""
