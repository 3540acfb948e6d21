// A picture at half its size: the mean of four pixels.

uniform sampler2D source;

layout(location = 0) out vec4 out_colour;

void main()
{
    ivec2 last = textureSize(source, 0) - 1, p = ivec2(gl_FragCoord.xy) * 2;
    vec4 sum = vec4(0.0);
    for (int i = 0; i < 4; i++) sum += texelFetch(source, min(p + ivec2(i & 1, i >> 1), last), 0);
    out_colour = 0.25 * sum;
}
