// One direction of a Gaussian blur; premultiplied, so nothing outside the figure leaks in.

uniform sampler2D source;
uniform vec2 direction;   // (1, 0) or (0, 1)

layout(location = 0) out vec4 out_colour;

const float weight[RADIUS + 1] = float[](WEIGHTS);   // from filters.py

void main()
{
    ivec2 last = textureSize(source, 0) - 1, here = ivec2(gl_FragCoord.xy), along = ivec2(direction);
    vec4 sum = weight[0] * texelFetch(source, here, 0);
    for (int i = 1; i <= RADIUS; i++)
        sum += weight[i] * (texelFetch(source, max(here - i * along, ivec2(0)), 0)
                          + texelFetch(source, min(here + i * along, last), 0));
    out_colour = sum;
}
