// The head: skull and flesh, nose, lids, lips, hair. Neck too, since it runs into the jaw.

const float JAW_SKIN_DROP = 0.20;

// The lower face follows the jaw; the skin is looked up where it would be with the mouth shut.
vec3 undo_jaw(vec3 q)
{
    float follows = ramp(-0.66, -0.92, q.y) * ramp(-0.1, 0.5, q.z);
    return q + follows * mouth_jaw * vec3(0.0, JAW_SKIN_DROP, 0.05);
}

float skull(vec3 q)
{
    q.x *= 1.0 + 0.115 * ramp(-0.36, -1.05, q.y);  // a woman's jaw: narrower towards the chin
    float d = ellipsoid(q, vec3(0.0, 0.25, -0.08), vec3(0.69, 0.87, 0.93));
    d = smin(d, ellipsoid(q, vec3(0.0, -0.30, 0.20), vec3(0.566, 0.80, 0.605)), 0.28);  // face
    d = smin(d, ellipsoid(q, vec3(0.0, -0.962, 0.592), vec3(0.140, 0.118, 0.155)), 0.24);  // chin
    return smin(d, ellipsoid(q, vec3(0.0, -0.67, 0.555), vec3(0.33, 0.30, 0.285)), 0.26);  // muzzle
}

// Flesh and bone over the skull: heights in head units, each where the thumb would press.
float modelling(vec3 q)
{
    float lift = 1.0 + 0.45 * face_smile;
    return 0.058 * lift * bump(q, vec3(0.37, -0.30, 0.60), vec3(0.36, 0.30, 0.40))   // cheek
         + 0.040 * bump(q, vec3(0.35, -0.50, 0.56), vec3(0.36, 0.42, 0.45))          // lower cheek
         + 0.013 * bump(q, vec3(0.37, -0.68, 0.54), vec3(0.17, 0.20, 0.30))          // beside the mouth
         + 0.048 * bump(q, vec3(0.50, -0.13, 0.45), vec3(0.30, 0.22, 0.40))          // cheekbone
         + 0.008 * bump(q, vec3(0.42, -0.72, 0.22), vec3(0.42, 0.38, 0.45))          // jaw corner
         + 0.010 * bump(q, vec3(0.27, -0.86, 0.50), vec3(0.15, 0.15, 0.30))          // jowl
         + 0.018 * bump(q, vec3(0.20, -0.33, 0.76), vec3(0.18, 0.22, 0.30))          // beside the nose
         + 0.034 * bump(q, vec3(0.28, 0.205, 0.76), vec3(0.30, 0.12, 0.30))          // brow bone
         - 0.088 * bump(q, vec3(0.30, 0.035, 0.80), vec3(0.27, 0.19, 0.32))          // socket
         - 0.045 * bump(q, vec3(0.145, 0.03, 0.80), vec3(0.13, 0.17, 0.25))          // inner socket
         - 0.010 * bump(q, vec3(0.22, -0.17, 0.74), vec3(0.17, 0.09, 0.30))          // tear trough
         - 0.030 * bump(q, vec3(0.0, -0.885, 0.80), vec3(0.26, 0.13, 0.26))          // under the lower lip
         - 0.004 * bump(q, vec3(0.21, -0.84, 0.70), vec3(0.09, 0.13, 0.25))          // marionette hollow
         - 0.022 * bump(q, vec3(0.56, 0.30, 0.45), vec3(0.22, 0.30, 0.40));          // temple
}

float nose(vec3 q)
{
    float d = capsule(q, vec3(0.0, 0.10, 0.775), vec3(0.0, -0.32, 0.962), 0.040, 0.050);
    d = smin(d, ellipsoid(q, vec3(0.0, -0.150, 0.872), vec3(0.046, 0.10, 0.056)), 0.06);  // a slight hump
    d = smin(d, ellipsoid(q, vec3(0.0, -0.366, 0.972), vec3(0.064, 0.058, 0.064)), 0.06);
    d = smin(d, ellipsoid(q, vec3(0.090, -0.402, 0.876), vec3(0.043, 0.048, 0.072)), 0.050);
    d = smin(d, ellipsoid(q, vec3(0.0, -0.418, 0.918), vec3(0.026, 0.034, 0.085)), 0.050);  // columella
    // The groove that sets the wing off from the tip, and the one that sets it off from the cheek.
    vec3 groove = q - vec3(0.078, -0.372, 0.935);
    d += 0.0035 * square(max(1.0 - dot(groove.xy, groove.xy) / square(0.045), 0.0)) * ramp(-0.08, 0.0, groove.z);
    // Nostrils open downwards and a little outwards.
    vec3 n = q - vec3(0.050, -0.456, 0.908);
    n.xz = mat2(0.94, 0.34, -0.34, 0.94) * n.xz;
    d = smax(d, -ellipsoid(n, vec3(0.0), vec3(0.018, 0.026, 0.040)), 0.020);
    return smin(d, ellipsoid(q, vec3(0.0, -0.235, 0.750), vec3(0.112, 0.285, 0.155)), 0.10);
}

