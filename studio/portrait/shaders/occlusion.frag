// How much one part keeps from every visible point: of the open sky (ambient), of the key light.
// The parts' answers are multiplied by blending.

uniform sampler2D positions;
uniform sampler2D normals;
uniform vec3 key_direction;
uniform vec4 part_bounds;

// AMBIENT_TAPS: how many, growing steps the ambient term looks out from the surface.

layout(location = 0) out vec4 out_occlusion;  // ambient, key, -, -

const int SHADOW_STEPS = 28;
const float SHADOW_HARDNESS = 4.0;  // small, for a window's light rather than a lamp's

float ambient(vec3 p, vec3 n)
{
    float blocked = 0.0, weight = 0.30;
    for (int i = 1; i <= AMBIENT_TAPS; i++) {
        float h = 0.0162 * float(i * i);
        blocked += max(h - part(p + n * h).x, 0.0) * weight / h;
        weight *= 0.80;
    }
    return saturate(1.0 - blocked);
}

float key_light(vec3 p, vec3 n)
{
    vec3 origin = p + n * 0.012;
    vec3 to_centre = part_bounds.xyz - origin;
    float along = dot(to_centre, key_direction);
    float reach = part_bounds.w + 0.35;  // penumbrae reach past the part
    float inside = reach * reach - (dot(to_centre, to_centre) - along * along);
    if (inside <= 0.0) return 1.0;
    float t = max(0.03, along - sqrt(inside)), t_end = min(2.9, along + sqrt(inside));
    float light = 1.0;
    for (int i = 0; i < SHADOW_STEPS && t < t_end; i++) {
        float d = part(origin + key_direction * t).x;
        light = min(light, SHADOW_HARDNESS * d / t);
        if (light < -1.0) break;
        t += clamp(d, 0.02, 0.25);
    }
    light = saturate(0.5 * light + 0.5 * saturate(light));
    return light * light * (3.0 - 2.0 * light);
}

void main()
{
    vec4 position = texelFetch(positions, ivec2(gl_FragCoord.xy), 0);
    if (position.w == BACKGROUND) discard;
    vec3 n = texelFetch(normals, ivec2(gl_FragCoord.xy), 0).xyz;
    out_occlusion = vec4(ambient(position.xyz, n), key_light(position.xyz, n), 1.0, 1.0);
}
