// Materials that one shading program draws together; its pixels are told apart by a depth test.
// Numbers as in sculpture.py.

float shade_group(float id)
{
    if (id == BACKGROUND) return 0.0;
    if (id == SKIN) return 1.0;
    if (id <= HAIR) return 2.0;
    if (id <= RIBBON) return 3.0;
    return id < STONE ? 4.0 : 5.0;
}
