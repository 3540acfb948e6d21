// One part of the figure into the G-buffer: where the ray meets it, what it is made of, its normals.
// Skin light bleeds red further than blue; three normals of growing smoothness stand for that.

uniform vec2 view_size;      // pixels
uniform vec2 view_centre;    // head units, point of the origin plane in the middle of the picture
uniform float view_half;     // head units, half its height
uniform vec4 part_bounds;    // sphere round the part, in world space

layout(location = 0) out vec4 out_position;  // world xyz, material
layout(location = 1) out vec4 out_normal;    // sharp normal, depth
layout(location = 2) out vec4 out_soft;      // normals for green (xy) and red (xy); z is positive enough

const float CAMERA_DISTANCE = 11.0;
const int MARCH_STEPS = 150;
const float HIT = 0.0009;
const float STEP = 0.80;     // bumps are no true distances: less than a whole step
const float NORMAL_EPS = 0.0022, GREEN_EPS = 0.014, RED_EPS = 0.035;
const float NEAR_DEPTH = 7.0, FAR_DEPTH = 15.0;

vec3 normal_at(vec3 p, float eps)
{
    vec3 n = vec3(0.0);
    for (int i = 0; i < 4; i++) {  // a loop, so that the driver holds one copy of the part
        vec3 corner = vec3((i & 1) * 2 - 1, (i >> 1) * 2 - 1, ((i & 1) ^ (i >> 1)) * 2 - 1);
        n += corner * part(p + corner * eps).x;
    }
    return normalize(n);
}

void main()
{
    vec2 point = (gl_FragCoord.xy - 0.5 * view_size) * (2.0 * view_half / view_size.y) + view_centre;
    vec3 origin = vec3(view_centre * 0.6, CAMERA_DISTANCE);
    vec3 ray = normalize(vec3(point, 0.0) - origin);
    vec3 to_centre = part_bounds.xyz - origin;
    float along = dot(to_centre, ray);
    float inside = part_bounds.w * part_bounds.w - (dot(to_centre, to_centre) - along * along);
    if (inside <= 0.0) discard;
    float t = along - sqrt(inside), t_end = along + sqrt(inside);
    bool hit = false;
    for (int i = 0; i < MARCH_STEPS; i++) {
        float d = part(origin + ray * t).x;
        hit = abs(d) < HIT;
        if (hit || t > t_end) break;
        t += d * STEP;
    }
    if (!hit) discard;
    vec3 p = origin + ray * t;
    out_position = vec4(p, part(p).y);
    out_normal = vec4(normal_at(p, NORMAL_EPS), t);
#ifdef SOFT_NORMALS
    out_soft = vec4(normal_at(p, GREEN_EPS).xy, normal_at(p, RED_EPS).xy);
#else
    out_soft = out_normal.xyxy;
#endif
    gl_FragDepth = (t - NEAR_DEPTH) / (FAR_DEPTH - NEAR_DEPTH);
}
