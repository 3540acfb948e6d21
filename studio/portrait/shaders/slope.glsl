// How steep a layer of paint is towards the light, which comes from the upper left.

float slope(sampler2D relief, ivec2 p)
{
    ivec2 top = textureSize(relief, 0) - 1;
    float dx = texelFetch(relief, min(p + ivec2(1, 0), top), 0).r - texelFetch(relief, max(p - ivec2(1, 0), ivec2(0)), 0).r;
    float dy = texelFetch(relief, min(p + ivec2(0, 1), top), 0).r - texelFetch(relief, max(p - ivec2(0, 1), ivec2(0)), 0).r;
    return clamp(-0.6 * dx + 0.8 * dy, -0.25, 0.25);
}
