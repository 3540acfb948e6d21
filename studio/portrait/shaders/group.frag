// Writes the shading group of every pixel as its depth; the picture itself begins as nothing.

uniform sampler2D positions;

layout(location = 0) out vec4 out_colour;

void main()
{
    out_colour = vec4(0.0);
    gl_FragDepth = shade_group(texelFetch(positions, ivec2(gl_FragCoord.xy), 0).w) / 8.0;
}
