// Cape, kerchief, dress, brooch and the bow of the bonnet's ribbon. Torso space.

float torso(vec3 t)
{
    vec3 q = vec3(abs(t.x), t.yz);
    float d = ellipsoid(q, vec3(0.0, -2.75, -0.32), vec3(1.45, 1.05, 0.72));
    d = smin(d, capsule(q, vec3(0.0, -1.98, -0.38), vec3(1.02, -2.30, -0.36), 0.34, 0.36), 0.40);
    d = smin(d, ellipsoid(q, vec3(0.0, -1.72, -0.38), vec3(0.60, 0.48, 0.40)), 0.40);
    d = smin(d, ellipsoid(q, vec3(0.0, -2.75, 0.0), vec3(0.92, 0.95, 0.62 + 0.02 * pose_breath)), 0.3);
    return smin(d, ellipsoid(q, vec3(0.0, -3.9, -0.25), vec3(1.62, 1.7, 0.85)), 0.5);
}

// Heavy cloth hangs in pipes: round ridges, sharp valleys, fanning out from the neck.
float pipe_fold(float phase)
{
    float s = abs(sin(phase));
    return 1.0 - 2.0 * pow(1.0 - s, 1.7);
}
float cape_angle(vec3 t) { return atan(t.x, max(t.z + 0.62, 0.08)); }

float cape_folds(vec3 t, float w)
{
    float a = cape_angle(t), down = ramp(-1.62, -3.0, t.y);
    float bend = 0.9 * w + 0.16 * (t.y + 2.0);
    float big = pipe_fold(a * 3.1 + bend + 0.35);
    float small = pipe_fold(a * 7.4 - 1.7 * w + 0.5 * bend + 1.0);
    return (0.055 + 0.110 * down) * big + (0.016 + 0.030 * down) * small;
}

float cape(vec3 t, float base)
{
    float ax = abs(t.x), w = fbm(vec3(t.x * 0.9, t.y * 0.45, t.z * 0.9 + 3.0)) - 0.45;
    float fold = cape_folds(t, w);
    float skirt = base - 0.085 - fold;
    float opening = 0.25 + 0.10 * (-1.75 - t.y) + 0.035 * sin(4.0 * t.y + sign(t.x)) - ax;
    skirt = smax(skirt, 0.9 * min(opening, t.z + 0.1), 0.05);
    // The shoulder cape over it, with its own lighter folds and a rolled hem.
    float hem = -2.36 + 0.14 * ax + 0.030 * sin(cape_angle(t) * 6.2 + 4.0 * w);
    float over = base - 0.150 - 0.75 * fold - 0.020 * ridge(t.y - hem - 0.03, 0.05);
    float over_opening = 0.30 + 0.28 * (-1.60 - t.y) - ax;
    over = smax(over, max(0.9 * (hem - t.y), 0.9 * min(over_opening, t.z + 0.05)), 0.04);
    // Standing collar, turned down.
    float r = length(vec2(t.x, t.z + 0.28));
    float stand = 0.50 + 0.12 * saturate(2.0 * (t.y + 1.75)) + 0.015 * sin(cape_angle(t) * 5.0);
    float collar = max(abs(r - stand) * 0.8 - 0.032, abs(t.y + 1.58 + 0.10 * saturate(2.0 * t.z)) - 0.20);
    collar = smax(collar, 0.9 * min(0.32 - ax, t.z), 0.05);
    return min(skirt, smin(over, collar, 0.10)) * 0.62;
}

// White kerchief crossed over the chest; its pleats run to the brooch.
float kerchief(vec3 t, float base)
{
    float ax = abs(t.x), soft = noise(t * 2.5);
    float phase = (ax + 0.42 * (t.y + 1.7)) * 15.0 + 2.5 * soft;
    float pleat = (abs(sin(phase)) - 0.5) * 0.045 + 0.008 * sin(2.3 * phase + 1.0);
    float d = base - 0.030 + pleat;
    float round_neck = capsule(t, vec3(0.0, -1.20, -0.20), vec3(0.0, -1.95, -0.32), 0.475, 0.54) + 0.15 * pleat;
    round_neck = max(round_neck, t.y + 1.34 - 0.10 * t.z + 1.1 * max(ax - 0.24, 0.0));  // open at the sides
    return smax(smin(d, round_neck, 0.12), max(ax - 0.55, -t.z - 0.25), 0.05) * 0.8;
}

