// Everything that is not skin. Colours are linear.

struct EyeLook { Surface surface; float catchlight; };

EyeLook eye(vec3 head, vec3 half_vector_head)
{
    vec3 p = crooked(head);
    vec3 e = vec3(p.x > 0.0 ? p.x - EYE_CENTRE.x : p.x + EYE_CENTRE.x, p.y - EYE_CENTRE.y, p.z - EYE_CENTRE.z);
    float cx = cos(face_gaze.x), sx = sin(face_gaze.x), cy = cos(face_gaze.y), sy = sin(face_gaze.y);
    mat3 turn = mat3(cx, 0.0, sx, 0.0, 1.0, 0.0, -sx, 0.0, cx) ;       // about y
    mat3 tilt = mat3(1.0, 0.0, 0.0, 0.0, cy, sy, 0.0, -sy, cy);
    mat3 eye_from_head = tilt * turn;
    vec3 g = eye_from_head * normalize(e);
    const float iris_r = 0.445, pupil_r = 0.165;
    float r = g.z > 0.0 ? length(g.xy) : 2.0;
    vec3 white = mix(vec3(0.43, 0.385, 0.335), vec3(0.36, 0.19, 0.155), saturate(abs(e.x) / 0.14 - 0.40) * 0.9);
    float vein = ramp(0.72, 0.9, noise(vec3(e.x * 30.0, e.y * 90.0, 2.0))) * saturate(abs(e.x) / 0.10 - 0.3);
    white = mix(white, vec3(0.40, 0.12, 0.09), 0.35 * vein);
    float fibre = noise(vec3(7.0 * g.xy / (r + 0.05), 3.0 * r));
    vec3 iris = mix(vec3(0.075, 0.045, 0.022), vec3(0.155, 0.105, 0.050), saturate(1.1 * fibre) * ramp(0.2, 0.40, r));
    iris = mix(iris, vec3(0.21, 0.140, 0.060), saturate(0.2 + 1.8 * (-g.y - 0.2 * g.x)) * ramp(pupil_r, 0.32, r) * 0.8);
    iris = mix(iris, vec3(0.020, 0.015, 0.011), ramp(0.34, iris_r, r));
    iris = mix(vec3(0.004, 0.003, 0.003), iris, ramp(pupil_r - 0.03, pupil_r + 0.03, r));
    vec3 c = mix(iris, white, ramp(iris_r - 0.02, iris_r + 0.04, r));
    EyeOpening o = eye_opening(abs(p.x));
    float under_lid = ramp(0.0, 0.055, o.upper - e.y);
    c *= 0.28 + 0.72 * under_lid;
    c = mix(vec3(0.40, 0.19, 0.15), c, ramp(0.0, 0.012, e.y - o.lower));  // wet rim
    vec3 light = eye_from_head * half_vector_head;
    vec2 off = g.xy - 0.62 * light.xy;
    float spot = saturate(3.0 * saturate(1.0 - sqrt(90.0 * off.x * off.x + 60.0 * off.y * off.y)));
    return EyeLook(Surface(c, 0.12, 0.03), spot * 0.85 * under_lid);
}

Surface tooth(vec3 p)
{
    float gap = ramp(0.0, 0.22, abs(sin(p.x * 36.0)));
    vec3 c = vec3(0.56, 0.455, 0.340) * (0.72 + 0.28 * gap);
    MouthShape m = mouth_shape(p.x);
    float deep = ramp(0.60, 0.82, p.z), lit = ramp(-0.01, 0.06, m.upper - p.y) * (1.0 - 0.7 * mouth_round);
    return Surface(c * (0.25 + 0.75 * deep) * (0.38 + 0.62 * lit), 0.25, 0.04);
}

Surface tongue_flesh(vec3 p)
{
    float groove = exp(-square(p.x / 0.018));
    vec3 c = vec3(0.36, 0.115, 0.100) * (0.85 + 0.3 * noise(p * 40.0)) * (1.0 - 0.30 * groove);
    return Surface(c * (0.30 + 0.70 * ramp(0.42, 0.66, p.z)), 0.30, 0.03);
}

Surface hair_strands(vec3 p)
{
    float ax = abs(p.x), back = p.y - hairline(ax);
    float flow = hair_flow(p), side = p.x > 0.0 ? 4.0 : 0.0;
    float fine = noise(vec3(flow * 62.0, ax * 3.0 + p.y, side)), lock = noise(vec3(flow * 19.0, ax * 2.0, side + 8.0));
    vec3 c = mix(vec3(0.032, 0.017, 0.010), vec3(0.130, 0.074, 0.042), saturate(0.85 * fine + 0.65 * lock - 0.22));
    float grey = ramp(0.68, 0.85, noise(vec3(flow * 95.0, ax * 4.0, 9.0)));
    c = mix(c, vec3(0.19, 0.165, 0.14), 0.45 * grey);
    c = mix(c, vec3(0.25, 0.15, 0.105), 0.26 * exp(-9000.0 * square(p.x + 0.006 * sin(40.0 * p.z))) * ramp(0.0, 0.05, back));
    return Surface(c, 0.50, 0.016);
}

