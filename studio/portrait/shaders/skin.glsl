// Skin of a woman of forty-five who works outdoors: colour, freckles, creases, brows, lashes, lips.

struct Surface {
    vec3 colour;      // linear
    float rough;      // 0 mirror .. 1 matt
    float specular;   // reflectance at right angles
};

const vec3 SKIN_BASE = vec3(0.452, 0.266, 0.190), SKIN_RED = vec3(0.47, 0.135, 0.095);
const vec3 SKIN_PALE = vec3(0.55, 0.345, 0.240), SKIN_SHADE = vec3(0.36, 0.195, 0.145);
const vec3 SKIN_TAN = vec3(0.39, 0.200, 0.120), SKIN_SALLOW = vec3(0.46, 0.315, 0.205);
const vec3 FRECKLE = vec3(0.27, 0.125, 0.070), CREASE_COLOUR = vec3(0.24, 0.095, 0.060);
const vec3 HAIR_DARK = vec3(0.030, 0.0155, 0.0085), LASH = vec3(0.030, 0.016, 0.010);
const vec3 UPPER_LIP = vec3(0.268, 0.078, 0.066), LOWER_LIP = vec3(0.335, 0.108, 0.090);
const vec3 CAVITY = vec3(0.085, 0.020, 0.016);

// Noise lies on a lattice; turned against the face, its rows cannot be seen as stripes.
const mat3 ASKEW = mat3(0.36, 0.48, -0.80, -0.80, 0.60, 0.00, 0.48, 0.64, 0.60);
vec3 askew(vec3 p) { return ASKEW * p; }

float hairbreadth(float off, float width) { return exp(-square(off / width)); }

// Crow's feet fan out from behind the outer corner of the eye, deeper in a smile.
float crows_feet(vec2 q)
{
    vec2 from = q - vec2(0.435, -0.005);
    float r = length(from), a = atan(from.y, max(from.x, 1e-3));
    float fade = ramp(0.012, 0.05, r) * ramp(0.19, 0.08, r) * step(0.0, from.x);
    float bent = a + 1.6 * r * sign(a);
    float fan = 0.8 * hairbreadth(bent - 0.55, 0.075) + hairbreadth(bent - 0.02, 0.085) + 0.9 * hairbreadth(bent + 0.55, 0.10);
    return fan * fade * (0.20 + 0.45 * face_smile + 0.5 * face_squint);
}

float forehead_lines(vec3 p)
{
    float x = p.x, deep = 0.50 + 1.1 * max(face_brow, 0.0), sum = 0.0;
    for (int i = 0; i < 3; i++) {
        float f = float(i);
        float y = 0.315 + 0.082 * f + 0.030 * cos(4.4 * x + 0.5 * f) + 0.008 * sin(19.0 * x + 2.3 * f);
        float broken = ramp(0.25, 0.6, noise(vec2(6.0 * x + 7.0 * f, f)));
        sum += hairbreadth(p.y - y, 0.0085) * ramp(0.40, 0.22, abs(x - 0.03 * f)) * (0.35 + 0.65 * broken);
    }
    return sum * deep;
}

float frown_lines(vec3 p)
{
    float ax = abs(p.x);
    float line = hairbreadth(ax - 0.046 - 0.10 * square(p.y - 0.16), 0.0085) * ramp(0.09, 0.14, p.y) * ramp(0.30, 0.20, p.y);
    return line * (0.30 * (p.x > 0.0 ? 1.0 : 0.65) + 0.9 * face_knit);
}

float under_eye(vec2 q)
{
    float s = (q.x - 0.29) / 0.16, om = 1.0 - s * s;
    if (om <= 0.0) return 0.0;
    float first = hairbreadth(q.y + 0.082 * sqrt(om) + 0.012 * s, 0.0075);
    float second = hairbreadth(q.y + 0.118 * sqrt(om) - 0.015 * s, 0.012);
    return (0.58 * first + 0.50 * second * ramp(0.4, -0.6, s)) * sqrt(om) * (1.0 + 0.5 * face_smile + 0.5 * face_squint);
}

