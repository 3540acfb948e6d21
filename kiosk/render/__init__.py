"""Films offline: text or sound in, a film of the persona out."""