Surface straw_plait(vec3 head)
{
    vec3 q = to_bonnet(head);
    float r = length(q.xy), angle = atan(q.x, q.y), row = q.z * 13.0, in_row = fract(row) - 0.5;
    float plait = sin(angle * 62.0 + 5.0 * in_row + 1.7 * floor(row));
    float round_ = saturate(1.0 - 1.7 * abs(in_row));
    float fibre = noise(vec3(q.xy * 30.0, q.z * 90.0));
    vec3 c = mix(vec3(0.145, 0.088, 0.036), vec3(0.47, 0.335, 0.165), saturate(0.75 * round_ + 0.25 * fibre + 0.20 * plait - 0.05));
    // Lined with gathered silk.
    float inside = saturate(60.0 * (brim_radius(q.z) - 0.015 - r)) * saturate(30.0 * (brim_front(q.y) - 0.05 - q.z));
    float gather = sin(angle * 46.0 + 2.0 * sin(angle * 9.0)) * 0.5 + 0.5;
    c = mix(c, vec3(0.30, 0.150, 0.115) * (0.70 + 0.45 * gather), 0.92 * inside);
    return Surface(c, 0.55, 0.03);
}

// Net with worked dots and a scalloped, corded edge.
Surface lace_net(vec3 head)
{
    vec3 q = to_bonnet(head);
    float angle = round_face(q);
    float back = brim_front(q.y) - 0.15 - q.z;
    vec2 mesh = fract(vec2(angle * 62.0, back * 52.0)) - 0.5;
    float hole = ramp(0.36, 0.20, length(mesh)) * ramp(0.012, 0.03, back);
    float eyelet = ramp(0.011, 0.004, abs(length(vec2((fract(angle * 52.0 / 3.14159) - 0.5) * 0.05, back - 0.035)) - 0.014));
    vec3 c = vec3(0.54, 0.50, 0.425);
    c = mix(c, vec3(0.17, 0.135, 0.10), 0.75 * hole * ramp(0.20, 0.10, back));
    c = mix(c, vec3(0.60, 0.56, 0.48), 0.7 * eyelet);
    return Surface(c, 0.8, 0.01);
}

Surface linen(vec3 t)
{
    float v = t.y + 2.40, edge = 1.6 * abs(t.x) - v;
    float thread = 0.94 + 0.06 * sin(t.x * 260.0) * sin(t.y * 260.0);
    if (edge > 0.0) {  // the dress, below the crossed kerchief
        vec3 c = vec3(0.070, 0.040, 0.035) * (0.75 + 0.5 * noise(t * vec3(28.0, 6.0, 28.0)));
        float fold_ = sin(t.x * 16.0 + 1.5 * t.y);
        return Surface(c * (0.85 + 0.25 * fold_), 0.6, 0.015);
    }
    vec3 c = vec3(0.50, 0.465, 0.395) * thread;
    c = mix(c, vec3(0.24, 0.20, 0.15), 0.6 * saturate(1.0 - abs(edge + 0.02) * 34.0));
    return Surface(c, 0.85, 0.01);
}

// Silk: long faint streaks along the weave, a soft sheen.
Surface silk(vec3 world)
{
    float moire = noise(world * vec3(9.0, 22.0, 9.0)), fine = noise(world * vec3(30.0, 90.0, 30.0));
    vec3 c = vec3(0.098, 0.021, 0.026) * (0.62 + 0.55 * moire + 0.25 * fine);
    return Surface(c, 0.42, 0.022);
}

Surface wool(vec3 t)
{
    float cloud = fbm(t * 3.0), nap = noise(t * 48.0);
    float hem = t.y + 2.36 - 0.14 * abs(t.x), stitch = saturate(2.4 - 26.0 * abs(hem - 0.06));
    vec3 c = mix(vec3(0.019, 0.040, 0.028), vec3(0.046, 0.074, 0.047), cloud);
    c = mix(c, vec3(0.060, 0.066, 0.036), 0.30 * ramp(0.55, 0.8, noise(t * 1.3 + 4.0)));  // faded by weather
    return Surface(c * (0.78 + 0.44 * nap) * (1.0 - 0.25 * stitch), 0.75, 0.012);
}

Surface brooch_stone(vec3 t)
{
    vec2 shell = ammonite((t.xy - BROOCH_CENTRE.xy) / BROOCH_RADII.xy, 4.2, 22.0);
    vec3 c = mix(vec3(0.085, 0.048, 0.022), vec3(0.37, 0.255, 0.115), saturate(0.6 * (shell.x + 0.25 * shell.y) + 0.5));
    return Surface(c, 0.28, 0.10);
}