float beside_mouth(vec2 q)
{
    // Same course as folds() in head.glsl, as a line.
    float t = saturate((-0.44 - q.y) / 0.36);
    float x = nasolabial_x(t);
    float nasolabial = hairbreadth(q.x - x, 0.015 + 0.012 * t) * ramp(0.0, 0.15, t) * ramp(0.85, 0.45, t);
    float w = mouth_half_width();
    float m = saturate((MOUTH_Y - 0.03 - q.y) / 0.20);
    float marionette = hairbreadth(q.x - (w + 0.012 + 0.03 * m), 0.012) * ramp(0.0, 0.2, m) * ramp(1.0, 0.4, m);
    return nasolabial * (0.30 + 0.34 * face_smile) + 0.24 * marionette;
}

// Short lines running into the upper lip, and the fine net of weathered skin.
float lip_lines(vec3 p, MouthShape m)
{
    float above = p.y - m.upper - 2.0 * m.upper_half;
    float line = ramp(0.55, 0.85, noise(vec2(p.x * 46.0 + 3.0, 1.0)));
    return 0.28 * line * ramp(-0.01, 0.015, above) * ramp(0.085, 0.03, above) * ramp(1.0, 0.7, abs(m.u));
}

// All creases, 0..1: how deep, and so how dark.
float creases(vec3 p, MouthShape m)
{
    vec2 q = vec2(abs(p.x), p.y);
    float front = ramp(0.15, 0.4, p.z);
    float sum = crows_feet(q) + forehead_lines(p) + frown_lines(p) + under_eye(q) + beside_mouth(q) + lip_lines(p, m);
    return saturate(sum * front);
}

// Heights in head units for the bump normal: creases, pores, the texture of cheeks.
float skin_relief(vec3 p, MouthShape m)
{
    float pores = noise(askew(p) * 70.0) * 0.0010 + noise(askew(p) * 34.0) * 0.0016;
    float on_lip = ramp(2.2, 1.6, max((p.y - m.upper) / m.upper_half, (m.lower - p.y) / m.lower_half)) * step(abs(m.u), 1.0);
    return pores - 0.0070 * creases(p, m) - 0.0018 * on_lip * ramp(0.35, 0.8, noise(vec3(p.x * 62.0, p.y * 7.0, 3.0 * p.z)));
}

// Round spots, at most one in each cell of a grid; `share` of the cells have one.
float spots(vec3 p, float cells, float share)
{
    vec3 q = p * cells;
    ivec3 cell = ivec3(floor(q));
    float sum = 0.0;
    for (int i = 0; i < 8; i++) {
        ivec3 c = cell + ivec3(i & 1, (i >> 1) & 1, i >> 2) - ivec3(lessThan(fract(q), vec3(0.5)));
        vec3 at = vec3(c) + 0.25 + 0.5 * vec3(lattice(c), lattice(c + 101), lattice(c + 203));
        float has = step(1.0 - share, lattice(c + 307)), size = 0.16 + 0.26 * lattice(c + 409);
        sum += has * ramp(size, 0.35 * size, length(q - at)) * (0.5 + 0.5 * lattice(c + 511));
    }
    return min(sum, 1.0);
}

// Freckles: spots of several sizes, thickest over nose and cheekbones.
float freckles(vec3 p)
{
    float where = bump(vec2(abs(p.x), p.y), vec2(0.20, -0.21), vec2(0.48, 0.27))
                + 0.45 * bump(vec2(p.x, p.y), vec2(0.0, 0.30), vec2(0.55, 0.40));
    return saturate(where * 1.5) * saturate(spots(p, 30.0, 0.55) + 0.7 * spots(p + 3.7, 17.0, 0.35));
}

// Brow: single hairs leaning outwards, thin at both ends, some missing.
float brow_hairs(vec3 p)
{
    float ax = abs(p.x), along = (ax - 0.115) / 0.385, side = p.x > 0.0 ? 3.0 : 11.0;
    float centre = 0.176 + 0.030 * face_brow + 0.105 * along - 0.105 * along * along * along
                 - 0.025 * face_knit * saturate(1.0 - 2.2 * along);
    float thick = (0.037 - 0.022 * saturate(along)) * ramp(-0.10, 0.16, along);
    float off = p.y - centre;
    float lean = mix(0.10, 1.3, saturate(along * 1.4));  // upright at the nose, lying further out
    float across = ax - off * lean - 0.25 * off;
    float hair_ = noise(vec2(across * (150.0 - 40.0 * along) + side, off * 9.0)) * 0.62
                + noise(vec2(across * 310.0, off * 14.0 + side)) * 0.38;
    float body = saturate(1.25 - square(off / (thick + 1e-3))) * ramp(-0.04, 0.06, along) * ramp(1.06, 0.80, along);
    return saturate(0.62 * body * ramp(0.20, 0.75, hair_) + body * 0.50) * ramp(0.3, 0.5, p.z);
}

