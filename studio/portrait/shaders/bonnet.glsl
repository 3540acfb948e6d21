// The straw bonnet, its ribbon, the lace frill inside the brim.

const float STRAW_HALF = 0.018;

vec3 to_bonnet(vec3 head)
{
    const float tilt = -0.16;  // radians, set back on the head
    vec3 q = head - vec3(0.0, 0.08, 0.0);
    return vec3(q.x, (q.y * cos(tilt) - q.z * sin(tilt)) * 0.82, q.y * sin(tilt) + q.z * cos(tilt));
}
float brim_front(float y) { return 0.60 + 0.10 * saturate(y) - 0.62 * ramp(0.25, -0.75, y); }
float brim_radius(float z) { float f = max(z, 0.0); return 0.875 + 0.10 * max(z, -0.3) + 0.30 * f * f; }

float straw(vec3 q)
{
    float r = length(q.xy), out_ = r - brim_radius(q.z), past = q.z - brim_front(q.y);
    float weave = 0.004 * sin(q.z * 82.0);
    float d = smax(abs(out_) * 0.9 - STRAW_HALF + weave, past * 0.85, 0.02);
    d = max(d, max(-0.3 - q.z, -0.62 - q.y));
    float rim = max(length(vec2(out_ * 0.95, past)) - 0.032, -0.62 - q.y);
    d = smin(d, rim, 0.02);
    float crown = max(ellipsoid(q, vec3(0.0, 0.06, -0.32), vec3(0.84, 0.86, 0.80)), q.z + 0.24);
    return smin(d, crown, 0.05);
}

float hat_band(vec3 q)
{
    float d = max(abs(length(q.xy) - brim_radius(q.z)) * 0.9 - 0.036, abs(q.z + 0.16) - 0.10);
    return max(d, -0.62 - q.y);
}

// Angle round the face, 0 at the top, the same on both sides.
float round_face(vec3 q) { return atan(abs(q.x), q.y); }

// Gathered lace: deep soft pleats that open towards the edge, every one of its own width.
float pleats(float angle)
{
    float phase = angle * 27.0 + 1.6 * sin(angle * 5.0) + 0.9 * sin(angle * 13.0 + 1.0);
    return sin(phase) * (0.75 + 0.35 * sin(angle * 8.0 + 2.0));
}
float lace(vec3 q)
{
    float r = length(q.xy), angle = round_face(q), pleat = pleats(angle);
    float front = brim_front(q.y) - 0.15 - 0.012 * abs(sin(angle * 52.0)) - 0.014 * pleat;
    float t = saturate((q.z - (front - 0.26)) / 0.26);
    float radius = 0.690 + 0.140 * t + 0.030 * pleat * t;
    float d = abs(r - radius) * 0.50 - 0.005;
    d = max(d, (q.z - front) * 0.8);
    return max(d, max(front - 0.30 - q.z, -0.66 - q.y)) * 0.8;
}

// The ribbon tie: a strip along a Bezier curve from the brim to under the chin.
const vec3 TIE_A = vec3(0.83, -0.34, 0.14), TIE_B = vec3(0.75, -0.82, 0.20),
           TIE_C = vec3(0.42, -1.22, 0.40), TIE_D = vec3(0.0, -1.30, 0.55);
const vec3 TIE_NORMAL_A = vec3(0.86, -0.35, 0.36), TIE_NORMAL_D = vec3(0.10, -0.75, 0.65);
const int TIE_PIECES = 9;

vec3 tie_point(float t)
{
    float s = 1.0 - t;
    return s * s * s * TIE_A + 3.0 * s * s * t * TIE_B + 3.0 * s * t * t * TIE_C + t * t * t * TIE_D;
}
float tie(vec3 head)
{
    vec3 q = vec3(abs(head.x), head.yz), a = TIE_A, off = vec3(0.0);
    float best = 81.0, at = 0.0;
    for (int i = 1; i <= TIE_PIECES; i++) {
        vec3 b = tie_point(float(i) / float(TIE_PIECES)), ba = b - a;
        float h = saturate(dot(q - a, ba) / dot(ba, ba));
        vec3 o = q - a - h * ba;
        float d = dot(o, o);
        if (d < best) { best = d; off = o; at = (float(i) - 1.0 + h) / float(TIE_PIECES); }
        a = b;
    }
    float across = dot(off, normalize(mix(TIE_NORMAL_A, TIE_NORMAL_D, at)));
    float along = sqrt(max(best - across * across, 0.0));
    float crinkle = 0.006 * sin(22.0 * at + 40.0 * along) + 0.005 * sin(along * 75.0 + 6.0 * at);
    vec2 strip = max(vec2(along - 0.085 + 0.03 * at, abs(across + crinkle + 0.16 * along * along) - 0.004), 0.0);
    return (length(strip) - 0.009) * 0.85;
}

vec2 bonnet_part(vec3 world)
{
    vec3 h = to_head(world), q = to_bonnet(h);
    vec2 best = vec2(straw(q) * 0.8, STRAW);
    nearer(best, hat_band(q) * 0.8, RIBBON);
    nearer(best, lace(q), LACE);
    nearer(best, tie(h), RIBBON);
    return best;
}
