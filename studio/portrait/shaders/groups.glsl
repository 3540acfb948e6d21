// Brushes do not cross from one of these to another.

float paint_group(float id)
{
    if (id == EYE || id == TEETH || id == TONGUE) return SKIN;
    if (id == BOW || id == BROOCH) return RIBBON;
    if (id == LINEN) return LACE;
    return id;
}

// Which sheet carries the strokes of a material; numbers as in painter.py.
int sheet_of(float id)
{
    if (id == BACKGROUND) return 0;
    if (id <= RIBBON) return 1;
    return id < STONE ? 2 : 3;
}
