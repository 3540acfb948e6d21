// From a seed to a brush stroke, laid along the form; the seed is fixed to a sheet that moves with the
// sitter. Drawn into a buffer: strokes.py leaves out those that came to nothing.

uniform sampler2D guide;      // normal xy, group, material
uniform sampler2D tensor;
uniform sampler2D detail;
uniform sampler2D palette;    // what colour the brush takes up
uniform vec2 view_size;
uniform vec2 view_centre;
uniform float view_half;
uniform int sheet;            // 0 canvas, 1 head, 2 torso, 3 ledge
uniform vec2 brush;           // length, width in head units
uniform float threshold;      // of detail; < 0: everywhere
uniform float opacity;
uniform float jitter;         // of the colour
uniform float layer;

in vec2 in_seed;              // on the sheet, head units
in uint in_hash;

out vec4 stroke_place;        // centre (px), direction
out vec4 stroke_shape;        // half length, half width (px), bend (1/px), group; length 0: no stroke
out vec3 stroke_colour;
out vec3 stroke_bristle;      // phase, load of paint, opacity

const float CAMERA_DISTANCE = 11.0;

vec3 on_sheet(vec2 s)
{
    if (sheet == 0 || sheet == 3) return vec3(s, 0.0);
    if (sheet == 2) return vec3(s.x, s.y + pose_breath * BREATH_LIFT, 0.0);
    vec3 head = vec3(s, 0.72 - 0.62 * dot(s, s));   // a bowl over face and bonnet
    return (head - HEAD_PIVOT) * head_from_world + HEAD_PIVOT;
}
float roll(uint k) { return unit_hash(in_hash * 31u + k); }

void main()
{
    gl_Position = vec4(0.0, 0.0, 0.0, 1.0);
    stroke_place = stroke_shape = vec4(0.0);
    stroke_colour = stroke_bristle = vec3(0.0);
    float px = view_size.y / (2.0 * view_half);
    vec3 world = on_sheet(in_seed);
    vec2 eye = view_centre * 0.6;
    vec2 plane = eye + (world.xy - eye) * CAMERA_DISTANCE / (CAMERA_DISTANCE - world.z);
    vec2 centre = (plane - view_centre) * px + 0.5 * view_size;
    ivec2 at = ivec2(floor(centre));
    if (any(lessThan(at, ivec2(0))) || any(greaterThanEqual(at, ivec2(view_size)))) return;
    vec2 uv = (vec2(at) + 0.5) / view_size;   // the smaller copies are read between their pixels
    vec4 g = texelFetch(guide, at, 0);
    float id = g.w, group = g.z;
    bool sky = sheet == 0;
    if (sheet_of(id) != sheet) return;

    float alpha = opacity;
    if (threshold > 0.0) {
        float bar = threshold * (group == SKIN ? 0.55 : 1.0);
        alpha *= ramp(0.6 * bar, 1.5 * bar, texture(detail, uv).r);
        if (sky) alpha *= 0.3;
        if (alpha < 0.03) return;
    }
    vec4 paint = texture(palette, uv);
    if (paint.a < 0.05) return;

    // Along the edges the eye sees, a little along the form; the sky has directions of its own.
    vec4 t = texture(tensor, uv);
    vec2 doubled = -vec2(t.x - t.z, 2.0 * t.y);
    vec2 n = g.xy;
    if (sky) doubled += 0.03 * vec2(n.x * n.x - n.y * n.y, 2.0 * n.x * n.y);
    else {
        float nl = dot(n, n);
        doubled += 0.018 * min(1.0, 6.0 * nl) / (nl + 0.05) * vec2(n.y * n.y - n.x * n.x, -2.0 * n.x * n.y);
    }
    float angle = 0.5 * atan(doubled.y, doubled.x + 1e-4) + (roll(2u) - 0.5) * (sky ? 0.6 : 0.35);
    float size = sky ? (layer == 0.0 ? 1.5 : 1.25) : group == SKIN ? (layer == 0.0 ? 0.55 : layer == 1.0 ? 0.72 : 1.0) : 1.0;
    float half_length = 0.5 * brush.x * px * size * (0.75 + 0.5 * roll(3u));
    float half_width = 0.5 * brush.y * px * size * (sky ? 1.5 : 1.0) * (0.8 + 0.4 * roll(4u));
    float light = (roll(5u) - 0.5) * jitter * (group == SKIN ? 0.45 : 1.2);
    float warm = (roll(6u) - 0.5) * jitter * (group == SKIN ? 0.3 : 0.7);
    stroke_place = vec4(centre, cos(angle), sin(angle));
    stroke_shape = vec4(half_length, half_width, (roll(7u) - 0.5) * 0.35 / half_length, group);
    stroke_colour = paint.rgb / paint.a + light + vec3(warm, 0.0, -warm);
    stroke_bristle = vec3(100.0 * roll(8u), 0.6 + 0.8 * roll(9u), alpha);
}