vec3 complexion(vec3 q, vec3 p)
{
    vec3 c = SKIN_BASE;
    float cheek = 0.27 * bump(q, vec3(0.40, -0.30, 0.55), vec3(0.34, 0.28, 0.5)) + 0.20 * bump(q, vec3(0.36, -0.22, 0.6), vec3(0.52, 0.34, 0.6));
    float veins = 0.55 + 0.9 * fbm(askew(p) * 9.0);  // weather, not rouge
    c = mix(c, SKIN_RED, saturate(cheek * veins));
    c = mix(c, SKIN_RED, 0.20 * bump(p, vec3(0.0, -0.37, 0.98), vec3(0.17, 0.15, 0.25)) * veins);
    c = mix(c, SKIN_PALE, 0.45 * bump(p, vec3(0.0, 0.45, 0.75), vec3(0.6, 0.40, 0.5)));
    c = mix(c, SKIN_TAN, 0.40 * bump(p, vec3(0.0, -0.05, 0.85), vec3(0.20, 0.40, 0.4)));
    c = mix(c, SKIN_RED, 0.22 * bump(p, vec3(0.0, -1.03, 0.7), vec3(0.25, 0.20, 0.3)));
    c = mix(c, SKIN_SHADE, 0.62 * bump(q.xy, vec2(0.245, -0.115), vec2(0.20, 0.085)));
    c = mix(c, SKIN_SHADE, 0.45 * bump(q.xy, vec2(0.29, 0.080), vec2(0.24, 0.11)));
    c = mix(c, SKIN_SHADE, 0.50 * bump(q.xy, vec2(0.13, 0.02), vec2(0.09, 0.14)));
    c = mix(c, SKIN_SALLOW, 0.55 * bump(q.xy, vec2(0.26, -0.90), vec2(0.5, 0.38)));
    c = mix(c, SKIN_SALLOW, 0.40 * bump(q.xy, vec2(0.0, -0.60), vec2(0.22, 0.12)));
    c *= 0.86 + 0.28 * fbm(askew(p) * 5.0);
    c = mix(c, SKIN_RED, 0.32 * saturate(noise(askew(p) * 11.0 + vec3(7.0, 3.0, 1.0)) - 0.5));
    return mix(c, FRECKLE, 0.62 * freckles(p));
}

vec3 paint_lids(vec3 c, vec3 q)
{
    EyeOpening e = eye_opening(q.x);
    float y = q.y - EYE_CENTRE.y, s = e.x / EYE_HALF_WIDTH;
    float inside = saturate(1.25 - 1.1 * s * s) * ramp(0.45, 0.6, q.z);
    float lid = saturate(60.0 * (y - e.upper) + 0.5) * saturate(40.0 * (0.075 - (y - e.upper))) * inside;
    float fine = 0.85 + 0.3 * noise(vec2(q.x * 30.0, y * 120.0));  // crepe skin
    c = mix(c, SKIN_SHADE * 1.05 * fine, lid * (0.32 + 0.25 * face_blink));
    float crease = 0.014 * e.s + 0.058 * (1.0 - e.s * e.s) + CREASE_Y + 0.012 * face_brow - 0.012 * face_blink;
    c = mix(c, CREASE_COLOUR, 0.5 * hairbreadth(y - crease, 0.008) * inside * (1.0 - 0.35 * face_blink));
    float up = (y - e.upper) / 0.020;
    float ragged = 0.7 + 0.6 * noise(vec2(q.x * 120.0, 2.0));
    float lashes = saturate(1.0 - abs(up - 0.15)) * inside * ramp(-0.98, -0.35, s) * ragged;
    c = mix(c, LASH, 0.92 * saturate(1.3 * lashes));
    float closed = saturate(1.0 - abs((y - e.upper + 0.004) / 0.012)) * inside * face_blink * ragged;
    c = mix(c, LASH, 0.9 * saturate(1.5 * closed));
    float hanging = ramp(0.65, 0.85, noise(vec2((q.x + 0.5 * (y - e.upper)) * 75.0, 5.0)))
                  * ramp(0.0, -0.006, y - e.upper) * ramp(-0.034, -0.010, y - e.upper) * inside * face_blink;
    c = mix(c, LASH, 0.65 * hanging);
    float low = saturate(1.0 - abs((e.lower - y) / 0.012 - 0.3)) * inside;
    c = mix(c, vec3(0.30, 0.13, 0.10), 0.55 * low);
    float corner = bump(vec2(q.x, y), vec2(EYE_CENTRE.x - 0.150, -0.012), vec2(0.040, 0.030));
    return mix(c, vec3(0.50, 0.19, 0.15), 0.75 * corner);
}

