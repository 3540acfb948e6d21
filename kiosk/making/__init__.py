"""A persona from what the museum has: a video or a photograph in, a persona folder out."""
