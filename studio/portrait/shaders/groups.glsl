// Brushes do not cross from one of these to another.

float paint_group(float id)
{
    if (id == EYE || id == TEETH || id == TONGUE) return SKIN;
    if (id == BOW || id == BROOCH) return RIBBON;
    if (id == LINEN) return LACE;
    return id;
}
bool on_head(float id) { return id >= SKIN && id <= RIBBON; }