// Lip colour with its vertical creases; returns how much of this point is lip.
float paint_lips(inout vec3 c, vec3 p, MouthShape m)
{
    float up = p.y - m.upper, down = m.lower - p.y;
    float on_upper = saturate((1.92 * m.upper_half - up) / 0.013) * saturate(80.0 * (up + 0.03));
    float on_lower = saturate((1.78 * m.lower_half - down) / 0.024) * saturate(80.0 * (down + 0.03));
    float across = saturate(14.0 * (1.03 - abs(m.u))) * ramp(0.5, 0.6, p.z);
    bool upper = p.y > 0.5 * (m.upper + m.lower);
    float lip_ = (upper ? on_upper : on_lower) * across;
    float lines = ramp(0.35, 0.8, noise(vec3(p.x * 62.0, p.y * 7.0, 3.0 * p.z)));
    vec3 colour = (upper ? UPPER_LIP : LOWER_LIP) * (0.78 + 0.34 * lines);
    c = mix(c, colour, 0.74 * lip_);
    float seam = saturate(1.0 - min(abs(up), abs(down)) / 0.010) * across * (0.35 + 0.65 * ramp(1.0, 0.75, abs(m.u)));
    c = mix(c, vec3(0.15, 0.035, 0.03), 0.78 * seam);
    return lip_;
}

// The wet dark behind the lips.
float in_mouth(vec3 p, MouthShape m)
{
    float behind = saturate((min(m.upper_z, m.lower_z) - 0.065 - p.z) / 0.03);
    float open = saturate(40.0 * min(m.upper - p.y, p.y - m.lower) + 1.2) * saturate(14.0 * (1.03 - abs(m.u)));
    return behind * open * ramp(0.0, 0.2, p.z)
         * min(1.0, 10.0 * (mouth_jaw + mouth_upper + mouth_tuck + mouth_round));
}

Surface skin(vec3 head)
{
    vec3 p = crooked(head), q = vec3(abs(p.x), p.yz);
    MouthShape m = mouth_shape(p.x);
    vec3 c = complexion(q, p);
    c = mix(c, CREASE_COLOUR, 0.42 * creases(p, m));
    float nostril = bump(q, vec3(0.056, -0.462, 0.905), vec3(0.030, 0.024, 0.050));
    c = mix(c, vec3(0.125, 0.052, 0.036), 0.85 * saturate(1.8 * nostril));
    float alar = hairbreadth(length((q.xy - vec2(0.098, -0.405)) / vec2(1.0, 0.95)) - 0.066, 0.011)
               * ramp(0.105, 0.135, q.x) * ramp(0.7, 0.78, q.z) * ramp(-0.455, -0.42, q.y);
    c = mix(c, CREASE_COLOUR, 0.42 * alar);
    float roots = hairline(q.x) - p.y;
    c = mix(c, vec3(0.075, 0.042, 0.026), ramp(0.0, -0.02, roots));   // scalp in the parting
    float fuzz = noise(vec3(q.x * 70.0, p.y * 8.0, p.z * 8.0));
    c = mix(c, vec3(0.17, 0.095, 0.05), 0.75 * saturate(1.0 - (roots + 0.045) / 0.05 - 0.6 * fuzz) * ramp(0.0, 0.2, p.z));
    c = mix(c, vec3(0.20, 0.115, 0.065), 0.55 * ramp(0.07, 0.0, roots + 0.03 * fuzz) * ramp(0.0, 0.2, p.z));
    c = mix(c, HAIR_DARK * 1.6, 0.86 * brow_hairs(p));
    c = paint_lids(c, q);
    float lip_ = paint_lips(c, p, m), inside = in_mouth(p, m);
    c = mix(c, CAVITY * ramp(0.20, 0.75, p.z), 0.98 * inside);
    float wet = lip_ * (1.0 - inside);
    return Surface(c, mix(0.52, 0.44, wet), mix(0.016, 0.015, wet) * (1.0 - 0.7 * inside));
}
