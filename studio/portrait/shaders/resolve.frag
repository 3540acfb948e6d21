// From the sculpture's supersampled picture to the painting's size, premultiplied by coverage.

uniform sampler2D shaded;     // rgb premultiplied, coverage; bilinear
uniform sampler2D positions;  // w: material
uniform sampler2D normals;
uniform vec2 view_size;       // px of this target
uniform vec2 shaded_size;     // px of the sculpture's picture, which may not fill its texture

layout(location = 0) out vec4 out_colour;
layout(location = 1) out vec4 out_guide;   // normal xy, paint group, material

void main()
{
    vec2 used = shaded_size / vec2(textureSize(shaded, 0)) / view_size;
    vec2 uv = gl_FragCoord.xy * used, quarter = 0.25 * used;
    out_colour = 0.25 * (texture(shaded, uv + quarter) + texture(shaded, uv - quarter)
               + texture(shaded, uv + vec2(quarter.x, -quarter.y)) + texture(shaded, uv + vec2(-quarter.x, quarter.y)));
    ivec2 centre = ivec2(gl_FragCoord.xy / view_size * shaded_size);
    float id = texelFetch(positions, centre, 0).w;
    out_guide = vec4(texelFetch(normals, centre, 0).xy, paint_group(id), id);
}
