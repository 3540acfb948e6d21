// One part of the figure into the G-buffer: where the ray meets it, what it is made of, its normal.
// `for` loops that may end at once stand for branches: llvmpipe leaves a loop when all its lanes have,
// but runs both sides of every `if`, and goes on after `discard`.

uniform sampler2D starts;    // from cone.frag; -1 where no ray meets the part

layout(location = 0) out vec4 out_position;  // world xyz, material
layout(location = 1) out vec4 out_normal;    // sharp normal, depth

const float HIT = 0.0009;
const float STRAIGHT = 0.03;  // head units from the surface
const float BOLD = 2.0, LEAVING = 1.5;  // steps over distance: along the surface, away from it
const float NORMAL_EPS = 0.0022;
const float NEAR_DEPTH = 7.0, FAR_DEPTH = 15.0;

void main()
{
    Ray ray = view_ray(gl_FragCoord.xy);
    float t, t_end;
    through_sphere(ray, part_bounds.xyz, part_bounds.w, t, t_end);
    t = texelFetch(starts, ivec2(gl_FragCoord.xy) / CONE_PX, 0).x;
    bool hit = false, wanted = t >= 0.0;
    vec2 met = vec2(0.0);
    float step_ = 1.0, last = 0.0;
    for (int i = 0; wanted && i < MARCH_STEPS; i++) {
        met = part(ray.origin + ray.direction * t);
        hit = abs(met.x) < HIT;
        if (hit || t > t_end) break;
        // Near the surface the field falls evenly along the ray: go where it will be zero.
        float slope = (last - met.x) / step_;
        last = met.x;
        bool leaves = i > 0 && slope < -0.2;
        bool falls = i > 0 && abs(met.x) < STRAIGHT && slope > 0.0;
        step_ = met.x * (falls ? min(1.0 / slope, BOLD) : leaves ? LEAVING : STEP);
        t += step_;
    }
    vec3 p = ray.origin + ray.direction * t, n = vec3(0.0, 0.0, 1e-6);
    for (int i = 0; hit && i < 4; i++) {  // a loop, so that the driver holds one copy of the part
        vec3 corner = vec3((i & 1) * 2 - 1, (i >> 1) * 2 - 1, ((i & 1) ^ (i >> 1)) * 2 - 1);
        n += corner * part(p + corner * NORMAL_EPS).x;
    }
    if (!hit) discard;
    out_position = vec4(p, met.y);
    out_normal = vec4(normalize(n), t);
    gl_FragDepth = (t - NEAR_DEPTH) / (FAR_DEPTH - NEAR_DEPTH);
}
