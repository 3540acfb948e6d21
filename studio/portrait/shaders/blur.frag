// One direction of a Gaussian blur; premultiplied, so nothing outside the figure leaks in.

uniform sampler2D source;
uniform vec2 direction;   // (1, 0) or (0, 1)
uniform float sigma;      // px

layout(location = 0) out vec4 out_colour;

void main()
{
    ivec2 size = textureSize(source, 0) - 1, here = ivec2(gl_FragCoord.xy), along = ivec2(direction);
    int radius = int(ceil(2.6 * sigma));
    vec4 sum = vec4(0.0);
    float total = 0.0;
    for (int i = -radius; i <= radius; i++) {
        float w = exp(-float(i * i) / (2.0 * sigma * sigma));
        sum += w * texelFetch(source, clamp(here + i * along, ivec2(0), size), 0);
        total += w;
    }
    out_colour = sum / total;
}
