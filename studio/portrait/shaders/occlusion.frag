// How much one part keeps from every visible point: of the open sky (ambient), of the key light.
// The parts' answers are multiplied by blending. Looked for at every COARSE-th pixel.

uniform sampler2D positions;
uniform sampler2D normals;
uniform vec3 key_direction;
uniform vec4 part_bounds;

// AMBIENT_TAPS: how many, growing steps the ambient term looks out from the surface.
const float AMBIENT_REACH = 0.0162 * float(AMBIENT_TAPS * AMBIENT_TAPS) * 2.0;  // head units

layout(location = 0) out vec4 out_occlusion;  // ambient, key, -, -

const int SHADOW_STEPS = 28;
const float SHADOW_HARDNESS = 4.0;  // small, for a window's light rather than a lamp's
const float PENUMBRA = 0.35;        // head units that shadows reach past the part

float ambient(vec3 p, vec3 n, bool wanted)
{
    float blocked = 0.0, weight = 0.30;
    for (int i = 1; wanted && i <= AMBIENT_TAPS; i++) {
        float h = 0.0162 * float(i * i);
        blocked += max(h - part(p + n * h).x, 0.0) * weight / h;
        weight *= 0.80;
    }
    return saturate(1.0 - blocked);
}

float key_light(vec3 p, vec3 n, bool wanted)
{
    vec3 origin = p + n * 0.012;
    vec3 to_centre = part_bounds.xyz - origin;
    float along = dot(to_centre, key_direction);
    float reach = part_bounds.w + PENUMBRA;
    float inside = reach * reach - (dot(to_centre, to_centre) - along * along);
    float t = max(0.03, along - sqrt(max(inside, 0.0))), t_end = min(2.9, along + sqrt(max(inside, 0.0)));
    if (inside <= 0.0 || !wanted) t_end = -1.0;
    float light = 1.0;
    for (int i = 0; i < SHADOW_STEPS && t < t_end; i++) {
        float d = part(origin + key_direction * t).x;
        light = min(light, SHADOW_HARDNESS * d / t);
        if (light <= 0.0) break;   // no darker than dark
        t += clamp(d, 0.02, 0.25);
    }
    light = saturate(light);
    return light * light * (3.0 - 2.0 * light);
}

void main()
{
    ivec2 pixel = ivec2(gl_FragCoord.xy) * COARSE;
    vec4 position = texelFetch(positions, pixel, 0);
    bool wanted = position.w != BACKGROUND;
    vec3 n = texelFetch(normals, pixel, 0).xyz;
    vec3 from = position.xyz - part_bounds.xyz;
    float reach = part_bounds.w + AMBIENT_REACH;
    bool close = wanted && dot(from, from) < reach * reach;
    float open = ambient(position.xyz, n, close), key = key_light(position.xyz, n, wanted);
    out_occlusion = vec4(open, key, 1.0, 1.0);
}