const vec3 BROOCH_CENTRE = vec3(0.0, -2.04, 0.60);
const vec3 BROOCH_RADII = vec3(0.135, 0.145, 0.055);

// A little ammonite: (ridge of the spiral, ribs), both -1..1; xy in radii from the centre.
vec2 ammonite(vec2 xy, float turns, float ribs)
{
    float r = length(xy), angle = atan(xy.y, xy.x);
    float spiral = log(r + 0.02) * turns + angle;
    return vec2(cos(spiral), sin(angle * ribs + log(r + 0.05) * 5.0));
}
float brooch(vec3 t)
{
    vec2 xy = (t.xy - BROOCH_CENTRE.xy) / BROOCH_RADII.xy;
    float r = length(xy);
    vec2 shell = ammonite(xy, 4.2, 22.0);
    float relief = (0.012 * shell.x + 0.004 * shell.y) * saturate(3.0 * r) * saturate(6.0 * (1.05 - r));
    return (ellipsoid(t, BROOCH_CENTRE, BROOCH_RADII) - relief) * 0.7;
}

// One loop of the bow: a strip of ribbon on edge, following a drop from the knot and back.
float bow_loop(vec3 p, float side)
{
    vec2 drop = p.xz - vec2(0.175, 0.015);
    drop.x += 0.03 * drop.y;
    float wide = 0.072 * ramp(-0.20, 0.05, drop.x) * sqrt(saturate((0.165 - drop.x) / 0.16));
    float gather = 0.010 * sin(p.y * 70.0 / (0.4 + 6.0 * p.x) + side * 2.0) * ramp(0.30, 0.02, p.x);
    float shell = abs(length(vec2(max(abs(drop.x + 0.015) - 0.13, 0.0) , abs(drop.y) - wide + gather))) - 0.010;
    float half_ = 0.030 + 0.085 * ramp(0.0, 0.22, p.x);
    float ends = abs(p.y + 0.25 * square(p.x) - 0.012 * sin(20.0 * p.x)) - half_;
    return smax(shell, ends, 0.012);
}
float bow(vec3 torso_)
{
    vec3 p = torso_ - vec3(0.03, -1.42, 0.53);
    float side = p.x > 0.0 ? 1.0 : -1.0;
    vec3 l = vec3(abs(p.x), p.yz);
    const float droop = 0.30;  // radians; one side hangs lower than the other
    float a = droop + 0.10 * side;
    l.xy = mat2(cos(a), sin(a), -sin(a), cos(a)) * l.xy;
    float d = bow_loop(l, side);
    vec3 k = p; k.y += 0.010 * sin(p.x * 60.0);
    float knot = ellipsoid(k, vec3(0.0, -0.005, 0.045), vec3(0.058, 0.075, 0.062)) + 0.005 * sin(p.x * 95.0);
    d = smin(d, knot, 0.015);
    // Tails: two strips with forked ends, rippling.
    float length_ = 0.50 + 0.07 * side, down = -p.y;
    float centre = 0.03 + 0.30 * down * (1.0 + 0.12 * side) + 0.015 * sin(down * 13.0 + side);
    float x = abs(p.x) - centre;
    float half_ = 0.030 + 0.052 * ramp(0.02, 0.20, down);
    float z = p.z - 0.045 - 0.10 * down - 0.016 * sin(down * 15.0 + side * 1.4 + 14.0 * x) - 0.010 * sin(x * 75.0) * ramp(0.30, 0.02, down);
    float fork = down - length_ + 0.8 * abs(x);
    float tail = max(max(abs(x) - half_, abs(z) - 0.009), max(fork, -down)) ;
    return min(d, tail) * 0.62;
}

vec2 dress_part(vec3 world)
{
    vec3 t = to_torso(world);
    float base = torso(t);
    vec2 best = vec2(cape(t, base), CAPE);
    nearer(best, kerchief(t, base), LINEN);
    nearer(best, bow(t), BOW);
    nearer(best, brooch(t), BROOCH);
    return best;
}
