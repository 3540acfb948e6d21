// Writes the shading group of every pixel as its depth.

uniform sampler2D positions;

void main() { gl_FragDepth = shade_group(texelFetch(positions, ivec2(gl_FragCoord.xy), 0).w) / 8.0; }
