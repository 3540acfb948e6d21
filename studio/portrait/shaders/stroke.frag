// The mark one stroke leaves: bristle streaks, soft ends, paint piled up at its sides.

uniform sampler2D guide;      // normal xy, group, material
uniform vec2 view_size;
uniform float view_half;
uniform float layer;

flat in vec3 v_colour;
flat in vec4 v_shape;
flat in vec3 v_bristle;
in vec2 v_along;

layout(location = 0) out vec4 out_colour;
layout(location = 1) out vec4 out_height;

const float OVER_BORDER = 0.06;   // share of the stroke that crosses into another material
const float BRISTLE_LENGTH = 6.4, BRISTLE_WIDTH = 113.0;   // streaks per head unit along, across

void main()
{
    float u = v_along.x, v = v_along.y + v_shape.z * u * u;
    float uu = abs(u) / v_shape.x, vv = abs(v) / v_shape.y;
    float mark = (1.0 - ramp(0.72, 1.05, vv)) * (1.0 - ramp(0.70, 1.05, uu + 0.25 * vv * vv));
    if (mark <= 0.01) mark = 0.0;   // `discard` would save nothing
    if (texelFetch(guide, ivec2(gl_FragCoord.xy), 0).z != v_shape.w) mark *= OVER_BORDER;
    float unit = 2.0 * view_half / view_size.y;
    float bristle = noise(vec2(u * unit * BRISTLE_LENGTH, v * unit * BRISTLE_WIDTH) + v_bristle.x);
    float alpha = min(1.0, mark * v_bristle.z * (0.55 + 0.6 * bristle));
    float height = (0.35 + bristle) * v_bristle.y * (1.0 - 0.125 * layer) + 0.35 * ramp(0.5, 0.9, vv);
    out_colour = vec4(v_colour, alpha);
    out_height = vec4(height, 0.0, 0.0, alpha * (layer == 0.0 ? 1.0 : layer == 1.0 ? 0.8 : 0.5));
}