// Course of the fold from the wing of the nose (t = 0) down past the corner of the mouth (t = 1).
float nasolabial_x(float t) { return 0.150 + 0.265 * t * (1.25 - 0.42 * t) + 0.020 * face_smile; }

// Folds deep enough to catch a shadow; the finer lines are in skin.glsl.
float folds(vec3 q)
{
    float t = saturate((-0.44 - q.y) / 0.36);  // from the wing of the nose down past the mouth
    float x = nasolabial_x(t);
    float along = max(1.0 - square((t - 0.45) / 0.55), 0.0) * ramp(0.0, 0.22, t) * ramp(0.3, 0.6, q.z);
    float nasolabial = (0.0042 + 0.0045 * face_smile) * (ridge(q.x - x, 0.070) - 0.55 * ridge(q.x - x - 0.080, 0.09)) * along * (1.0 - 0.7 * t);
    float philtrum = 0.0052 * bump(q, vec3(0.0, -0.56, 0.88), vec3(0.045, 0.11, 0.2))
                   - 0.003 * bump(q, vec3(0.048, -0.56, 0.88), vec3(0.035, 0.10, 0.2));
    float knit = 0.006 * face_knit * bump(q, vec3(0.045, 0.20, 0.82), vec3(0.028, 0.10, 0.2));
    return nasolabial + philtrum + knit;
}

float neck(vec3 torso)
{
    float d = capsule(torso, vec3(0.0, -0.70, -0.14), vec3(0.0, -1.95, -0.34), 0.415, 0.50);
    vec3 q = vec3(abs(torso.x), torso.yz);
    d = smin(d, capsule(q, vec3(0.36, -0.75, -0.12), vec3(0.07, -1.78, 0.15), 0.07, 0.06), 0.12);  // sternomastoid
    return d;
}

float head_skin(vec3 head)
{
    vec3 p = crooked(head);
    vec3 side = vec3(abs(p.x), p.yz), q = undo_jaw(side);
    float d = smin(skull(q) - modelling(q), nose(q), 0.075) + folds(q);
    d = lids(side, d);
    MouthShape m = mouth_shape(p.x);
    d = smax(d, -mouth_cavity(p, m), 0.035);
    d = smin(d, lips(p, m), 0.045);
    // The corner sinks in where the muscles meet.
    vec2 corner = (side.xy - vec2(mouth_half_width() * 1.06, MOUTH_Y - 0.012 + 0.062 * face_smile)) / vec2(0.06, 0.08);
    return d + 0.0045 * square(max(1.0 - dot(corner, corner), 0.0)) * ramp(0.4, 0.6, p.z);
}

float hairline(float ax) { return 0.625 - 0.06 * ax - 2.05 * ax * ax * ax; }

// Constant along a strand: parallel to the hairline on top, downwards beside the face.
float hair_flow(vec3 p)
{
    float ax = abs(p.x);
    float top = p.y - hairline(ax) + 0.08 * ax, side = 0.9 * p.z - 0.6 * ax + 0.10 * p.y * p.y;
    return mix(side, top, ramp(-0.05, 0.35, p.y));
}

float hair(vec3 p)
{
    float ax = abs(p.x);
    float d = ellipsoid(p, vec3(0.0, 0.25, -0.09), vec3(0.722, 0.895, 0.945));
    d -= 0.060 * bump(vec3(ax, p.yz), vec3(0.58, 0.18, 0.35), vec3(0.35, 0.6, 0.5));
    float back = p.y - hairline(ax);  // how far behind the hairline
    d = smax(d, -0.45 * back, 0.06);
    d += 0.006 * exp(-3000.0 * p.x * p.x);  // parting
    // Looped down over the ears, as it was worn in the forties.
    d = smin(d, ellipsoid(vec3(ax, p.yz), vec3(0.575, -0.02, 0.06), vec3(0.135, 0.40, 0.32)), 0.10);
    float flow = hair_flow(p), strands = 0.5 * sin(75.0 * flow) + sin(31.0 * flow + 2.0 * ax);
    return d + 0.0045 * strands * max(saturate(14.0 * back), ramp(0.15, 0.0, p.y));
}

// The part as the renderer knows it: distance and material.
vec2 head_part(vec3 world)
{
    vec3 h = to_head(world);
    vec2 best = vec2(smin(head_skin(h) * 0.85, neck(to_torso(world)), 0.10), SKIN);
    nearer(best, eye_ball(h), EYE);
    nearer(best, teeth(h), TEETH);
    nearer(best, tongue(h), TONGUE);
    nearer(best, hair(h) * 0.9, HAIR);
    return best;
}
